import { assertEquals } from "@std/assert";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { pureTest } from "../support/test.ts";

pureTest("a line of JSON keeps every character, and none of them can act on a terminal", () => {
  const value = { text: "ali\u200dce \u{e0061} \ufe0f a\x1b[31m\x9b\u202e\u2028\x7f\ufeff ü 🌍 \n" };
  const line = formatJsonLine(value);
  assertEquals(JSON.parse(line), value);
  const acts = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200d\ufe0f\u202e\u2028\ufeff]|\udb40/;
  assertEquals(acts.test(line), false);
  assertEquals(line.indexOf("\n"), line.length - 1);
  assertEquals(line.includes("ü 🌍"), true);
});
