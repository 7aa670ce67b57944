/** README.md's table of keys has keys that `join` knows, and all that it knows with Ctrl. */
import { assertEquals } from "@std/assert";
import { KeyDecoder } from "../../lib/tui/terminal/keys.ts";
import { firstCells, read } from "./pages.ts";

/** Ctrl with these letters is a key of its own on every terminal: Ctrl-H is backspace, Ctrl-I Tab, Ctrl-M Enter. */
const OTHER_KEYS = new Set(["H", "I", "M"]);
/** The arrow keys do the same; the table names those. */
const ARROWS = new Set(["B", "F"]);

Deno.test({
  name: "README: its keys are those of join",
  permissions: { read: true },
  fn() {
    const table = firstCells(read("README.md"), "key").join("\n");
    const named = new Set(Array.from(table.matchAll(/Ctrl-([A-Z])\b/g), ([, letter = ""]) => letter));
    const known = Array.from({ length: 26 }, (_, index) => String.fromCharCode(0x41 + index)).filter(
      (letter) => {
        const control = Uint8Array.of(letter.charCodeAt(0) - 0x40);
        return new KeyDecoder().push(control).length > 0 && !OTHER_KEYS.has(letter) && !ARROWS.has(letter);
      },
    );
    assertEquals([...named].sort(), known);
  },
});
