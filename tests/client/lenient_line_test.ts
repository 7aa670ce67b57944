import { assertEquals } from "@std/assert";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { CUT_MARK, decodeLenientLine } from "../../lib/client/connection/lenient_line.ts";
import { LineSplitter } from "../../lib/irc/line_splitter.ts";
import type { LineFault } from "../../lib/irc/line_splitter.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const LIMITS = { tagsBytes: 20, restBytes: 32 };

/** The lines of `stream`, taken at once and byte by byte, which must be the same. */
function linesOf(...parts: (string | number[])[]): (string | LineFault)[] {
  const stream = concatBytes(
    parts.map((part) => typeof part === "string" ? encodeUtf8(part) : Uint8Array.from(part)),
  );
  const whole: (string | LineFault)[] = [];
  new LineSplitter({ ...LIMITS, repairLine: decodeLenientLine }).push(stream, whole);
  const splitter = new LineSplitter({ ...LIMITS, repairLine: decodeLenientLine });
  const bytewise: (string | LineFault)[] = [];
  for (const byte of stream) splitter.push(Uint8Array.of(byte), bytewise);
  assertEquals(bytewise, whole);
  return whole;
}

pureTest("a line that is not UTF-8 is Windows-1252, its neighbours stay UTF-8", () => {
  assertEquals(
    linesOf("grüße\n", [0x63, 0x61, 0x66, 0xe9, 0x20, 0x80, 0x0a], "漢字\n"),
    ["grüße", "café €", "漢字"],
  );
});

pureTest("NUL does not cost the line", () => {
  assertEquals(linesOf("a\0b\n", [0xe9, 0x00, 0x0a]), ["a\ufffdb", "é\ufffd"]);
});

pureTest(
  "a line that is too long is cut and marked, at the border of a character, whatever its encoding",
  () => {
    const [mark, most] = [CUT_MARK, LIMITS.restBytes - 2];
    assertEquals(linesOf("x".repeat(most) + "\n"), ["x".repeat(most)]);
    assertEquals(linesOf("x".repeat(most + 1) + "\n"), ["x".repeat(most) + mark]);
    assertEquals(linesOf("x".repeat(500) + "\nnext\n"), ["x".repeat(most) + mark, "next"]);
    for (const character of ["é", "漢", "🌍"]) {
      for (let shift = 0; shift < 4; shift++) {
        const text = "x".repeat(shift) + character.repeat(40);
        const bytes = encodeUtf8(character).length;
        const kept = "x".repeat(shift) + character.repeat(Math.floor((most - shift) / bytes));
        assertEquals(linesOf(`${text}\n`), [kept + mark]);
      }
    }
    assertEquals(linesOf(Array(40).fill(0xe9), "\n"), ["é".repeat(most) + mark]);
  },
);

pureTest("tags that are too long are left out, and the message behind them is not", () => {
  assertEquals(linesOf("@a=b " + "x".repeat(30) + "\n"), ["@a=b " + "x".repeat(30)]);
  assertEquals(linesOf(`@a=${"b".repeat(30)} x\n`), ["x"]);
  assertEquals(linesOf("@a=b " + "x".repeat(60) + "\n"), ["@a=b " + "x".repeat(30) + CUT_MARK]);
});

pureTest("a line of nothing but tags is told", () => {
  assertEquals(linesOf(`@a=${"b".repeat(100)} x\nnext\n`), [
    "NOTICE * :a line of the server is left out: its tags are longer than 8191 bytes",
    "next",
  ]);
});

pureTest(
  "property: every line of any stream is text, however it is cut into chunks, and as many lines come as were sent",
  () => {
    const alphabet = encodeUtf8("aA @:;= é漢🌍\0");
    forAll(3_000, (random) => {
      const sent = Array.from({ length: 1 + random.below(4) }, () => {
        const bytes = Array.from({ length: 1 + random.below(90) }, () => random.pick(alphabet));
        return random.chance(3) ? ["@".charCodeAt(0), ...bytes] : bytes;
      });
      const lines = linesOf(...sent.flatMap((bytes) => [bytes, [0x0a]]));
      assertEquals(lines.map((line) => typeof line), sent.map(() => "string"));
    });
  },
);
