/** How often something may happen: a bucket of tokens that are used up and come again. Pure: `now` comes in, in milliseconds. */

/** So many at once, and as many again in that time. A `count` of Infinity is no bound. */
export interface Rate {
  readonly count: number;
  readonly ms: number;
}

/** Whatever happens, as often as it likes. */
export const UNLIMITED_RATE: Rate = { count: Infinity, ms: 1 };

export class TokenBucket {
  #tokens: number;
  #at: number;

  /** Full. */
  constructor(readonly rate: Rate, now: number) {
    this.#tokens = rate.count;
    this.#at = now;
  }

  /** Takes `wanted` tokens, or as many whole ones as there are, and answers how many. */
  take(wanted: number, now: number): number {
    this.#refill(now);
    const taken = Math.min(wanted, Math.max(0, Math.floor(this.#tokens)));
    this.#tokens -= taken;
    return taken;
  }

  /** Puts one token back, which was taken for something that does not count after all; a full bucket stays full. */
  refund(now: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.rate.count, this.#tokens + 1);
  }

  /** How many there are, with fractions; below 0 some are owed. */
  available(now: number): number {
    this.#refill(now);
    return this.#tokens;
  }

  /** Takes `tokens`, whether they are there or not: what is missing is owed, up to as many as the bucket holds. */
  spend(tokens: number, now: number): void {
    this.#refill(now);
    this.#tokens = Math.max(-this.rate.count, this.#tokens - tokens);
  }

  /** Milliseconds until there are `wanted` tokens, or, where that is more than the bucket holds, until it is full; 0: now. */
  msUntilTokens(wanted: number, now: number): number {
    this.#refill(now);
    const { count, ms } = this.rate;
    const missing = Math.min(wanted, count) - this.#tokens;
    return missing > 0 ? Math.ceil(missing * ms / count) : 0; // without a bound it is no number
  }

  #refill(now: number): void {
    const { count, ms } = this.rate;
    if (count === Infinity) return;
    // A clock that was set back gives nothing, and takes nothing.
    this.#tokens = Math.min(count, this.#tokens + Math.max(0, now - this.#at) * count / ms);
    this.#at = now;
  }
}
