/**
 * A reader of the log with its own cursor: delivery, history, `logs --tail`, the sync task, the cluster bridge. It
 * never blocks the writer; a reader that is too slow is told how many records it missed, and continues at the oldest
 * record.
 */
import type { ReadOutcome } from "./read_outcome.ts";
import type { Ring } from "./ring.ts";

export class LogReader {
  readonly #ring: Ring;
  #cursor: number;

  /** Starts at record `fromSeq`, which may be overwritten, present or not yet written. */
  constructor(ring: Ring, fromSeq: number) {
    this.#ring = ring;
    this.#cursor = fromSeq;
  }

  /** Sequence number of the record that {@link next} reads. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Reads the record at the cursor and advances: past the record, or past the missing ones. */
  next(into?: Uint8Array): ReadOutcome {
    const outcome = this.#ring.read(this.#cursor, into);
    if (outcome.kind === "ok") this.#cursor = outcome.seq + 1;
    else if (outcome.kind === "missing") this.#cursor = outcome.next;
    return outcome;
  }

  /**
   * Resolves when {@link next} has a record or missing records to return, or when `signal` aborts. Waiting alone
   * keeps no process alive.
   */
  async waitForMore(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const abort = () => resolve();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      while (!signal?.aborted) {
        const seen = this.#ring.wakeCount; // read first: a wake after this ends the wait at once
        if (this.#cursor < this.#ring.nextSeq) return;
        const woken = this.#ring.waitForWake(seen);
        if (woken !== undefined) await Promise.race([woken, aborted]);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}
