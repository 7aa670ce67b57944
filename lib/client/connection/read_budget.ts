/**
 * Bounds the work on lines of the server between two turns of everything else: the keys of the person, timers, other
 * sockets. A socket that always has data would be read without such a turn for seconds.
 */
import { callAfter } from "../../base/deadlines.ts";

/** Longest work before the others have a turn: a key waits so long, and for one group of lines. */
const MAX_READ_WORK_MS = 5;
/** Lines that are handled without a look at the clock, and shown together. */
const GROUP_LINES = 32;
/** A read that takes so long has waited for data, and the others have had their turn. */
const READ_WAIT_MS = 1;

export class ReadBudget {
  readonly #now: () => number;
  readonly #pause: () => Promise<void>;
  /** Since when the others have had no turn. */
  #startMs: number;

  /** For tests, both: `pause` resolves when all others have had a turn. */
  constructor(now: () => number = () => performance.now(), pause: () => Promise<void> = endTurn) {
    this.#now = now;
    this.#pause = pause;
    this.#startMs = now();
  }

  /** Reads once what came before is done. */
  async read(read: () => Promise<number | null>): Promise<number | null> {
    await undefined;
    const beginMs = this.#now();
    const length = await read();
    const endMs = this.#now();
    if (endMs - beginMs >= READ_WAIT_MS) this.#startMs = endMs;
    return length;
  }

  /** `lines` in groups, before each a turn of the others if that is due. */
  async *groups<Line>(lines: readonly Line[]): AsyncIterable<readonly Line[]> {
    for (let at = 0; at < lines.length; at += GROUP_LINES) {
      if (this.#now() - this.#startMs >= MAX_READ_WORK_MS) {
        await this.#pause();
        this.#startMs = this.#now();
      }
      yield lines.slice(at, at + GROUP_LINES);
    }
  }
}

/** The runtime checks its timers and its sockets together. `node:timers` has a shorter way, which takes long to load. */
function endTurn(): Promise<void> {
  return new Promise((resolve) => void callAfter(0, resolve));
}
