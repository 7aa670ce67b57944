/**
 * Bounds the bytes in the send queues of all connections, and of those of one address: each address has a share, so
 * that many connections from one place cannot use the whole budget. A queue counts in full even where it shares a
 * buffer with other members of a channel: the budget bounds what a server may come to hold, not what it holds. Pure.
 */
import { assert } from "../base/assert.ts";

/** Bound on all send queues together: 64 full ones. */
export const SEND_BUDGET_BYTES = 256 * 1024 * 1024;
/** Bound on the queues of one address: an eighth, so that eight addresses together may use the whole budget. */
export const SEND_SHARE_BYTES = SEND_BUDGET_BYTES / 8;

/** A send queue as {@link SendBudget} sees it. */
export interface QueueLoad {
  /** Counts in the budget and in {@link share}. */
  readonly heldBytes: number;
  readonly share?: SendShare | undefined;
}

/** Bytes in the queues of one address. */
export class SendShare {
  #bytes = 0;

  /** Created by {@link SendBudget}. */
  constructor(readonly budget: SendBudget, readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds `bytes`, which may be negative. */
  add(bytes: number): void {
    this.#bytes += bytes;
    assert(this.#bytes >= 0, "a send share is never negative");
    this.budget.changed(this, bytes);
  }
}

export class SendBudget {
  /** Share of addresses without a bound of their own. */
  readonly exempt: SendShare = new SendShare(this, Infinity);
  #bytes = 0;
  /** Shares exceeded since the last check. */
  readonly #exceeded = new Set<SendShare>();

  constructor(readonly maxBytes = SEND_BUDGET_BYTES, readonly maxShareBytes = SEND_SHARE_BYTES) {}

  /** Bytes in all queues. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A share for another address. */
  share(): SendShare {
    return new SendShare(this, this.maxShareBytes);
  }

  /** Called by {@link SendShare}. */
  changed(share: SendShare, bytes: number): void {
    this.#bytes += bytes;
    assert(this.#bytes >= 0, "the send budget in use is never negative");
    if (bytes > 0 && share.bytes > share.maxBytes) this.#exceeded.add(share);
  }

  /** Whether a bound is exceeded, so that {@link excess} yields queues. */
  get isExceeded(): boolean {
    for (const share of this.#exceeded) {
      if (share.bytes <= share.maxBytes) this.#exceeded.delete(share); // below the bound again
    }
    return this.#exceeded.size > 0 || this.#bytes > this.maxBytes;
  }

  /**
   * Yields those of `queues` that must be closed to stay within the bounds, fullest first, with the reason. The
   * caller empties each before it asks for the next.
   */
  *excess<T extends QueueLoad>(queues: readonly T[]): Generator<[T, string]> {
    for (const share of this.#exceeded) {
      for (const queue of fullestQueues(share, queues.filter((each) => each.share === share))) {
        yield [queue, "Send queue exceeded (limit of the address)"];
      }
    }
    this.#exceeded.clear();
    for (const queue of fullestQueues(this, queues)) {
      yield [queue, "Send queue exceeded (limit of the server)"];
    }
  }
}

/** The fullest of `queues`, one after the other, while `whole` exceeds its bound. */
function* fullestQueues<T extends QueueLoad>(
  whole: { readonly bytes: number; readonly maxBytes: number },
  queues: readonly T[],
): Generator<T> {
  if (whole.bytes <= whole.maxBytes) return;
  for (const queue of queues.toSorted((a, b) => b.heldBytes - a.heldBytes)) {
    if (whole.bytes <= whole.maxBytes) return;
    yield queue;
  }
}
