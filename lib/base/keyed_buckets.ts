/** A token bucket for each of many (addresses, for one): those that are full again are forgotten, and the memory is bounded. */
import { TokenBucket } from "./token_bucket.ts";
import type { Rate } from "./token_bucket.ts";

/** Keys known at one time; about 200 bytes each. */
export const MAX_BUCKETS = 50_000;
/** So many of those that were heard of least recently are looked at for each one that is added: fewer stay than come. */
const SWEPT_PER_INSERT = 2;

export class KeyedBuckets {
  /** Least recently used first. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(readonly rate: Rate, readonly maxKeys: number = MAX_BUCKETS) {}

  /** How many keys are known. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token of `key`'s; `false`: there is none. */
  take(key: string, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.rate, now);
    this.#buckets.delete(key);
    this.#sweep(now);
    this.#buckets.set(key, bucket);
    return bucket.take(1, now) === 1;
  }

  /** Puts a token of `key`'s back. A key that is not known any more has all of its tokens. */
  refund(key: string, now: number): void {
    this.#buckets.get(key)?.refund(now);
  }

  /** The bucket of `key`, which is not kept here any more: the caller has it, and puts it back. */
  takeOut(key: string, now: number): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.rate, now);
    this.#buckets.delete(key);
    this.#sweep(now);
    return bucket;
  }

  /** Keeps a bucket that was removed, until it is full again. */
  returnBucket(key: string, bucket: TokenBucket): void {
    this.#buckets.set(key, bucket);
  }

  /** Milliseconds until `key` has a token; 0: now. */
  msUntilToken(key: string, now: number): number {
    return this.#buckets.get(key)?.msUntilTokens(1, now) ?? 0;
  }

  /**
   * Makes space. Beyond the bound whoever was heard of least recently is forgotten, as if new: to let somebody have more than
   * a share is better than to shut out all who were not heard of before.
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
