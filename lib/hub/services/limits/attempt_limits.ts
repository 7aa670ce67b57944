/**
 * Rate limits: failed logins and account registrations per site (an IPv6 network of 64 bits counts as one address),
 * nick changes per user.
 *
 * Hashing a password takes time, so an attempt is counted before the hashing begins, and refunded if it succeeds.
 * However many attempts arrive from one address at the same time, no more are checked than there are tokens.
 */
import { subnetOf } from "../../../base/ip.ts";
import type { AddressSet } from "../../../base/ip.ts";
import { KeyedBuckets } from "../../../base/keyed_buckets.ts";
import { TokenBucket } from "../../../base/token_bucket.ts";
import type { Rate } from "../../../base/token_bucket.ts";
import type { User } from "../../model/state/entities.ts";

/** Attempt limit of one kind. Hosts are as in a source; times are in milliseconds. */
export class AttemptLimit {
  readonly #buckets: KeyedBuckets;

  /** Hosts in `exempt` are not limited. */
  constructor(rate: Rate, readonly exempt: AddressSet) {
    this.#buckets = new KeyedBuckets(rate);
  }

  /** Another rate begins with no attempts counted. */
  replaceRate(rate: Rate): void {
    this.#buckets.replaceRate(rate);
  }

  /** Milliseconds until the next attempt from `host` is allowed; 0: now. Takes no token: only for an early refusal. */
  waitMs(host: string, now: number): number {
    return this.#buckets.msUntilToken(subnetOf(host), now);
  }

  /**
   * Counts an attempt from `host` and returns 0; or returns the milliseconds until the next one is allowed, and
   * counts nothing.
   */
  take(host: string, now: number): number {
    if (this.exempt.has(host)) return 0;
    const site = subnetOf(host);
    if (this.#buckets.take(site, now)) return 0;
    return Math.max(1, this.#buckets.msUntilToken(site, now));
  }

  /** Gives back the token of a counted attempt: a login that succeeded, or a registration that made no account. */
  refund(host: string, now: number): void {
    if (!this.exempt.has(host)) this.#buckets.refund(subnetOf(host), now);
  }
}

/** Rate limit of nick changes, per user. */
class NickChangeLimit {
  #rate: Rate;
  /** Created with a user's first change. */
  #buckets = new WeakMap<User, TokenBucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Another rate begins with no changes counted. */
  replaceRate(rate: Rate): void {
    if (rate.count === this.#rate.count && rate.ms === this.#rate.ms) return;
    this.#rate = rate;
    this.#buckets = new WeakMap();
  }

  /**
   * Counts a nick change of `user` and returns 0; or returns the milliseconds until the next one is allowed, and
   * counts nothing.
   */
  take(user: User, now: number): number {
    const known = this.#buckets.get(user);
    const bucket = known ?? new TokenBucket(this.#rate, now);
    if (known === undefined) this.#buckets.set(user, bucket);
    return bucket.take(1, now) === 1 ? 0 : bucket.msUntilTokens(1, now);
  }
}

/** The rates of {@link AttemptLimits}. */
interface AttemptRates {
  readonly loginFailures: Rate;
  readonly registrations: Rate;
  readonly nickChanges: Rate;
}

export class AttemptLimits {
  /** Failed attempts with the password of an account or of the server. */
  readonly logins: AttemptLimit;
  /**
   * Failed attempts with tokens and codes of keys, which cannot be guessed: a script with an old one keeps no other
   * client at its address from a login with a password.
   */
  readonly tokens: AttemptLimit;
  /** Account registrations. */
  readonly registrations: AttemptLimit;
  readonly nickChanges: NickChangeLimit;

  constructor(limits: AttemptRates, exempt: AddressSet) {
    this.logins = new AttemptLimit(limits.loginFailures, exempt);
    this.tokens = new AttemptLimit(limits.loginFailures, exempt);
    this.nickChanges = new NickChangeLimit(limits.nickChanges);
    this.registrations = new AttemptLimit(limits.registrations, exempt);
  }

  replaceRates({ loginFailures, registrations, nickChanges }: AttemptRates): void {
    this.logins.replaceRate(loginFailures);
    this.tokens.replaceRate(loginFailures);
    this.registrations.replaceRate(registrations);
    this.nickChanges.replaceRate(nickChanges);
  }
}
