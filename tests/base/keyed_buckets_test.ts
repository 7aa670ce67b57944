import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { KeyedBuckets } from "../../lib/base/keyed_buckets.ts";
import { pureTest } from "../support/test.ts";

const RATE = { count: 2, ms: 1000 };

pureTest("each key has a bucket of its own", () => {
  const buckets = new KeyedBuckets(RATE);
  assertEquals(["a", "a", "a", "b"].map((key) => buckets.take(key, 0)), [true, true, false, true]);
  assertEquals(["a", "b", "c"].map((key) => buckets.msUntilToken(key, 0)), [500, 0, 0]);
  assertEquals(buckets.take("a", 500), true);
});

pureTest("who has been quiet is forgotten", () => {
  const buckets = new KeyedBuckets(RATE);
  for (let key = 0; key < 1000; key++) buckets.take(`early ${key}`, 0);
  assertEquals(buckets.size, 1000);
  for (let key = 0; key < 1000; key++) buckets.take(`late ${key}`, 5000);
  assertEquals(buckets.size, 1000, "only the late ones");
});

pureTest("beyond the bound the one heard of least recently is forgotten, and nobody new is shut out", () => {
  const buckets = new KeyedBuckets(RATE, 10);
  for (let key = 0; key < 100; key++) {
    assertEquals(buckets.take(`${key}`, 0), true);
    buckets.take("greedy", 0);
    assert(buckets.size <= 11, `${buckets.size} keys`);
  }
  assertEquals(buckets.take("greedy", 0), false, "who goes on is remembered");
});

pureTest("a token that is put back can be taken again; there are never more than at first", () => {
  const buckets = new KeyedBuckets(RATE);
  for (let time = 0; time < 2; time++) buckets.take("a", 0);
  buckets.refund("a", 0);
  assertEquals(["a", "a"].map((key) => buckets.take(key, 0)), [true, false]);
  for (let time = 0; time < 5; time++) buckets.refund("a", 0);
  buckets.refund("not known", 0);
  assertEquals(["a", "a", "a"].map((key) => buckets.take(key, 0)), [true, true, false]);
});

pureTest("a bucket can be taken out and put back, and is forgotten when it is full", () => {
  const buckets = new KeyedBuckets(RATE);
  const bucket = buckets.takeOut("a", 0);
  bucket.spend(2, 0);
  assertEquals(buckets.size, 0);
  buckets.returnBucket("a", bucket);
  assertEquals(buckets.takeOut("b", 500).available(500), 2);
  assertEquals(buckets.takeOut("a", 500).available(500), 1);
  buckets.returnBucket("a", bucket);
  buckets.takeOut("b", 5000);
  assertEquals(buckets.size, 0);
});
