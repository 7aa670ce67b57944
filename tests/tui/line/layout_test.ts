import { assertEquals } from "@std/assert";
import { countColumns } from "../../../lib/base/text_width.ts";
import { computeLayout, moveByRow } from "../../../lib/tui/terminal/line/layout.ts";
import { forAll } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";

const lay = (text: string, cursor: number, columns = 12, prompt = "> ") =>
  computeLayout(prompt, { text, cursor }, columns);

pureTest("layout: rows are wrapped at words and indented; the last column is the cursor's", () => {
  assertEquals(lay("abc", 3), { rows: ["> abc"], row: 0, lead: "> abc" });
  assertEquals(lay("hello worlds", 12), { rows: ["> hello ", "  worlds"], row: 1, lead: "  worlds" });
  assertEquals(lay("hello worlds", 6), { rows: ["> hello ", "  worlds"], row: 1, lead: "  " });
  assertEquals(lay("abcdefghi", 9), { rows: ["> abcdefghi"], row: 0, lead: "> abcdefghi" });
  assertEquals(lay("abcdefghij", 10), { rows: ["> abcdefghi", "  j"], row: 1, lead: "  j" });
  assertEquals(lay("日本語日本語", 6), { rows: ["> 日本語日", "  本語"], row: 1, lead: "  本語" });
});

pureTest("layout: a space at a wrap is not seen, and the cursor behind it is in the next row", () => {
  assertEquals(lay("abcdefghi ", 10), { rows: ["> abcdefghi", "  "], row: 1, lead: "  " });
  assertEquals(lay("abcdefghi j", 9), { rows: ["> abcdefghi", "  j"], row: 0, lead: "> abcdefghi" });
});

pureTest("layout: each line of the text begins a row", () => {
  assertEquals(lay("a\nbc", 2), { rows: ["> a", "  bc"], row: 1, lead: "  " });
  assertEquals(lay("a\n", 2), { rows: ["> a", "  "], row: 1, lead: "  " });
  assertEquals(lay("\n\n", 1), { rows: ["> ", "  ", "  "], row: 1, lead: "  " });
});

pureTest("layout: a long prompt is wrapped at its words, and does not indent the rest far", () => {
  const prompt = "#tea [reconnecting (4 s)]> ";
  assertEquals(lay("abc def", 7, 21, prompt), {
    rows: ["#tea [reconnecting ", "(4 s)]> abc def"],
    row: 1,
    lead: "(4 s)]> abc def",
  });
  assertEquals(lay("abc def ghi", 0, 30, prompt).rows, ["#tea [reconnecting (4 s)]> ", "  abc def ghi"]);
});

pureTest("layout: up and down keep to the column, as far as the rows have it", () => {
  const text = "abcdef\ngh\nijklmn";
  const up = (cursor: number, goal?: number) => moveByRow("> ", { text, cursor }, 30, -1, goal);
  assertEquals(up(15), { cursor: 9, goal: 7 });
  assertEquals(up(9, 7), { cursor: 5, goal: 7 });
  assertEquals(up(3), undefined);
  assertEquals(moveByRow("> ", { text, cursor: 3 }, 30, 1), { cursor: 9, goal: 5 });
  assertEquals(moveByRow("> ", { text, cursor: 12 }, 30, 1), undefined);
});

pureTest("layout: whatever the text, all of it is there once, in rows that do not fill the width", () => {
  forAll(500, (random) => {
    const text = random.text("ab  \n日本é👍", 0, 60);
    const columns = 8 + random.below(30);
    const { rows } = lay(text, 0, columns);
    assertEquals(rows.join("").replace(/\s/g, ""), ("> " + text).replace(/\s/g, ""));
    for (const row of rows) assertEquals(countColumns(row) < columns, true, row);
    for (let cursor = 0; cursor <= text.length; cursor++) {
      const { row, lead } = lay(text, cursor, columns);
      assertEquals(rows[row]?.startsWith(lead), true);
    }
  });
});
