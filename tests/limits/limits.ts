/** `deno task limits`: writes docs/limits.md. */
import { limitsPage } from "./page.ts";
import { SECTIONS } from "./table.ts";

await Deno.writeTextFile(new URL("../../docs/limits.md", import.meta.url), limitsPage(SECTIONS));
