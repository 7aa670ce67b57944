/** Turns of the event loop, and a bound on the work between two polls of the sockets. */

/**
 * Settles in the next turn of the event loop: all microtasks have run, other tasks have had their turn, and the
 * runtime's budget of socket calls is restored. Takes little more than a microsecond; `setTimeout(0)` takes a
 * thousand. Sockets are not polled in every turn, but in at least one of about a hundred consecutive turns.
 */
export function nextLoopIteration(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Longest work between two socket polls; input that arrives meanwhile is noticed later by at most this time. */
const MAX_UNPOLLED_MS = 5;
/** Work after which the next poll is watched for. It usually comes by itself and delays nothing. */
const POLL_AWAITED_FROM_MS = 1;

/**
 * Bounds the work between two socket polls. The runtime polls when it has nothing else to do, and one peer that sends
 * without a pause can prevent that for seconds. So code that works through input reports how long the work took, and
 * waits for the next poll when the budget is used up. A timer that fires indicates a poll: the runtime checks its
 * timers and its sockets together.
 */
export class SocketPollBudget {
  #workMs = 0;
  #next: Promise<void> | undefined;

  /** Reports `ms` milliseconds of work, measured or estimated. */
  spend(ms: number): void {
    this.#workMs += ms;
    if (this.#workMs >= POLL_AWAITED_FROM_MS) void this.nextPoll();
  }

  /** The next poll, if the budget is used up; otherwise undefined. */
  get overduePoll(): Promise<void> | undefined {
    return this.#workMs < MAX_UNPOLLED_MS ? undefined : this.nextPoll();
  }

  /** Settles after the next socket poll, in one or two milliseconds. */
  nextPoll(): Promise<void> {
    return this.#next ??= new Promise((resolve) =>
      setTimeout(() => {
        this.#workMs = 0;
        this.#next = undefined;
        resolve();
      }, 0)
    );
  }

  /** Settles when no timer of this budget is pending. */
  async waitUntilIdle(): Promise<void> {
    await this.#next;
  }
}
