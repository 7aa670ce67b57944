/**
 * Queries that wait until the archive holds what was just said. For them the log is synced at once, and the archiver
 * begins a pass at once: one sync and pass after the other while queries wait, each for all that wait when it begins.
 */
import type { Ring } from "../../log/ring.ts";

/** Longest wait of a query for records that are not archived yet: their sync, and the pass after it. */
const UNTIL_MS = 2000;

export interface CursorWaitsOptions {
  readonly ring: Pick<Ring, "nextSeq" | "durableSeq">;
  /** Every record below this number is archived. */
  readonly cursor: () => number;
  /** Whether nothing is being archived, so that there is nothing to wait for. */
  readonly isHalted: () => boolean;
  /** Tries to bring all records so far to disk. */
  readonly sync: () => Promise<unknown>;
  /** Has the archiver begin a pass now. */
  readonly archive: () => void;
  /** Replaces {@link UNTIL_MS}. */
  readonly untilMs?: number;
}

interface CursorWait {
  readonly seq: number;
  readonly end: () => void;
}

export class CursorWaits {
  readonly #options: CursorWaitsOptions;
  readonly #waits = new Set<CursorWait>();
  #isServing = false;

  constructor(options: CursorWaitsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with whether all records below `seq` are archived within {@link UNTIL_MS}; at once if nothing is being
   * archived.
   */
  async wait(seq: number): Promise<boolean> {
    if (this.#isArchived(seq) || this.#options.isHalted()) return this.#isArchived(seq);
    const reached = this.#reach(seq);
    void this.#serve();
    await reached;
    return this.#isArchived(seq);
  }

  /** The cursor has moved, or archiving has begun, failed or ended. */
  notify(): void {
    const isHalted = this.#options.isHalted();
    for (const wait of this.#waits) if (isHalted || this.#isArchived(wait.seq)) wait.end();
  }

  #isArchived(seq: number): boolean {
    const { ring, cursor } = this.#options;
    return cursor() >= Math.min(seq, ring.nextSeq); // no record has a number between the last one and the next one
  }

  /** Resolves when all records below `seq` are archived, after {@link UNTIL_MS}, or when archiving fails. */
  #reach(seq: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => {
      clearTimeout(timer);
      this.#waits.delete(wait);
      resolve();
    };
    const timer = setTimeout(end, this.#options.untilMs ?? UNTIL_MS);
    const wait = { seq, end };
    this.#waits.add(wait);
    return promise;
  }

  /** While the log cannot be synced, queries wait for the sync task's next attempts. */
  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    const { ring, sync, archive } = this.#options;
    while (this.#waits.size > 0) {
      const { nextSeq } = ring;
      await sync();
      if (ring.durableSeq < nextSeq) break;
      archive();
      if (!this.#isArchived(nextSeq)) await this.#reach(nextSeq);
    }
    this.#isServing = false;
  }
}
