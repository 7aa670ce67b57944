import { assertEquals, assertThrows } from "@std/assert";
import {
  escapeTagValue,
  formatTags,
  isClientOnlyTag,
  NO_TAGS,
  parseTags,
  unescapeTagValue,
} from "../../lib/irc/tags.ts";
import { pureTest } from "../support/test.ts";
import { forAll } from "./property.ts";

pureTest("a value is escaped and unescaped as the table of message-tags says", () => {
  const table = [[";", "\\:"], [" ", "\\s"], ["\\", "\\\\"], ["\r", "\\r"], ["\n", "\\n"]] as const;
  for (const [char, sequence] of table) {
    assertEquals(escapeTagValue(char), sequence);
    assertEquals(unescapeTagValue(sequence), char);
    assertEquals(escapeTagValue(`a${char}${char}b`), `a${sequence}${sequence}b`);
  }
  // The example of the specification.
  assertEquals(escapeTagValue("raw+:=,escaped; \\"), "raw+:=,escaped\\:\\s\\\\");
  assertEquals(unescapeTagValue("raw+:=,escaped\\:\\s\\\\"), "raw+:=,escaped; \\");
});

pureTest("a backslash at the end, or before any other character, is dropped", () => {
  assertEquals(unescapeTagValue("test\\"), "test");
  assertEquals(unescapeTagValue("\\"), "");
  assertEquals(unescapeTagValue("test\\\\\\"), "test\\");
  assertEquals(unescapeTagValue("\\b"), "b");
  assertEquals(unescapeTagValue("\\😀"), "😀");
});

pureTest("parseTags: missing and empty values are one, the last of a key counts, keys are opaque", () => {
  assertEquals(parseTags("a;b="), new Map([["a", ""], ["b", ""]]));
  assertEquals(parseTags("a=1;a;b=2"), new Map([["a", ""], ["b", "2"]]));
  assertEquals(parseTags("a=b=c"), new Map([["a", "b=c"]]));
  assertEquals(parseTags("A=1;a=2"), new Map([["A", "1"], ["a", "2"]]));
  assertEquals(parseTags("+x/y=1;!$%=2"), new Map([["+x/y", "1"], ["!$%", "2"]]));
});

pureTest("parseTags drops what has no key", () => {
  assertEquals(parseTags(""), NO_TAGS);
  assertEquals(parseTags(";;"), NO_TAGS);
  assertEquals(parseTags("=x;a;=;=y"), new Map([["a", ""]]));
});

pureTest("formatTags keeps the order and leaves an empty value out", () => {
  assertEquals(formatTags(new Map([["time", "x"], ["a", ""], ["+b", ";"]])), "time=x;a;+b=\\:");
  assertEquals(formatTags(NO_TAGS), "");
});

pureTest("formatTags refuses keys and values that cannot be framed", () => {
  for (const key of ["", "a b", "a;b", "a=b", "a\rb", "a\nb", "a\0b"]) {
    assertThrows(() => formatTags(new Map([[key, "v"]])), RangeError, "tag key");
  }
  assertThrows(() => formatTags(new Map([["a", "v\0"]])), RangeError, "NUL");
});

pureTest("a tag is client-only by its plus sign", () => {
  assertEquals(isClientOnlyTag("+draft/reply"), true);
  assertEquals(isClientOnlyTag("draft/reply"), false);
  assertEquals(isClientOnlyTag(""), false);
});

pureTest(
  "property: unescape undoes escape, and what is escaped can stand in a line",
  () =>
    forAll(2_000, (random) => {
      const value = random.text("ab\\\\;: \r\n=s😀", 0, 20);
      const escaped = escapeTagValue(value);
      assertEquals(unescapeTagValue(escaped), value);
      assertEquals(/[; \r\n\0]/.test(escaped), false);
    }),
);
