/** The event loop's turns. */
import { setImmediate } from "node:timers";

/**
 * Settles in the next turn of the event loop: all microtasks have run, other tasks have had their turn, and the runtime's
 * budget of socket calls is whole again. It takes little more than a microsecond, where `setTimeout(0)` takes a
 * thousand. Sockets are not polled in each, but at least in one of about a hundred turns in a row.
 */
export function nextLoopIteration(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Work that may be done between two polls of the sockets: what arrives meanwhile is noticed so much later at the most. */
const MAX_UNPOLLED_MS = 5;
/** From here on the next poll is watched for; most often it comes by itself, and stops nothing. */
const POLL_AWAITED_FROM_MS = 1;

/**
 * Bounds the work between two polls of the sockets. The runtime polls them when it has nothing else to do, and one peer that
 * sends without a pause can keep it from that for seconds. So whatever works through input states how long that took, and
 * waits for the next poll where too much has been done since the last one. A timer that fires is the sign of a poll: the
 * runtime looks at its timers and its sockets together.
 */
export class SocketPollBudget {
  #workMs = 0;
  #next: Promise<void> | undefined;

  /** Work was done that took so many milliseconds, measured or estimated. */
  spend(ms: number): void {
    this.#workMs += ms;
    if (this.#workMs >= POLL_AWAITED_FROM_MS) void this.nextPoll();
  }

  /** Where too much has been done since the last poll: settles after the next one. */
  get overduePoll(): Promise<void> | undefined {
    return this.#workMs < MAX_UNPOLLED_MS ? undefined : this.nextPoll();
  }

  /** Settles once the sockets have been polled; that takes one or two milliseconds. */
  nextPoll(): Promise<void> {
    return this.#next ??= new Promise((resolve) =>
      setTimeout(() => {
        this.#workMs = 0;
        this.#next = undefined;
        resolve();
      }, 0)
    );
  }

  /** Settles when no timer of this is under way. */
  async waitUntilIdle(): Promise<void> {
    await this.#next;
  }
}
