/** `deno task diagrams`: draws each `.txt` below docs/ into the `.svg` beside it. */
import { drawDiagram } from "./diagram.ts";
import { filesBelow, read, ROOT } from "./pages.ts";

for (const path of filesBelow("docs/", ".txt")) {
  await Deno.writeTextFile(new URL(path.replace(/txt$/, "svg"), ROOT), drawDiagram(path, read(path)));
}
