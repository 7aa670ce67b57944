/** Token bucket: an action takes tokens, which refill at a rate. Pure: the caller passes `now`, in milliseconds. */

/** `count` actions at once, and as many again within `ms`. A `count` of Infinity sets no bound. */
export interface Rate {
  readonly count: number;
  readonly ms: number;
}

/** No bound. */
export const UNLIMITED_RATE: Rate = { count: Infinity, ms: 1 };

export class TokenBucket {
  #tokens: number;
  #at: number;

  /** Starts full. */
  constructor(readonly rate: Rate, now: number) {
    this.#tokens = rate.count;
    this.#at = now;
  }

  /** Takes `wanted` tokens, or as many whole ones as are available; returns the number taken. */
  take(wanted: number, now: number): number {
    this.#refill(now);
    const taken = Math.min(wanted, Math.max(0, Math.floor(this.#tokens)));
    this.#tokens -= taken;
    return taken;
  }

  /** Puts back one token that was taken for an action that does not count after all; a full bucket stays full. */
  refund(now: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.rate.count, this.#tokens + 1);
  }

  /** Available tokens, with fractions; negative if tokens are owed. */
  available(now: number): number {
    this.#refill(now);
    return this.#tokens;
  }

  /** Takes `tokens` even if they are not available; the missing ones are owed, up to the capacity of the bucket. */
  spend(tokens: number, now: number): void {
    this.#refill(now);
    this.#tokens = Math.max(-this.rate.count, this.#tokens - tokens);
  }

  /**
   * Milliseconds until `wanted` tokens are available, or until the bucket is full if it holds fewer; 0 if they are
   * available now.
   */
  msUntilTokens(wanted: number, now: number): number {
    this.#refill(now);
    const { count, ms } = this.rate;
    const missing = Math.min(wanted, count) - this.#tokens;
    return missing > 0 ? Math.ceil(missing * ms / count) : 0; // NaN for a rate without a bound
  }

  #refill(now: number): void {
    const { count, ms } = this.rate;
    if (count === Infinity) return;
    // A clock that was set back neither adds nor removes tokens.
    this.#tokens = Math.min(count, this.#tokens + Math.max(0, now - this.#at) * count / ms);
    this.#at = now;
  }
}
