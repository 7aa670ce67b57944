import { assert, assertEquals } from "@std/assert";
import { HEAD_CHARS, type LineFault, type LineLimits, LineSplitter } from "../../lib/irc/line_splitter.ts";
import { MAX_CLIENT_TAGS_BYTES, MAX_LINE_BYTES } from "../../lib/irc/limits.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { pureTest } from "../support/test.ts";
import { forAll, type Random } from "./property.ts";

const CLIENT: LineLimits = { tagsBytes: MAX_CLIENT_TAGS_BYTES, restBytes: MAX_LINE_BYTES };

function split(chunks: Iterable<Uint8Array | string>, limits = CLIENT): (string | LineFault)[] {
  const splitter = new LineSplitter(limits);
  const out: (string | LineFault)[] = [];
  for (const chunk of chunks) splitter.push(typeof chunk === "string" ? encodeUtf8(chunk) : chunk, out);
  return out;
}

/** The stream as one chunk, and byte by byte: both give `expected`. */
function assertSplit(stream: Uint8Array | string, expected: (string | LineFault)[], limits = CLIENT): void {
  const bytes = typeof stream === "string" ? encodeUtf8(stream) : stream;
  assertEquals(split([bytes], limits), expected);
  assertEquals(split(Array.from(bytes, (byte) => Uint8Array.of(byte)), limits), expected);
}

pureTest("LF, CR LF and bare CR end a line, and empty lines are dropped", () => {
  assertSplit("a\nb\r\nc\rd\r\r\n\n\ne\n\r\nf", ["a", "b", "c", "d", "e"]);
  assertSplit("\r\n\r\n", []);
  assertSplit("", []);
});

pureTest("a CR at the end of a chunk and LF in the next are one end", () => {
  assertEquals(split(["a\r", "\nb\r", "\n", "c\n"]), ["a", "b", "c"]);
  assertEquals(split(["a", "\r", "b\r\n"]), ["a", "b"]);
});

pureTest(
  "text is kept as it is: spaces, controls, a byte order mark, many scripts",
  () => assertSplit("  a\t\x01b  \n\ufeffx\n漢字 😀 ß\n", ["  a\t\x01b  ", "\ufeffx", "漢字 😀 ß"]),
);

pureTest("a character may be cut between chunks", () => {
  const bytes = encodeUtf8("é😀\n");
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(split([bytes.slice(0, cut), bytes.slice(cut)]), ["é😀"]);
  }
});

pureTest("the chunk may be overwritten after push", () => {
  const splitter = new LineSplitter(CLIENT);
  const out: (string | LineFault)[] = [];
  const chunk = encodeUtf8("one\ntwo");
  splitter.push(chunk, out);
  chunk.fill(0x58);
  splitter.push(encodeUtf8("!\n"), out);
  assertEquals(out, ["one", "two!"]);
});

pureTest("the limit is met to the byte: 510 and the end of the line", () => {
  const longest = "x".repeat(510);
  for (const end of ["\r\n", "\n", "\r"]) {
    assertSplit(longest + end, [longest]);
    assertSplit(longest + "y" + end, [{ fault: "too_long", head: "x".repeat(HEAD_CHARS) }]);
  }
  // 170 characters of three bytes are 510 bytes.
  assertSplit("漢".repeat(170) + "\n", ["漢".repeat(170)]);
  assertSplit("漢".repeat(170) + "y\n", [{ fault: "too_long", head: "漢".repeat(HEAD_CHARS) }]);
});

pureTest("tags have a limit of their own, with @ and space", () => {
  const tags = `@${"t".repeat(4094)} `;
  const rest = "PRIVMSG #a :" + "x".repeat(498);
  assertSplit(tags + rest + "\n", [tags + rest]);
  const [most, more] = ["t".repeat(4094), "t".repeat(4095)];
  assertSplit(`${tags}${rest}x\n`, [{ fault: "too_long", head: rest.slice(0, HEAD_CHARS), tags: most }]);
  assertSplit(`@${more} TAGMSG a\n`, [{ fault: "too_long", head: "TAGMSG a", tags: more }]);
  assertSplit(`@${"t".repeat(4096)}\n`, [{ fault: "too_long", head: "@" + "t".repeat(HEAD_CHARS - 1) }]);
  // What tags leave over is not for the rest, nor the other way round.
  const rests = "x".repeat(HEAD_CHARS);
  assertSplit(`@a ${"x".repeat(511)}\n`, [{ fault: "too_long", head: rests, tags: "a" }]);
  assertSplit(`@${"é".repeat(2047)} X\n`, [`@${"é".repeat(2047)} X`]);
  assertSplit(`@${"é".repeat(2048)} X\n`, [{ fault: "too_long", head: "X", tags: "é".repeat(2048) }]);
});

pureTest(
  "without room for tags a line with tags is too long, however short",
  () =>
    assertSplit("@a X\nY\n", [{ fault: "too_long", head: "X", tags: "a" }, "Y"], {
      tagsBytes: 0,
      restBytes: 512,
    }),
);

pureTest("a megabyte without an end is one fault, at once, and what follows its end is read", () => {
  const splitter = new LineSplitter(CLIENT);
  const out: (string | LineFault)[] = [];
  const chunk = new Uint8Array(65_536).fill(0x61);
  for (let i = 0; i < 16; i++) {
    splitter.push(chunk, out);
    assertEquals(out, [{ fault: "too_long", head: "a".repeat(HEAD_CHARS) }]);
    assert(splitter.pendingBytes > 0 && splitter.pendingBytes <= CLIENT.tagsBytes + CLIENT.restBytes);
  }
  splitter.push(encodeUtf8("aaa\r\nPING x\r\n"), out);
  assertEquals(out.slice(1), ["PING x"]);
  assertEquals(splitter.pendingBytes, 0);
});

pureTest("pending counts the bytes of an unfinished line", () => {
  const splitter = new LineSplitter(CLIENT);
  assertEquals(splitter.pendingBytes, 0);
  splitter.push(encodeUtf8("PING a\r\nPIN"), []);
  assertEquals(splitter.pendingBytes, 3);
  splitter.push(encodeUtf8("Gé"), []);
  assertEquals(splitter.pendingBytes, 6);
  splitter.push(encodeUtf8("\r"), []);
  assertEquals(splitter.pendingBytes, 0);
});

pureTest("what is not UTF-8 is a fault of its line alone", () => {
  const bad = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80], [0x80]];
  for (const bytes of bad) {
    const stream = concatBytes([
      encodeUtf8("good 1\r\nPRIVMSG #a :"),
      Uint8Array.from(bytes),
      encodeUtf8("\r\ngood é\r\n"),
    ]);
    const head = "PRIVMSG #a :" + new TextDecoder().decode(Uint8Array.from(bytes));
    assertSplit(stream, ["good 1", { fault: "not_utf8", head }, "good é"]);
  }
});

pureTest(
  "NUL is a fault of its line alone, and the head is fit to be shown",
  () =>
    assertSplit("good\n@label=1 PRIVMSG a :\x1b[2J\0\u202e\nfine\n", [
      "good",
      { fault: "nul", head: "PRIVMSG a :␛[2J␀<U+202E>", tags: "label=1" },
      "fine",
    ]),
);

pureTest("too long comes before NUL and UTF-8, because it is known first", () => {
  const line = concatBytes([
    encodeUtf8("A \0"),
    Uint8Array.of(0xff),
    encodeUtf8("x".repeat(600)),
    encodeUtf8("\n"),
  ]);
  assertSplit(line, [{ fault: "too_long", head: "A ␀\ufffd" + "x".repeat(HEAD_CHARS - 4) }]);
});

pureTest("of a faulty line those tags are told that can be read, and none that may be cut off", () => {
  const bad = (head: string, tail: string) =>
    concatBytes([encodeUtf8(head), Uint8Array.of(0xff), encodeUtf8(tail)]);
  assertSplit(bad("@label=1;+a=", " X\n"), [{ fault: "not_utf8", head: "X", tags: "label=1" }]);
  assertSplit(bad("@label=1", ";+a X\n"), [{ fault: "not_utf8", head: "X", tags: "+a" }]);
  assertSplit(bad("@label=1", " X\n"), [{ fault: "not_utf8", head: "X" }]);
  assertSplit("@label=1;+a=\0 X\n", [{ fault: "nul", head: "X", tags: "label=1" }]);
  assertSplit("@label=1\0 X\n", [{ fault: "nul", head: "X" }]);
  const endless = "t".repeat(5000);
  const [{ tags }] = split([`@label=1;+a=b;+${endless}`]) as [LineFault];
  assertEquals(tags, "label=1;+a=b");
  assertEquals((split([`@label=${endless}`]) as [LineFault])[0].tags, undefined);
});

const PIECES = [
  "a",
  "PING",
  " ",
  ":",
  "\r",
  "\n",
  "\r\n",
  "\n\n",
  "é",
  "漢字",
  "😀",
  "\0",
  "@k=v ",
  "@",
  "x".repeat(9),
];

function randomStream(random: Random): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let left = random.below(60); left > 0; left--) {
    chunks.push(
      random.chance(30) ? Uint8Array.of(0x80 + random.below(0x80)) : encodeUtf8(random.pick(PIECES)),
    );
  }
  return concatBytes(chunks);
}

function randomChunks(random: Random, bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = Math.min(bytes.length, start + random.below(12));
    chunks.push(bytes.slice(start, end));
    start = end;
  }
  return chunks;
}

/** The rules in the plainest words: no chunks, no shortcuts. */
function plainly(bytes: Uint8Array, limits: LineLimits): string[] {
  const lines: string[] = [];
  let line: number[] = [];
  for (const byte of bytes) {
    if (byte !== 0x0a && byte !== 0x0d) {
      line.push(byte);
      continue;
    }
    if (line.length > 0) lines.push(judged(Uint8Array.from(line), limits));
    line = [];
  }
  if (line.length > limits.restBytes - 2 + (line[0] === 0x40 ? limits.tagsBytes : 0)) lines.push("too_long");
  return lines;
}

function judged(line: Uint8Array, limits: LineLimits): string {
  const space = line.indexOf(0x20);
  const tags = line[0] !== 0x40 ? 0 : space < 0 ? line.length : space + 1;
  if (tags > limits.tagsBytes || line.length - tags > limits.restBytes - 2) return "too_long";
  if (line.includes(0)) return "nul";
  try {
    return "ok " + new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return "not_utf8";
  }
}

pureTest(
  "property: any chunking of any stream gives the same lines and faults",
  () =>
    forAll(5_000, (random) => {
      const limits = { tagsBytes: random.below(24), restBytes: 2 + random.below(40) };
      const stream = randomStream(random);
      const whole = split([stream], limits);
      assertEquals(split(randomChunks(random, stream), limits), whole);
      const kinds = whole.map((item) => typeof item === "string" ? "ok " + item : item.fault);
      assertEquals(kinds, plainly(stream, limits));
    }),
);
