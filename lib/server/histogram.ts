/** Counts values by their size, in a few buckets with fixed bounds. */

export class Histogram {
  /** Number of values in each bucket: up to the bound of the same index, and beyond the last one. */
  readonly counts: Float64Array<ArrayBuffer>;
  sum = 0;

  /** `bounds`: the largest value of each bucket but the last, which has none; ascending. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  record(value: number): void {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
  }
}
