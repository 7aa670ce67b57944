/**
 * Limits of searches, per account, or per site (an IPv6 network of 64 bits counts as one address) for clients without
 * one: one search at a time, and a rate.
 */
import { subnetOf } from "../../../base/ip.ts";
import type { AddressSet } from "../../../base/ip.ts";
import { KeyedBuckets } from "../../../base/keyed_buckets.ts";
import type { Rate } from "../../../base/token_bucket.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";

/** Searches of one account, or from one site. */
export const SEARCH_RATE: Rate = { count: 30, ms: 60_000 };
/** How long a client waits before it tries again while another search runs. */
const BUSY_MS = 1000;

export class SearchLimits {
  readonly #buckets = new KeyedBuckets(SEARCH_RATE);
  /** The session that searches, by account or site. */
  readonly #running = new Map<string, Session>();

  /** Hosts in `exempt` have no rate, and without an account no bound at all. */
  constructor(readonly exempt: AddressSet) {}

  /**
   * Counts a search of `session`, which lasts until {@link end}, and returns 0; or returns the milliseconds after which
   * one may be allowed, and counts nothing.
   */
  begin(session: Session, now: number): number {
    const key = keyOf(session);
    const isExempt = this.exempt.has(session.host);
    if (isExempt && accountOf(session) === undefined) return 0;
    if (this.#running.has(key)) return BUSY_MS;
    if (!isExempt && !this.#buckets.take(key, now)) return Math.max(1, this.#buckets.msUntilToken(key, now));
    this.#running.set(key, session);
    return 0;
  }

  /** The search of `session` has ended, or the session itself. */
  end(session: Session): void {
    for (const [key, running] of this.#running) if (running === session) this.#running.delete(key);
  }
}

function keyOf(session: Session): string {
  return accountOf(session)?.owner ?? subnetOf(session.host);
}
