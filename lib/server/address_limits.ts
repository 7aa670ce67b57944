/** How many connections one address may have and make: an IPv4 address, or an IPv6 network of 64 bits. */
import { siteOf } from "../base/ip.ts";
import type { AddressSet } from "../base/ip.ts";
import { KeyedBuckets } from "../base/keyed_buckets.ts";
import type { Rate } from "../base/token_bucket.ts";

export interface ServerLimits {
  /** Connections of one address at one time. */
  perAddress: number;
  /** New connections of one address. */
  connectRate: Rate;
  /** Lines of one connection; what it sends beyond waits unread. */
  lineRate: Rate;
}

/** A script of ours that sends as much as it sends at once, 1 MiB, is not slowed down where its lines have 175 bytes or more. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  perAddress: 100,
  connectRate: { count: 60, ms: 30_000 },
  lineRate: { count: 6_000, ms: 120_000 },
};

export type Admission =
  /** Nobody counts: the address is exempt. */
  | { kind: "exempt" }
  /** It is counted; {@link AddressLimits.left} is called once it is gone. */
  | { kind: "counted"; site: string }
  /** `why` says it in words, and when to try again. */
  | { kind: "refused"; site: string; why: string };

/** Pure. The memory is bounded by the number of connections and, for their speed, by `MAX_KEYS` (base/keyed_buckets.ts). */
export class AddressLimits {
  readonly #open = new Map<string, number>();
  readonly #arrivals: KeyedBuckets;

  constructor(
    readonly limits: Pick<ServerLimits, "perAddress" | "connectRate">,
    readonly exempt: AddressSet,
  ) {
    this.#arrivals = new KeyedBuckets(limits.connectRate);
  }

  /** Addresses that have connections. */
  get addresses(): number {
    return this.#open.size;
  }

  /** Somebody connects from `host`; `now` is in milliseconds. */
  admit(host: string, now: number): Admission {
    if (this.exempt.has(host)) return { kind: "exempt" };
    const site = siteOf(host);
    const open = this.#open.get(site) ?? 0;
    if (open >= this.limits.perAddress) {
      const why = `too many connections from ${site}: ${open} are open; close one before you try again`;
      return { kind: "refused", site, why };
    }
    if (!this.#arrivals.take(site, now)) {
      const seconds = Math.ceil(this.#arrivals.wait(site, now) / 1000);
      return {
        kind: "refused",
        site,
        why: `too many new connections from ${site}; try again in ${seconds} ${
          seconds === 1 ? "second" : "seconds"
        }`,
      };
    }
    this.#open.set(site, open + 1);
    return { kind: "counted", site };
  }

  /** A connection that was counted is gone. */
  left(site: string): void {
    const open = (this.#open.get(site) ?? 0) - 1;
    if (open > 0) this.#open.set(site, open);
    else this.#open.delete(site);
  }
}
