/** `deno task conformance`: writes docs/conformance.md. */
import { conformancePage, readTranscripts } from "./page.ts";

await Deno.mkdir(new URL("../../docs/", import.meta.url), { recursive: true });
const page = new URL("../../docs/conformance.md", import.meta.url);
await Deno.writeTextFile(page, conformancePage(readTranscripts()));
