/** How often one place may fail to log in, and make accounts: per address, for IPv6 per /64. */
import { siteOf } from "../base/ip.ts";
import type { AddressSet } from "../base/ip.ts";
import { KeyedBuckets } from "../base/keyed_buckets.ts";
import type { Rate } from "../base/token_bucket.ts";

/** Hosts are as in a source; times are in milliseconds. */
export class AttemptLimits {
  readonly #logins: KeyedBuckets;
  readonly #registrations: KeyedBuckets;

  /** Those in `exempt` may try as often as they like. */
  constructor(limits: { loginFailures: Rate; registrations: Rate }, readonly exempt: AddressSet) {
    this.#logins = new KeyedBuckets(limits.loginFailures);
    this.#registrations = new KeyedBuckets(limits.registrations);
  }

  /** Milliseconds until somebody at `host` may try to log in; 0: now. Ask before a password is looked at. */
  mayTry(host: string, now: number): number {
    return this.#logins.wait(siteOf(host), now);
  }

  /** A name and password, or a password of the server's, from `host` were wrong. */
  failed(host: string, now: number): void {
    if (!this.exempt.has(host)) this.#logins.take(siteOf(host), now);
  }

  /** Milliseconds until somebody at `host` may make an account; 0: now. */
  mayRegister(host: string, now: number): number {
    return this.#registrations.wait(siteOf(host), now);
  }

  /** Somebody at `host` has made an account. */
  registered(host: string, now: number): void {
    if (!this.exempt.has(host)) this.#registrations.take(siteOf(host), now);
  }
}
