import { assertEquals } from "@std/assert";
import { formatTable } from "../../lib/cli/table.ts";

const plain = (text: string) => text;

Deno.test({
  name: "columns are as wide as their widest cell, and no line ends in spaces",
  permissions: "none",
  fn() {
    const rows = [[{ text: "alice" }, { text: "3m" }, { text: "" }], [{ text: "bo" }, { text: "1h 20m" }, {
      text: "away",
    }]];
    assertEquals(
      formatTable(["NAME", "IDLE", ""], rows, plain),
      "NAME   IDLE\nalice  3m\nbo     1h 20m  away\n",
    );
  },
});

Deno.test({
  name: "what takes two columns is counted as two, marks as none, and paint as nothing",
  permissions: "none",
  fn() {
    const rows = [
      [{ text: "日本" }, { text: "x" }],
      [{ text: "e\u0301a" }, { text: "y" }],
      [{ text: "ab", paint: (text: string) => `<${text}>` }, { text: "z" }],
    ];
    assertEquals(formatTable(["A", "B"], rows, plain), "A     B\n日本  x\ne\u0301a    y\n<ab>    z\n");
  },
});
