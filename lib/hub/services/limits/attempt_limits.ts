/**
 * How often one address may fail to log in and make accounts, and one user change its nick; an IPv6 network of 64 bits counts as one address.
 *
 * A password takes a while to hash, so what is counted is the attempt, before the hashing begins; one that succeeds is given
 * back. However many attempts of one address run at the same moment, no more are looked at than there are tokens.
 */
import { subnetOf } from "../../../base/ip.ts";
import type { AddressSet } from "../../../base/ip.ts";
import { KeyedBuckets } from "../../../base/keyed_buckets.ts";
import { TokenBucket } from "../../../base/token_bucket.ts";
import type { Rate } from "../../../base/token_bucket.ts";
import type { User } from "../../model/state/entities.ts";

/** The attempts of one kind. Hosts are as in a source; times are in milliseconds. */
export class AttemptLimit {
  readonly #buckets: KeyedBuckets;

  /** Hosts in `exempt` may try as often as they like. */
  constructor(rate: Rate, readonly exempt: AddressSet) {
    this.#buckets = new KeyedBuckets(rate);
  }

  /** Milliseconds until there may be an attempt from `host`; 0: now. Takes nothing: for an early refusal only. */
  waitMs(host: string, now: number): number {
    return this.#buckets.msUntilToken(subnetOf(host), now);
  }

  /** Counts an attempt from `host`. 0: it may go on; otherwise milliseconds until there may be one, and nothing is counted. */
  take(host: string, now: number): number {
    if (this.exempt.has(host)) return 0;
    const site = subnetOf(host);
    if (this.#buckets.take(site, now)) return 0;
    return Math.max(1, this.#buckets.msUntilToken(site, now));
  }

  /** An attempt that was counted does not count: a login that succeeded, an account that was not made. */
  refund(host: string, now: number): void {
    if (!this.exempt.has(host)) this.#buckets.refund(subnetOf(host), now);
  }
}

/** How often each user may change its nick. */
export class NickChangeLimit {
  readonly #rate: Rate;
  /** Made with the first change. */
  readonly #buckets = new WeakMap<User, TokenBucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Counts a change of the nick of `user`. 0: it may go on; otherwise milliseconds until there may be one, and nothing is counted. */
  take(user: User, now: number): number {
    const known = this.#buckets.get(user);
    const bucket = known ?? new TokenBucket(this.#rate, now);
    if (known === undefined) this.#buckets.set(user, bucket);
    return bucket.take(1, now) === 1 ? 0 : bucket.msUntilTokens(1, now);
  }
}

export class AttemptLimits {
  /** Passwords that are wrong: of accounts, and the server's own. */
  readonly logins: AttemptLimit;
  /** Accounts that are made. */
  readonly registrations: AttemptLimit;
  readonly nickChanges: NickChangeLimit;

  constructor(limits: { loginFailures: Rate; registrations: Rate; nickChanges: Rate }, exempt: AddressSet) {
    this.logins = new AttemptLimit(limits.loginFailures, exempt);
    this.nickChanges = new NickChangeLimit(limits.nickChanges);
    this.registrations = new AttemptLimit(limits.registrations, exempt);
  }
}
