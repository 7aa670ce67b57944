import { assertEquals } from "@std/assert";
import {
  MAX_WIRE_TIME_MS,
  parseWireCount,
  parseWireSeconds,
  parseWireTime,
} from "../../lib/irc/wire_number.ts";
import { pureTest } from "../support/test.ts";

pureTest("wire numbers: a count is decimal digits within its bound, and nothing else", () => {
  for (const text of ["0", "7", "007", "9007199254740991"]) assertEquals(parseWireCount(text), Number(text));
  const bad = ["", "-1", "+1", "1.5", "1e9", "0x10", " 1", "1 ", "Infinity", "NaN", "٣", "9007199254740993"];
  for (const text of [undefined, ...bad, "9".repeat(17), "9".repeat(400)]) {
    assertEquals(parseWireCount(text), undefined, text);
  }
  assertEquals([parseWireCount("5", 5), parseWireCount("6", 5)], [5, undefined]);
});

pureTest("wire numbers: seconds make a time that a date can bear", () => {
  assertEquals(parseWireSeconds("253402300799"), 253_402_300_799_000);
  assertEquals(parseWireSeconds("253402300800"), undefined);
  assertEquals(new Date(parseWireSeconds("253402300799")!).toISOString(), "9999-12-31T23:59:59.000Z");
});

pureTest("wire numbers: a time is that of server-time, from 1970 to 9999", () => {
  assertEquals(parseWireTime("2026-01-31T10:00:00.250Z"), Date.UTC(2026, 0, 31, 10, 0, 0, 250));
  assertEquals(parseWireTime("2026-01-31T10:00:00Z"), Date.UTC(2026, 0, 31, 10));
  assertEquals(parseWireTime("9999-12-31T23:59:59.999Z"), MAX_WIRE_TIME_MS);
  const bad = [
    "",
    "1",
    "2026",
    "2026-01-31",
    "2026-01-31T10:00:00",
    "2026-13-31T10:00:00Z",
    "2026-01-31T10:00:00+01:00",
    "1969-12-31T23:59:59Z",
    "+275760-09-13T00:00:00.000Z",
    "-000001-01-01T00:00:00Z",
    "Sat Jan 31 2026",
  ];
  for (const text of [undefined, ...bad]) assertEquals(parseWireTime(text), undefined, text);
});
