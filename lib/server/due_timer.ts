/** The timer of scheduled messages and pages: on time also while no client is connected, and the server's other timers rest. */
import type { Clock } from "../base/clock.ts";

/**
 * Longest time for which a timer is set: it stands still while the machine sleeps, and does not know that the clock was
 * set.
 */
const MAX_WAIT_MS = 60_000;
/** Shortest: of many that are due together each part is done in a turn of its own. */
const MIN_WAIT_MS = 50;

export class DueTimer {
  readonly #clock: Clock;
  readonly #nextDue: () => number;
  readonly #runDue: () => Promise<void>;
  /** The time for which the timer is set, in milliseconds since the epoch; Infinity: it is not. */
  #setFor = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /**
   * `nextDue`: when something is due next, or earlier, in milliseconds since the epoch; Infinity: nothing. `runDue`: does
   * what is due.
   */
  constructor(clock: Clock, nextDue: () => number, runDue: () => Promise<void>) {
    this.#clock = clock;
    this.#nextDue = nextDue;
    this.#runDue = runDue;
  }

  /** Called after each turn: costs a comparison unless the next time has changed. */
  update(): void {
    const due = this.#nextDue();
    if (due !== this.#setFor && !this.#isStopped) this.#set(due);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #set(due: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#setFor = due;
    if (due === Infinity) return;
    const waitMs = Math.max(MIN_WAIT_MS, Math.min(MAX_WAIT_MS, due - this.#clock.now()));
    this.#timer = setTimeout(() => void this.#look(), waitMs);
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    if (this.#nextDue() <= this.#clock.now()) await this.#runDue();
    this.#setFor = Infinity;
    this.update();
  }
}
