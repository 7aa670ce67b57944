import { assertEquals } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import { joinToLines } from "../../lib/hub/output/line_limits.ts";
import { sendWordList } from "../../lib/hub/fanout/replies.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

pureTest("wordLines: as much on each as fits, in bytes, and no word cut", () => {
  assertEquals(joinToLines([], " ", 5), []);
  assertEquals(joinToLines(["a"], " ", 5), ["a"]);
  assertEquals(joinToLines(["ab", "cd", "e"], " ", 5), ["ab cd", "e"]);
  assertEquals(joinToLines(["é", "é", "é"], ",", 5), ["é,é", "é"]);
  assertEquals(joinToLines(["longer", "b"], " ", 5), ["longer", "b"]);
});

pureTest("sayWords: every line fits, and nothing is lost", () => {
  const test = new TestHub();
  const alice = test.enter("alice");
  const words = Array.from({ length: 100 }, (_, nth) => `${"漢".repeat(7)}${nth}`);
  sendWordList(test.hub.context, alice, "732", [], words, ",");
  test.deliver();
  const lines = test.heard(alice);
  const lead = ":irc.test 732 alice :";
  assertEquals(lines.every((line) => line.startsWith(lead) && utf8Length(line) <= 510), true);
  assertEquals(lines.slice(0, -1).every((line) => utf8Length(line) > 480), true);
  assertEquals(lines.flatMap((line) => line.slice(lead.length).split(",")), words);
});
