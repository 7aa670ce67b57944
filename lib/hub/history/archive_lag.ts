/**
 * What the archive may not have handled yet. It follows the log behind the durable watermark; what it answers is as
 * of its cursor, and a channel may have got another name since, or a message may have been redacted.
 */
import type { UnconfirmedOrders } from "./unconfirmed_orders.ts";

export class ArchiveLag {
  readonly #orders: UnconfirmedOrders;
  #archivedUntil = 0;

  /** `isUsed`: there is an archive. */
  constructor(orders: UnconfirmedOrders, readonly isUsed: boolean) {
    this.#orders = orders;
  }

  /** The archive has handled every record below this number, as far as it has said. */
  get archivedUntil(): number {
    return this.#archivedUntil;
  }

  /** Number of redactions that the archive may not have handled. */
  get redactionCount(): number {
    return this.#orders.redactionCount;
  }

  /**
   * All is known here that an archive with this cursor, or a later one, has not handled. What is lost before it is
   * archived counts as handled only if the archive has confirmed the order that stands for it.
   */
  get coveredFrom(): number {
    const { trust } = this.#orders;
    return trust === undefined ? Infinity : Math.max(trust.completeFrom, trust.knownFrom);
  }

  /** Called when the archive has answered that it has handled every record below `until`. */
  noteArchived(until: number): void {
    this.#archivedUntil = Math.max(this.#archivedUntil, until);
  }

  /**
   * The name (folded) under which the archive has the channel that is called `folded` now, if its cursor is `until`;
   * undefined: it has nothing of it yet, because that name was another channel's.
   */
  nameAt(folded: string, until: number): string | undefined {
    for (const order of this.#orders.ofNames) {
      if (order.seq <= until) continue;
      if (order.kind === "retire") {
        if (order.name === folded) return undefined;
      } else if (order.to === folded) folded = order.from;
      else if (order.from === folded) return undefined;
    }
    return folded;
  }

  /** Whether the message at `seq` is redacted by a record that an archive with the cursor `until` has not handled. */
  isRedacted(seq: number, until: number): boolean {
    return (this.#orders.redactionOf(seq) ?? -1) >= until;
  }
}
