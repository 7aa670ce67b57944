/**
 * A reader of the log with its own cursor: delivery, history, `logs --tail`, the sync task, the cluster bridge. It
 * holds nobody up; when it is too slow it is told how many records it missed, and goes on at the oldest there is.
 */
import type { ReadOutcome } from "./read_outcome.ts";
import type { Ring } from "./ring.ts";

export class LogReader {
  readonly #ring: Ring;
  #cursor: number;

  /** Starts at record `fromSeq`, whether it is gone, there, or not yet written. */
  constructor(ring: Ring, fromSeq: number) {
    this.#ring = ring;
    this.#cursor = fromSeq;
  }

  /** The record that {@link next} will read. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Reads the record under the cursor and moves on: past it, or past what was missed. */
  next(into?: Uint8Array): ReadOutcome {
    const outcome = this.#ring.read(this.#cursor, into);
    if (outcome.kind === "ok") this.#cursor = outcome.seq + 1;
    else if (outcome.kind === "missing") this.#cursor = outcome.next;
    return outcome;
  }

  /** Resolves when {@link next} has something to say, or when `signal` aborts. Waiting alone keeps no process alive. */
  async waitForMore(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const abort = () => resolve();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      while (!signal?.aborted) {
        const seen = this.#ring.wakeCount; // before the look: a wake in between then ends the wait at once
        if (this.#cursor < this.#ring.nextSeq) return;
        const woken = this.#ring.waitForWake(seen);
        if (woken !== undefined) await Promise.race([woken, aborted]);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}
