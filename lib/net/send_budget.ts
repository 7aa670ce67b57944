/**
 * What may wait in the send queues of all connections together, and in those of one address: it has a share, so that many
 * connections from one place cannot take all. A queue counts whole, though a buffer that goes to a channel is one for all of its
 * members: the budget bounds what a server can come to hold, not what it holds. Pure.
 */
import { assert } from "../base/assert.ts";

/** All send queues together: 64 of the fullest there may be. */
export const SEND_BUDGET_BYTES = 256 * 1024 * 1024;
/** Those of one address, an eighth: eight addresses together may take all. */
export const SEND_SHARE_BYTES = SEND_BUDGET_BYTES / 8;

/** As {@link SendBudget} sees a send queue. */
export interface QueueLoad {
  /** Counts in the budget and in {@link share}. */
  readonly heldBytes: number;
  readonly share: SendShare | undefined;
}

/** What waits for the connections of one address. */
export class SendShare {
  #bytes = 0;

  /** For {@link SendBudget}. */
  constructor(readonly budget: SendBudget, readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** So many bytes more wait; less, where it is negative. */
  add(bytes: number): void {
    this.#bytes += bytes;
    assert(this.#bytes >= 0, "no share holds less than nothing");
    this.budget.changed(this, bytes);
  }
}

export class SendBudget {
  /** Of addresses that may have as much as there is. */
  readonly exempt: SendShare = new SendShare(this, Infinity);
  #bytes = 0;
  /** Shares that were exceeded since the last look. */
  readonly #exceeded = new Set<SendShare>();

  constructor(readonly maxBytes = SEND_BUDGET_BYTES, readonly maxShareBytes = SEND_SHARE_BYTES) {}

  /** Bytes that wait in all queues. */
  get bytes(): number {
    return this.#bytes;
  }

  /** For one more address. */
  share(): SendShare {
    return new SendShare(this, this.maxShareBytes);
  }

  /** For {@link SendShare}. */
  changed(share: SendShare, bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0 && share.bytes > share.maxBytes) this.#exceeded.add(share);
  }

  /** Whether a bound is exceeded, so that {@link excess} has something to say. */
  get isExceeded(): boolean {
    for (const share of this.#exceeded) {
      if (share.bytes <= share.maxBytes) this.#exceeded.delete(share); // it was taken in time
    }
    return this.#exceeded.size > 0 || this.#bytes > this.maxBytes;
  }

  /**
   * Those of `queues` that must go, and why, fullest first, so that the rest is within the bounds. Each is to be emptied before
   * the next is asked for.
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

/** The fullest of `queues`, one after the other, as long as `whole` is exceeded. */
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
