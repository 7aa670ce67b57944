import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LatencyHistogram } from "../../lib/bench/latency_histogram.ts";
import { pureTest } from "../support/test.ts";

pureTest("latency histogram: percentiles are at most 1.6 % above those of the values", () => {
  const histogram = new LatencyHistogram();
  const values: number[] = [];
  let state = 1;
  for (let nth = 0; nth < 10_000; nth++) {
    state = state * 48271 % 0x7fffffff; // MINSTD
    const ms = 10 ** (state / 0x7fffffff * 9 - 3); // 1 µs to 1000 s
    values.push(ms);
    histogram.record(ms);
  }
  values.sort((a, b) => a - b);
  for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
    const exact = values[Math.ceil(share * values.length) - 1]!;
    const ratio = histogram.percentileMs(share)! / exact;
    assert(ratio > 0.999 && ratio <= 1.016, `${share}: ${ratio}`);
  }
  assertEquals(histogram.summarize().maxMs, values.at(-1));
  assertEquals(histogram.samples, values.length);
});

pureTest(
  "latency histogram: nothing recorded has no percentiles; a negative or endless latency has a bucket",
  () => {
    const histogram = new LatencyHistogram();
    assertEquals(histogram.summarize(), { samples: 0, p50Ms: undefined, p99Ms: undefined, maxMs: undefined });
    histogram.record(-0.002);
    assertEquals(histogram.percentileMs(0.5), 0);
    histogram.record(1e12);
    assertEquals(histogram.samples, 2);
    assert(histogram.percentileMs(1)! > 4e6, "the largest bucket");
  },
);
