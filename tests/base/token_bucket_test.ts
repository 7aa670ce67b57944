import { assertEquals } from "@std/assert";
import { TokenBucket, UNLIMITED_RATE } from "../../lib/base/token_bucket.ts";
import { pureTest } from "../support/test.ts";

pureTest("as many as the bucket holds at once, then as many as have come again", () => {
  const bucket = new TokenBucket({ count: 5, ms: 1000 }, 0);
  assertEquals([bucket.take(3, 0), bucket.take(3, 0), bucket.take(1, 0)], [3, 2, 0]);
  assertEquals([bucket.take(1, 199), bucket.take(1, 200), bucket.take(1, 200)], [0, 1, 0]);
  assertEquals(bucket.take(9, 700), 2);
  assertEquals(bucket.take(1, 800), 1, "half a token is not lost");
});

pureTest("it never holds more than its count", () => {
  const bucket = new TokenBucket({ count: 2, ms: 1000 }, 0);
  assertEquals(bucket.take(9, 1_000_000), 2);
});

pureTest("how long until there are tokens", () => {
  const bucket = new TokenBucket({ count: 60, ms: 30_000 }, 0);
  assertEquals(bucket.msUntilTokens(60, 0), 0);
  bucket.take(60, 0);
  assertEquals([bucket.msUntilTokens(1, 0), bucket.msUntilTokens(2, 0), bucket.msUntilTokens(1, 300)], [
    500,
    1000,
    200,
  ]);
  assertEquals(
    [bucket.msUntilTokens(60, 0), bucket.msUntilTokens(Infinity, 0)],
    [29_700, 29_700],
    "what it can't hold: until it is full",
  );
  assertEquals(bucket.take(1, 500), 1);
});

pureTest("a clock that is set back gives nothing and takes nothing", () => {
  const bucket = new TokenBucket({ count: 2, ms: 1000 }, 10_000);
  bucket.take(1, 10_000);
  assertEquals(bucket.take(2, 0), 1);
  assertEquals([bucket.take(1, 499), bucket.take(1, 500)], [0, 1]);
});

pureTest("without a bound there is always one", () => {
  const bucket = new TokenBucket(UNLIMITED_RATE, 0);
  assertEquals([bucket.take(1e6, 0), bucket.take(1e6, 0), bucket.msUntilTokens(7, 0)], [1e6, 1e6, 0]);
});

pureTest(
  "what is spent without being there is owed, up to what the bucket holds, and nothing is given before it is paid",
  () => {
    const bucket = new TokenBucket({ count: 10, ms: 640 }, 0); // one in 64 ms
    bucket.spend(12.5, 0);
    assertEquals([bucket.available(0), bucket.take(1, 0), bucket.available(0)], [-2.5, 0, -2.5]);
    assertEquals([bucket.msUntilTokens(1, 0), bucket.take(3, 192), bucket.take(3, 224)], [224, 0, 1]);
    bucket.spend(1e9, 224);
    assertEquals([bucket.available(224), bucket.available(864)], [-10, 0]);
    const unbounded = new TokenBucket(UNLIMITED_RATE, 0);
    unbounded.spend(1e9, 0);
    assertEquals([unbounded.available(0), unbounded.take(5, 0)], [Infinity, 5]);
  },
);
