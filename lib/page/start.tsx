/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Starts the page in its document. */
import { render } from "preact";
import { App } from "./state/app.ts";
import { parseAddition } from "./connection/key_link.ts";
import { AppView } from "./ui/app_view.tsx";
import { loadSecondPart, setLoader } from "./ui/on_demand/loading.ts";
import type { SecondPart } from "./ui/on_demand/loading.ts";

/** `load`: loads the second part. */
export function startPage(load: () => Promise<SecondPart>): void {
  setLoader(load);
  const place = document.getElementById("page")!;
  place.replaceChildren();
  const app = new App(location, loadSecondPart);
  render(<AppView app={app} />, place);
  void app.start();
  // A link with a code that is opened where the page is open already.
  addEventListener("hashchange", () => {
    if (parseAddition(location.hash) !== undefined) location.reload();
  });
}
