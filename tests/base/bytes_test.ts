import { assertEquals } from "@std/assert";
import { concatBytes, constantTimeEqual, encodeUtf8, utf8Length } from "../../lib/base/bytes.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest("utf8 encodes", () =>
  assertEquals(
    encodeUtf8("aé漢😀"),
    Uint8Array.of(0x61, 0xc3, 0xa9, 0xe6, 0xbc, 0xa2, 0xf0, 0x9f, 0x98, 0x80),
  ));

pureTest("utf8Length at the borders of 1, 2, 3 and 4 bytes", () => {
  const borders = [[0x00, 1], [0x7f, 1], [0x80, 2], [0x7ff, 2], [0x800, 3], [0xffff, 3], [0x10000, 4], [
    0x10ffff,
    4,
  ]];
  for (const [point = 0, bytes] of borders) assertEquals(utf8Length(String.fromCodePoint(point)), bytes);
  assertEquals(utf8Length(""), 0);
});

pureTest("utf8Length counts half a pair as the replacement character that it becomes", () => {
  for (const text of ["\ud800", "\udc00", "\ud800a", "\udc00\ud800", "\ud800\ud800\udc00", "a\udfff"]) {
    assertEquals(utf8Length(text), encodeUtf8(text).length, JSON.stringify(text));
  }
});

pureTest("property: utf8Length is the length of utf8", () =>
  forAll(2_000, (random) => {
    let text = random.text("aé漢😀", 0, 10);
    for (let left = random.below(4); left > 0; left--) text += String.fromCharCode(random.below(0x10000));
    assertEquals(utf8Length(text), encodeUtf8(text).length, JSON.stringify(text));
  }));

pureTest("concat joins in order, into memory of its own", () => {
  const first = Uint8Array.of(1, 2);
  const joined = concatBytes([first, new Uint8Array(0), Uint8Array.of(3)]);
  first[0] = 9;
  assertEquals(joined, Uint8Array.of(1, 2, 3));
  assertEquals(concatBytes([]), new Uint8Array(0));
});

pureTest("sameBytes compares all of both", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  assertEquals(constantTimeEqual(bytes(), bytes()), true);
  assertEquals(constantTimeEqual(bytes(1, 2, 3), bytes(1, 2, 3)), true);
  for (const other of [bytes(), bytes(1, 2), bytes(1, 2, 3, 0), bytes(0, 2, 3), bytes(1, 2, 0x83)]) {
    assertEquals(constantTimeEqual(bytes(1, 2, 3), other), false);
  }
});
