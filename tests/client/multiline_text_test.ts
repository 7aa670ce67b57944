import { assertEquals } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import { splitIntoBatchTexts } from "../../lib/client/conversation/model/multiline_text.ts";
import { joinConcatenated, splitMultiline } from "../../lib/irc/multiline.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest("whole text: as few messages as the bounds allow, and all of the text in them", () => {
  const limits = { bytes: 20, lines: 3 };
  assertEquals(splitIntoBatchTexts("one", 10, limits), ["one"]);
  assertEquals(splitIntoBatchTexts("one\ntwo\r\nthree\n", 10, limits), ["one\ntwo\nthree"]);
  assertEquals(splitIntoBatchTexts("a\nb\nc\nd", 10, limits), ["a\nb\nc", "d"]);
  assertEquals(splitIntoBatchTexts("the quick brown fox", 10, limits), ["the quick \rbrown fox"]);
  assertEquals(splitIntoBatchTexts("a\n\nb", 10, limits), ["a\n\nb"]);
  assertEquals(splitIntoBatchTexts("a\nb\nc\n\n\n\nd", 10, limits), ["a\nb\nc", " \n\n", "d"]);
  assertEquals(splitIntoBatchTexts("", 10, limits), []);
});

pureTest("whole text: for any text each message keeps the bounds, and joined they are the text", () => {
  forAll(500, (random) => {
    const text = Array.from(
      { length: random.below(60) },
      () => random.pick(["a", "é", "👍", " ", "\n", "\n\n", "word"]),
    ).join("");
    const limits = { bytes: 8 + random.below(40), lines: 1 + random.below(6) };
    const maxLine = 4 + random.below(30);
    const texts = splitIntoBatchTexts(text, maxLine, limits);
    for (const whole of texts) {
      const pieces = splitMultiline(whole);
      assertEquals(pieces.length <= limits.lines, true);
      assertEquals(utf8Length(joinConcatenated(whole)) <= limits.bytes + 1, true); // a blank one gets a space
      assertEquals(pieces.every((piece) => utf8Length(piece.text) <= maxLine), true);
      assertEquals(/^\n*$/.test(whole), false);
    }
    // What a cut inside a line becomes is two lines; all characters but line ends, and the space in a blank one, are there.
    const plain = (joined: string) => joined.replace(/[\n\r ]/g, "");
    assertEquals(plain(texts.join("")), plain(text));
  });
});
