/**
 * Histogram of latencies with buckets of logarithmic width, after HdrHistogram (http://hdrhistogram.org): memory is
 * fixed, and a percentile is at most 1.6 % above the value that was measured (below 64 ns: less than 1 ns).
 */

/** Buckets for each power of two. The width of a bucket is its lower bound divided by this number or less. */
const BUCKETS_PER_OCTAVE = 64;
const OCTAVE_BITS = 6;
/** Values are counted in nanoseconds, up to 2^42 of them (73 minutes); larger ones count as that. */
const VALUE_BITS = 42;
const NS_PER_MS = 1e6;

/** Percentiles in milliseconds; undefined: nothing was recorded. */
export interface LatencySummary {
  readonly samples: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
}

export class LatencyHistogram {
  readonly #counts = new Float64Array((VALUE_BITS - OCTAVE_BITS + 1) * BUCKETS_PER_OCTAVE);
  #samples = 0;
  #maxMs = 0;

  /** A negative latency, where two clocks differ by a microsecond, counts as 0. */
  record(latencyMs: number): void {
    this.#samples++;
    if (latencyMs > this.#maxMs) this.#maxMs = latencyMs;
    this.#counts[bucketOf(latencyMs * NS_PER_MS)]!++;
  }

  /** Counts the values of `other`, too. */
  merge(other: LatencyHistogram): void {
    this.#samples += other.#samples;
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
    for (const [bucket, count] of other.#counts.entries()) this.#counts[bucket]! += count;
  }

  get samples(): number {
    return this.#samples;
  }

  /** The value that `share` of all samples do not exceed. */
  percentileMs(share: number): number | undefined {
    if (this.#samples === 0) return undefined;
    const rank = Math.max(1, Math.ceil(share * this.#samples));
    let passed = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      passed += count;
      if (passed >= rank) return Math.min(upperBound(bucket) / NS_PER_MS, this.#maxMs);
    }
    return this.#maxMs;
  }

  summarize(): LatencySummary {
    return {
      samples: this.#samples,
      p50Ms: this.percentileMs(0.5),
      p99Ms: this.percentileMs(0.99),
      maxMs: this.#samples === 0 ? undefined : this.#maxMs,
    };
  }
}

/** Values below 64 ns have a bucket each; above, an octave has {@link BUCKETS_PER_OCTAVE}. */
function bucketOf(ns: number): number {
  const value = Math.min(Math.max(0, Math.floor(ns)), 2 ** VALUE_BITS - 1);
  if (value < BUCKETS_PER_OCTAVE) return value;
  const octave = highestBit(value) - OCTAVE_BITS;
  return (octave + 1) * BUCKETS_PER_OCTAVE + Math.floor(value / 2 ** octave) - BUCKETS_PER_OCTAVE;
}

/** Index of the highest bit that is set; Math.clz32 takes 32 bits. */
function highestBit(value: number): number {
  return value < 2 ** 32 ? 31 - Math.clz32(value) : 63 - Math.clz32(value / 2 ** 32);
}

/** The largest value that belongs to `bucket`, in nanoseconds. */
function upperBound(bucket: number): number {
  if (bucket < BUCKETS_PER_OCTAVE) return bucket;
  const octave = Math.floor(bucket / BUCKETS_PER_OCTAVE) - 1;
  return (bucket % BUCKETS_PER_OCTAVE + BUCKETS_PER_OCTAVE + 1) * 2 ** octave - 1;
}
