/** Output by a template: members of a record, escapes, and what must not act on a terminal. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { OutputTemplate } from "../../lib/cli/output_template.ts";
import { pureTest } from "../support/test.ts";

function format(template: string, record: Record<string, unknown>): string {
  const parsed = OutputTemplate.parse(template, ["from", "text", "seq", "more"]);
  assert(parsed instanceof OutputTemplate, String(parsed));
  return parsed.format(record);
}

pureTest("template: members, spaces around a name, escapes, and braces that are none", () => {
  const record = { from: "bob", text: "hi", seq: 7, more: { a: 1 } };
  assertEquals(format("{{from}}: {{ text }}", record), "bob: hi\n");
  assertEquals(format("{{seq}}\\t{{more}}\\n\\\\n{x}", record), '7\t{"a":1}\n\\n{x}\n');
  assertEquals(format("<{{text}}{{seq}}>", { text: null }), "<>\n");
});

pureTest("template: a value is part of one line, and drives no terminal", () => {
  assertEquals(format("{{text}}", { text: "a\nb\tc\x1b[2J\u202e" }), "a\\nb\\tc␛[2J<U+202E>\n");
  assertEquals(format("{{text}}", { text: "{{from}}" }), "{{from}}\n");
});

pureTest("template: an unknown name, or none, is told with those that there are", () => {
  const names = ["from", "text"];
  assertEquals(OutputTemplate.parse("{{nick}}", names), "there is no {{nick}}; there are from, text");
  assertEquals(OutputTemplate.parse("hello", names), "it has no {{…}}; there are from, text");
  assertEquals(OutputTemplate.parse("{{}}", names), "there is no {{}}; there are from, text");
});
