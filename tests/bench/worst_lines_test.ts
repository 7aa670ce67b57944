import { assertEquals } from "@std/assert";
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import { pureTest } from "../support/test.ts";
import { ROWS } from "./worst_lines.ts";

pureTest("worst lines: every verb has one, and none is of a verb that there is not", () => {
  const measured = new Set(ROWS.map(({ verb }) => verb));
  assertEquals([...VERBS.keys()].filter((verb) => !measured.has(verb)), []);
  assertEquals([...measured].filter((verb) => !VERBS.has(verb)), []);
});

pureTest("worst lines: no two have one name", () => {
  const names = ROWS.map(({ verb, what }) => `${verb} ${what}`);
  assertEquals(names.filter((name, at) => names.indexOf(name) !== at), []);
});
