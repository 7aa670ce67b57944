import { assertEquals } from "@std/assert";
import { formatTable } from "../../lib/cli/table.ts";
import { pureTest } from "../support/test.ts";

const plain = (text: string) => text;

pureTest("columns are as wide as their widest cell, and no line ends in spaces", async () => {
  const rows = [[{ text: "alice" }, { text: "3m" }, { text: "" }], [{ text: "bo" }, { text: "1h 20m" }, {
    text: "away",
  }]];
  assertEquals(
    await formatTable(["NAME", "IDLE", ""], rows, plain),
    "NAME   IDLE\nalice  3m\nbo     1h 20m  away\n",
  );
});

pureTest("columns align under wide, combining and joined characters; paint takes no column", async () => {
  const names = ["日本", "e\u0301a", "👨‍👩‍👧", "🇩🇪b", "한글 x"];
  const rows = names.map((text, row) => [{ text }, { text: String(row) }]);
  const painted = [{ text: "ab", paint: (text: string) => `<${text}>` }, { text: "z" }];
  assertEquals(
    (await formatTable(["A", "B"], [...rows, painted], plain)).split("\n"),
    ["A       B", "日本    0", "e\u0301a      1", "👨‍👩‍👧      2", "🇩🇪b     3", "한글 x  4", "<ab>      z", ""],
  );
});
