import { assertEquals } from "@std/assert";
import {
  countColumns,
  countMaxColumns,
  graphemeAfter,
  graphemeBefore,
  splitGraphemes,
} from "../../lib/base/text_width.ts";
import stringWidth from "string-width";
import { pureTest } from "../support/test.ts";

pureTest("width: columns of narrow, wide and joined characters", () => {
  const expected: [string, number][] = [
    ["", 0],
    ["hello", 5],
    ["日本語", 6],
    ["é", 1],
    ["e\u0301", 1],
    ["👍🏽", 2],
    ["👨‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["한글 x", 6],
  ];
  for (const [text, columns] of expected) assertEquals(countColumns(text), columns, text);
});

pureTest("width: steps go over whole graphemes", () => {
  const text = "a👨‍👩‍👧e\u0301";
  assertEquals(splitGraphemes(text), ["a", "👨‍👩‍👧", "e\u0301"]);
  const family = "👨‍👩‍👧".length;
  assertEquals(graphemeAfter(text, 1), 1 + family);
  assertEquals(graphemeBefore(text, text.length), 1 + family);
  assertEquals(graphemeBefore(text, 1 + family), 1);
  assertEquals(graphemeBefore(text, 0), 0);
  assertEquals(graphemeAfter(text, text.length), text.length);
});

pureTest("width: at most, the parts of an emoji stand side by side", () => {
  const expected: [string, number][] = [
    ["plain", 5],
    ["日本", 4],
    ["❤️", 2],
    ["👍🏽", 4],
    ["👨‍👩‍👧‍👦!", 9],
    ["❤️🏳️‍🌈", 5],
  ];
  for (const [text, columns] of expected) assertEquals(countMaxColumns(text), columns, text);
});

pureTest("columns: what is counted without the table is what the table says", () => {
  for (let unit = 0x20; unit <= 0x3000; unit++) {
    const text = `a${String.fromCharCode(unit)}b`;
    assertEquals(countColumns(text), stringWidth(text), unit.toString(16));
    assertEquals(
      splitGraphemes(text),
      Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment),
    );
  }
});
