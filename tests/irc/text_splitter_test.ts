import { assertEquals, assertThrows } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import { CRLF_BYTES, HOSTLEN, MAX_LINE_BYTES, NICKLEN, USERLEN } from "../../lib/irc/limits.ts";
import { formatMessage } from "../../lib/irc/message.ts";
import { maxTextBytes, splitText, truncateText } from "../../lib/irc/text_splitter.ts";
import { pureTest } from "../support/test.ts";
import { forAll } from "./property.ts";

pureTest("splitText: what fits is left whole", () => {
  assertEquals(splitText("hello", 5), ["hello"]);
  assertEquals(splitText(" two  spaces ", 40), [" two  spaces "]);
});

pureTest("splitText: newlines first; an empty line is a space; one at the end starts no line", () => {
  assertEquals(splitText("a\nb\r\nc\rd", 40), ["a", "b", "c", "d"]);
  assertEquals(splitText("a\n\nb\n", 40), ["a", " ", "b"]);
  assertEquals(splitText("a\n\n", 40), ["a", " "]);
  assertEquals(splitText("\n", 40), [" "]);
  assertEquals(splitText("", 40), []);
});

pureTest("splitText: then after a space, which stays", () => {
  assertEquals(splitText("the quick brown fox", 10), ["the quick ", "brown fox"]);
  assertEquals(splitText("the quick brown fox", 9), ["the ", "quick ", "brown fox"]);
  assertEquals(splitText("abcdefghij klm", 5), ["abcde", "fghij", " klm"]);
});

pureTest("splitText: then between graphemes, never inside one that fits", () => {
  const family = "👨‍👩‍👧"; // 18 bytes, one grapheme
  assertEquals(splitText(family + family, 20), [family, family]);
  assertEquals(splitText("e\u0301".repeat(4), 4), Array(4).fill("e\u0301")); // 3 bytes each
  assertEquals(splitText("🇩🇪🇫🇷", 12), ["🇩🇪", "🇫🇷"]); // 8 bytes each
  assertEquals(splitText("漢字", 4), ["漢", "字"]);
});

pureTest(
  "splitText: a grapheme longer than a piece is cut between code points",
  () => assertEquals(splitText("👨‍👩‍👧", 8), ["👨‍", "👩‍", "👧"]),
);

pureTest("splitText: less room than one character takes is refused", () => {
  for (const bytes of [3, 0, -1, NaN]) assertThrows(() => splitText("x", bytes), RangeError);
});

pureTest("splitText: a megabyte without a space is cut in time", () => {
  const text = "é".repeat(500_000);
  const pieces = splitText(text, 350);
  assertEquals(pieces.join("") === text, true);
  assertEquals(pieces.length, Math.ceil(1_000_000 / 350));
});

pureTest(
  "property: no piece is too long or empty, and nothing but newlines is lost",
  () =>
    forAll(2_000, (random) => {
      const text = random.text("ab é漢😀\u0301\u200d👩🇩🇪\n\r ", 0, 60);
      const maxBytes = 4 + random.below(30);
      const pieces = splitText(text, maxBytes);
      for (const piece of pieces) assertEquals(piece !== "" && utf8Length(piece) <= maxBytes, true, piece);
      const lines = text.split(/\r\n|\n|\r/);
      if (lines.at(-1) === "") lines.pop();
      assertEquals(pieces.join(""), lines.map((line) => line === "" ? " " : line).join(""));
    }),
);

pureTest("maxTextBytes: with the longest source before it the line is exactly full", () => {
  const source = `${"n".repeat(NICKLEN)}!${"u".repeat(USERLEN)}@${"h".repeat(HOSTLEN)}`;
  for (const [verb, target] of [["PRIVMSG", "#lobby"], ["NOTICE", "#é"], ["PRIVMSG", "bob"]] as const) {
    const text = "x ".repeat(maxTextBytes(verb, target)).slice(0, maxTextBytes(verb, target));
    const line = formatMessage({ source, command: verb, params: [target, text] });
    assertEquals(utf8Length(line) + CRLF_BYTES, MAX_LINE_BYTES);
  }
});

pureTest("truncateText: whole when it fits, else cut between graphemes", () => {
  assertEquals(truncateText("hello", 5), "hello");
  assertEquals(truncateText("hello", 4), "hell");
  assertEquals(truncateText("hello", 0), "");
  assertEquals(truncateText("aé", 2), "a");
  assertEquals(truncateText("e\u0301e\u0301", 5), "e\u0301");
  assertEquals(truncateText("a😀", 4), "a");
});
