import { assertEquals } from "@std/assert";
import { jsonLine } from "../../lib/cli/json_line.ts";

Deno.test({
  name: "a line of JSON keeps every character, and none of them can act on a terminal",
  permissions: "none",
  fn() {
    const value = { text: "a\x1b[31m\x9b\u202e\u2028\x7f\ufeff ü 🌍 \n" };
    const line = jsonLine(value);
    assertEquals(JSON.parse(line), value);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028\ufeff]/.test(line), false);
    assertEquals(line.indexOf("\n"), line.length - 1);
    assertEquals(line.includes("ü 🌍"), true);
  },
});
