import { assertEquals } from "@std/assert";
import { parseInstant } from "../../lib/cli/instant.ts";

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);

Deno.test({
  name: "an instant is a duration ago, now, or RFC 3339",
  permissions: "none",
  fn() {
    assertEquals(parseInstant("10m", NOW), NOW - 600_000);
    assertEquals(parseInstant("now", NOW), NOW);
    assertEquals(parseInstant("2026-01-31T10:00:00Z", NOW), Date.UTC(2026, 0, 31, 10));
    assertEquals(parseInstant("2026-01-31t10:00:00.250z", NOW), Date.UTC(2026, 0, 31, 10, 0, 0, 250));
    assertEquals(parseInstant("2026-01-31T10:00:00+02:00", NOW), Date.UTC(2026, 0, 31, 8));
  },
});

Deno.test({
  name: "without an offset an instant is local time, and a date is its midnight",
  permissions: "none",
  fn() {
    assertEquals(parseInstant("2026-01-31 10:30", NOW), new Date(2026, 0, 31, 10, 30).getTime());
    assertEquals(parseInstant("2026-01-31", NOW), new Date(2026, 0, 31).getTime());
  },
});

Deno.test({
  name: "what is no instant is refused",
  permissions: "none",
  fn() {
    for (const text of ["", "yesterday", "2026-13-01", "2026-01-31T25:00:00Z", "31.1.2026", "10:00", "10"]) {
      assertEquals(parseInstant(text, NOW), undefined, text);
    }
  },
});
