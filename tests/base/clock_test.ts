import { assertEquals } from "@std/assert";
import { systemClock } from "../../lib/base/clock.ts";
import { pureTest } from "../support/test.ts";

pureTest("systemClock counts whole milliseconds since 1970", () => {
  const now = systemClock.now();
  assertEquals(Number.isSafeInteger(now), true);
  // A count of seconds would be before 2001, one of microseconds beyond what a Date can be.
  assertEquals(new Date(now).getUTCFullYear() >= 2024, true);
});
