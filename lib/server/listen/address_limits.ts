/**
 * Limits per site (an IPv4 address or an IPv6 /64 network): open connections, new connections, and input of all of
 * them together.
 */
import { assert } from "../../base/assert.ts";
import { subnetOf } from "../../base/ip.ts";
import type { AddressSet } from "../../base/ip.ts";
import { KeyedBuckets } from "../../base/keyed_buckets.ts";
import type { TokenBucket } from "../../base/token_bucket.ts";
import type { RefusalKind } from "../../net/refused_connections.ts";
import { SendBudget } from "../../net/send_budget.ts";
import type { SendShare } from "../../net/send_budget.ts";
import type { ServerLimits } from "../settings/limit_flags.ts";

/**
 * Number of connections of one site that can send at their full rate at the same time; more of them share that
 * rate.
 */
const ADDRESS_SHARE = 4;

export type Admission =
  /** The address is exempt: no limits apply. */
  | { kind: "exempt" }
  /** The connection is counted until {@link AddressLimits.release}; `lines` is the bucket of its site. */
  | { kind: "counted"; site: string; lines: TokenBucket }
  /** `why` is a sentence that says when to try again. */
  | { kind: "refused"; site: string; why: string };

export type AdmittedClient = Exclude<Admission, { kind: "refused" }>;

/** Why a client is not admitted: its address is banned, or has too many connections. */
export interface AdmissionRefusal {
  readonly kind: "refused";
  readonly cause: RefusalKind;
  /** Status of the HTTP response to a web client. */
  readonly status: 403 | 429;
  readonly why: string;
  /** Lines sent to an IRC client. */
  readonly ircText: string;
}

/**
 * Usage of a site with open connections: their number, the share of their send queues, and the bucket of their
 * input.
 */
interface SiteUsage {
  open: number;
  readonly share: SendShare;
  readonly lines: TokenBucket;
}

/** Pure. Memory is bounded by the number of connections and, for the rates, by `MAX_KEYS` (base/keyed_buckets.ts). */
export class AddressLimits {
  readonly #sites = new Map<string, SiteUsage>();
  readonly #newConnections: KeyedBuckets;
  /** Buckets of sites without connections: reconnecting does not refill them. */
  readonly #lines: KeyedBuckets;

  constructor(
    public limits: ServerLimits,
    readonly exempt: AddressSet,
    readonly budget = new SendBudget(),
  ) {
    this.#newConnections = new KeyedBuckets(limits.connectRate);
    const { count, ms } = limits.lineRate;
    this.#lines = new KeyedBuckets({ count: ADDRESS_SHARE * count, ms });
  }

  /** Replaces the limits of connections: those that are open stay. The limit of lines is not replaced. */
  replaceLimits({ perAddress, connectRate }: Omit<ServerLimits, "lineRate">): void {
    this.limits = { ...this.limits, perAddress, connectRate };
    this.#newConnections.replaceRate(connectRate);
  }

  /** Number of sites with connections. */
  get addresses(): number {
    return this.#sites.size;
  }

  /** Decides about a new connection from `host`; `now` is in milliseconds. */
  admit(host: string, now: number): Admission {
    if (this.exempt.has(host)) return { kind: "exempt" };
    const site = subnetOf(host);
    const known = this.#sites.get(site);
    const open = known?.open ?? 0;
    if (open >= this.limits.perAddress) {
      const why = `too many connections from ${site}: ${open} are open; close one before you try again`;
      return { kind: "refused", site, why };
    }
    if (!this.#newConnections.take(site, now)) {
      const seconds = Math.ceil(this.#newConnections.msUntilToken(site, now) / 1000);
      return {
        kind: "refused",
        site,
        why: `too many new connections from ${site}; try again in ${seconds} ${
          seconds === 1 ? "second" : "seconds"
        }`,
      };
    }
    return this.#count(site, now);
  }

  /** Counts a connection from `host` that was admitted before, by an earlier hub; it is never refused. */
  admitAgain(host: string, now: number): AdmittedClient {
    return this.exempt.has(host) ? { kind: "exempt" } : this.#count(subnetOf(host), now);
  }

  #count(site: string, now: number): AdmittedClient {
    const known = this.#sites.get(site);
    const { lines } = known ?? { lines: this.#lines.takeOut(site, now) };
    if (known === undefined) this.#sites.set(site, { open: 1, share: this.budget.share(), lines });
    else known.open++;
    return { kind: "counted", site, lines };
  }

  /** The share that the send queue of an admitted connection counts in. */
  share(admission: Admission): SendShare {
    const site = admission.kind === "counted" ? this.#sites.get(admission.site) : undefined;
    return site?.share ?? this.budget.exempt;
  }

  /** A counted connection of `site` is gone. */
  release(site: string): void {
    const known = this.#sites.get(site);
    assert(known !== undefined, "a connection that ends was counted");
    if (--known.open > 0) return;
    this.#sites.delete(site);
    this.#lines.returnBucket(site, known.lines);
  }
}
