import { assertEquals } from "@std/assert";
import { UNLIMITED_RATE } from "../../lib/base/token_bucket.ts";
import { parseRate } from "../../lib/base/values/rate.ts";
import { pureTest } from "../support/test.ts";

pureTest("rates as people write them", () => {
  assertEquals(parseRate("60/30s"), { count: 60, ms: 30_000 });
  assertEquals(parseRate("5/1h30m"), { count: 5, ms: 5_400_000 });
  assertEquals(parseRate("50/s"), { count: 50, ms: 1000 });
  assertEquals(parseRate("off"), UNLIMITED_RATE);
  const bad = [
    "",
    "60",
    "60/",
    "/30s",
    "0/30s",
    "60/0",
    "60/0s",
    "60/30",
    "-1/s",
    "1.5/s",
    "60/s/s",
    "1e3/s",
  ];
  assertEquals(bad.filter((text) => parseRate(text) !== undefined), []);
});
