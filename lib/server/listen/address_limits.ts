/** How many connections one address may have and make: an IPv4 address, or an IPv6 network of 64 bits. */
import { subnetOf } from "../../base/ip.ts";
import type { AddressSet } from "../../base/ip.ts";
import { KeyedBuckets } from "../../base/keyed_buckets.ts";
import type { TokenBucket } from "../../base/token_bucket.ts";
import { SendBudget } from "../../net/send_budget.ts";
import type { SendShare } from "../../net/send_budget.ts";
import type { ServerLimits } from "../settings/limit_flags.ts";

/** Connections of one address that send as much as they may at the same time; more of them share that. */
const ADDRESS_SHARE = 4;

export type Admission =
  /** Nobody counts: the address is exempt. */
  | { kind: "exempt" }
  /** It is counted; {@link AddressLimits.left} is called once it is gone. */
  | { kind: "counted"; site: string; lines: TokenBucket }
  /** `why` says it in words, and when to try again. */
  | { kind: "refused"; site: string; why: string };

export type AdmittedClient = Exclude<Admission, { kind: "refused" }>;

/** Why a client is not admitted: its address is banned, or has too many connections. */
export interface AdmissionRefusal {
  readonly kind: "refused";
  /** Status of the HTTP response to a web client. */
  readonly status: 403 | 429;
  readonly why: string;
  /** Lines sent to an IRC client. */
  readonly ircText: string;
}

/** An address that has connections: how many, what waits to be written to them, and what they may send together. */
interface SiteUsage {
  open: number;
  readonly share: SendShare;
  readonly lines: TokenBucket;
}

/** Pure. The memory is bounded by the number of connections and, for their speed, by `MAX_KEYS` (base/keyed_buckets.ts). */
export class AddressLimits {
  readonly #sites = new Map<string, SiteUsage>();
  readonly #arrivals: KeyedBuckets;
  /** What those may send that have no connection now: to come anew refills nothing. */
  readonly #lines: KeyedBuckets;

  constructor(
    readonly limits: ServerLimits,
    readonly exempt: AddressSet,
    readonly budget = new SendBudget(),
  ) {
    this.#arrivals = new KeyedBuckets(limits.connectRate);
    const { count, ms } = limits.lineRate;
    this.#lines = new KeyedBuckets({ count: ADDRESS_SHARE * count, ms });
  }

  /** Addresses that have connections. */
  get addresses(): number {
    return this.#sites.size;
  }

  /** Somebody connects from `host`; `now` is in milliseconds. */
  admit(host: string, now: number): Admission {
    if (this.exempt.has(host)) return { kind: "exempt" };
    const site = subnetOf(host);
    const known = this.#sites.get(site);
    const open = known?.open ?? 0;
    if (open >= this.limits.perAddress) {
      const why = `too many connections from ${site}: ${open} are open; close one before you try again`;
      return { kind: "refused", site, why };
    }
    if (!this.#arrivals.take(site, now)) {
      const seconds = Math.ceil(this.#arrivals.msUntilToken(site, now) / 1000);
      return {
        kind: "refused",
        site,
        why: `too many new connections from ${site}; try again in ${seconds} ${
          seconds === 1 ? "second" : "seconds"
        }`,
      };
    }
    const { lines } = known ?? { lines: this.#lines.takeOut(site, now) };
    if (known === undefined) this.#sites.set(site, { open: 1, share: this.budget.share(), lines });
    else known.open++;
    return { kind: "counted", site, lines };
  }

  /** Where the send queue of a connection that was admitted counts. */
  share(admission: Admission): SendShare {
    const site = admission.kind === "counted" ? this.#sites.get(admission.site) : undefined;
    return site?.share ?? this.budget.exempt;
  }

  /** A connection that was counted is gone. */
  release(site: string): void {
    const known = this.#sites.get(site);
    if (known === undefined || --known.open > 0) return;
    this.#sites.delete(site);
    this.#lines.returnBucket(site, known.lines);
  }
}
