import { assertEquals } from "@std/assert";
import { backoffMs } from "../../lib/client/session/backoff.ts";
import { pureTest } from "../support/test.ts";

pureTest("pauses double from half a second to half a minute, and chance takes up to half off", () => {
  assertEquals([0, 1, 2, 5, 6, 7, 1000].map((attempt) => backoffMs(attempt, 0)), [
    500,
    1000,
    2000,
    16_000,
    30_000,
    30_000,
    30_000,
  ]);
  assertEquals(backoffMs(0, 0.5), 375);
  assertEquals(backoffMs(1000, 1), 15_000);
  assertEquals(
    [0, 2, 1000].map((attempt) => backoffMs(attempt, 0, 2000)),
    [500, 2000, 2000],
    "a bound of its own",
  );
});
