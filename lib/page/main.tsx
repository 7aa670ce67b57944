/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page: what the browser runs first. */
import { render } from "preact";
import { App } from "./state/app.ts";
import { AppView } from "./ui/app_view.tsx";

const place = document.getElementById("page")!;
place.replaceChildren();
const app = new App(location);
render(<AppView app={app} />, place);
void app.start();
// A link with a code that is opened where the page is open already.
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#add=")) location.reload();
});
