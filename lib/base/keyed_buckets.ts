/** One token bucket per key (per address, for example). Full buckets are forgotten, and memory is bounded. */
import { TokenBucket } from "./token_bucket.ts";
import type { Rate } from "./token_bucket.ts";

/** Bound on known keys; about 200 bytes each. */
const MAX_BUCKETS = 50_000;
/** Least recently used buckets checked for each one added: more are removed than added. */
const SWEPT_PER_INSERT = 2;

export class KeyedBuckets {
  /** Least recently used first. */
  readonly #buckets = new Map<string, TokenBucket>();

  #rate: Rate;

  constructor(rate: Rate, readonly maxKeys: number = MAX_BUCKETS) {
    this.#rate = rate;
  }

  /** Number of known keys. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Replaces the rate. Another one begins with full buckets, except for those that are taken out. */
  replaceRate(rate: Rate): void {
    if (rate.count === this.#rate.count && rate.ms === this.#rate.ms) return;
    this.#rate = rate;
    this.#buckets.clear();
  }

  /** Takes a token from the bucket of `key`; false if it is empty. */
  take(key: string, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate, now);
    this.#buckets.delete(key);
    this.#sweep(now);
    this.#buckets.set(key, bucket);
    return bucket.take(1, now) === 1;
  }

  /** Puts back a token of `key`. A key that is no longer known has a full bucket. */
  refund(key: string, now: number): void {
    this.#buckets.get(key)?.refund(now);
  }

  /** Removes the bucket of `key` and hands it to the caller, which returns it with {@link returnBucket}. */
  takeOut(key: string, now: number): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate, now);
    this.#buckets.delete(key);
    this.#sweep(now);
    return bucket;
  }

  /** Keeps a bucket that was taken out until it is full again. */
  returnBucket(key: string, bucket: TokenBucket): void {
    this.#buckets.set(key, bucket);
  }

  /** Milliseconds until `key` has a token; 0 if it has one now. */
  msUntilToken(key: string, now: number): number {
    return this.#buckets.get(key)?.msUntilTokens(1, now) ?? 0;
  }

  /**
   * Makes space. At the bound the least recently used bucket is forgotten, so its key starts with a full one: giving
   * one key more than its share is better than refusing all new keys.
   */
  #sweep(now: number): void {
    let left = SWEPT_PER_INSERT;
    for (const [key, bucket] of this.#buckets) {
      if (left-- === 0 || this.#buckets.size < this.maxKeys && bucket.msUntilTokens(Infinity, now) > 0) {
        return;
      }
      this.#buckets.delete(key);
    }
  }
}
