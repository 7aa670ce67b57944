import { assertEquals } from "@std/assert";
import { parseInstant } from "../../lib/base/values/instant.ts";
import { pureTest } from "../support/test.ts";

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);

pureTest("an instant is a duration ago, now, or RFC 3339", () => {
  assertEquals(parseInstant("10m", NOW), NOW - 600_000);
  assertEquals(parseInstant("now", NOW), NOW);
  assertEquals(parseInstant("2026-01-31T10:00:00Z", NOW), Date.UTC(2026, 0, 31, 10));
  assertEquals(parseInstant("2026-01-31t10:00:00.250z", NOW), Date.UTC(2026, 0, 31, 10, 0, 0, 250));
  assertEquals(parseInstant("2026-01-31T10:00:00+02:00", NOW), Date.UTC(2026, 0, 31, 8));
});

pureTest("an instant is what date prints, seconds since the epoch, a time of day, today or yesterday", () => {
  assertEquals(
    parseInstant("2026-01-31T10:00:00,123456789+00:00", NOW),
    Date.UTC(2026, 0, 31, 10, 0, 0, 123),
  );
  assertEquals(parseInstant("2026-01-31T10:00:00+0130", NOW), Date.UTC(2026, 0, 31, 8, 30));
  assertEquals(parseInstant("@1795870000", NOW), 1_795_870_000_000);
  assertEquals(parseInstant("@1795870000.25", NOW), 1_795_870_000_250);
  const local = new Date(2026, 0, 31, 12, 0).getTime();
  assertEquals(parseInstant("11:59", local), local - 60_000);
  assertEquals(parseInstant("12:00:00", local), local);
  assertEquals(parseInstant("12:01", local), new Date(2026, 0, 30, 12, 1).getTime());
  assertEquals(parseInstant("today", local), new Date(2026, 0, 31).getTime());
  assertEquals(parseInstant("yesterday", local), new Date(2026, 0, 30).getTime());
  assertEquals(parseInstant("2024-02-29T00:00:00Z", NOW), Date.UTC(2024, 1, 29));
});

pureTest("without an offset an instant is local time, and a date is its midnight", () => {
  assertEquals(parseInstant("2026-01-31 10:30", NOW), new Date(2026, 0, 31, 10, 30).getTime());
  assertEquals(parseInstant("2026-01-31", NOW), new Date(2026, 0, 31).getTime());
});

pureTest("what is no instant is refused", () => {
  for (
    const text of [
      "",
      "tomorrow",
      "2026-13-01",
      "2026-02-30",
      "2025-02-29",
      "2026-04-31T10:00Z",
      "2026-01-31T25:00:00Z",
      "2026-01-31T10:00:60Z",
      "2026-01-31T10:00:00+25:00",
      "31.1.2026",
      "24:00",
      "10:60",
      "10",
      "@",
      "@9999999999999",
    ]
  ) {
    assertEquals(parseInstant(text, NOW), undefined, text);
  }
});
