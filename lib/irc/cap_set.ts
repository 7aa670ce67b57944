/** Sets of capabilities. */
import { assert } from "../base/assert.ts";

/** A capability: its place in a {@link CapSet}, 0 to 63. */
export type Cap = number;

/** Capabilities that a {@link CapSet} can hold. */
export const MAX_CAPS = 64;

/** Different sets that are known at one time; of more, equal sets are made anew. */
const MAX_SHARED_CAP_SETS = 4096;

/** By low word, then by high word. */
const shared = new Map<number, Map<number, CapSet>>();
let sharedCount = 0;

/**
 * An immutable set of capabilities. Sessions that negotiated the same share one object, so a set costs a
 * session a pointer.
 */
export class CapSet {
  static readonly EMPTY = new CapSet(0, 0);

  private constructor(readonly low: number, readonly high: number) {}

  static of(...caps: readonly Cap[]): CapSet {
    return caps.reduce((set, cap) => set.with(cap), CapSet.EMPTY);
  }

  /** The set of the places with bits set in `low` (0 to 31) and `high` (32 to 63). */
  static ofWords(low: number, high = 0): CapSet {
    if (low === 0 && high === 0) return CapSet.EMPTY;
    let byHigh = shared.get(low);
    const known = byHigh?.get(high);
    if (known !== undefined) return known;
    if (sharedCount >= MAX_SHARED_CAP_SETS) {
      shared.clear();
      sharedCount = 0;
      byHigh = undefined;
    }
    if (byHigh === undefined) shared.set(low, byHigh = new Map());
    const made = new CapSet(low, high);
    byHigh.set(high, made);
    sharedCount++;
    return made;
  }

  has(cap: Cap): boolean {
    return ((cap < 32 ? this.low : this.high) >>> (cap & 31) & 1) === 1;
  }

  hasAll(other: CapSet): boolean {
    return (this.low & other.low) === other.low && (this.high & other.high) === other.high;
  }

  equals(other: CapSet): boolean {
    return this.low === other.low && this.high === other.high;
  }

  with(cap: Cap): CapSet {
    assert(cap >= 0 && cap < MAX_CAPS, `a capability's place is 0 to ${MAX_CAPS - 1}`);
    const bit = 1 << (cap & 31);
    return cap < 32 ? CapSet.ofWords(this.low | bit, this.high) : CapSet.ofWords(this.low, this.high | bit);
  }

  without(cap: Cap): CapSet {
    const bit = 1 << (cap & 31);
    return cap < 32 ? CapSet.ofWords(this.low & ~bit, this.high) : CapSet.ofWords(this.low, this.high & ~bit);
  }

  union(other: CapSet): CapSet {
    return CapSet.ofWords(this.low | other.low, this.high | other.high);
  }

  intersection(other: CapSet): CapSet {
    return CapSet.ofWords(this.low & other.low, this.high & other.high);
  }
}
