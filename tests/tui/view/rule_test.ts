import { assertEquals } from "@std/assert";
import { countColumns } from "../../../lib/base/text_width.ts";
import { cutToColumns, renderRule } from "../../../lib/tui/view/rule.ts";
import { forAll } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";

function rule(label: string, right: string, columns: number): string {
  return renderRule(label, right, columns).map(({ text }) => text).join("");
}

pureTest("rule: a label at the left, words at the right, and dashes between", () => {
  assertEquals(rule("#ops · on call", "3 new", 40), "── #ops · on call ───────────── 3 new ──");
  assertEquals(rule("#ops", "", 20), "── #ops ────────────");
  assertEquals(rule("", "3 new", 20), "─────────── 3 new ──");
  assertEquals(rule("", "", 6), "──────");
});

pureTest("rule: what does not fit is cut, the words at the right go first", () => {
  assertEquals(
    rule("#ops · a long topic of a room", "3 new", 30),
    "── #ops · a long t… ─ 3 new ──",
  );
  assertEquals(rule("#ops", "3 new since yesterday", 20), "── #ops ────────────");
});

pureTest("rule: it is as wide as the terminal, whatever the words, and controls nothing", () => {
  forAll(300, (random) => {
    const columns = 10 + random.below(100);
    const shown = rule(random.text("ab日👍\x1b ", 0, 60), random.text("ab日\u202e", 0, 30), columns);
    assertEquals(countColumns(shown), columns);
    assertEquals(/[\p{Cc}\u202e]/u.test(shown), false);
  });
});

pureTest("rule: a text is cut at a grapheme", () => {
  assertEquals(cutToColumns("abc", 3), "abc");
  assertEquals(cutToColumns("日本語", 5), "日本…");
  assertEquals(cutToColumns("日本語", 4), "日…");
});
