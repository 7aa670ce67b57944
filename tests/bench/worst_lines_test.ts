import { assertEquals } from "@std/assert";
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import { ROWS } from "./worst_lines.ts";

Deno.test({
  name: "worst lines: every verb has one, and none is of a verb that there is not",
  permissions: "none",
  fn() {
    const measured = new Set(ROWS.map(({ verb }) => verb));
    assertEquals([...VERBS.keys()].filter((verb) => !measured.has(verb)), []);
    assertEquals([...measured].filter((verb) => !VERBS.has(verb)), []);
  },
});

Deno.test({
  name: "worst lines: no two have one name",
  permissions: "none",
  fn() {
    const names = ROWS.map(({ verb, what }) => `${verb} ${what}`);
    assertEquals(names.filter((name, at) => names.indexOf(name) !== at), []);
  },
});
