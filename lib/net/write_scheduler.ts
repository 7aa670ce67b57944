/**
 * Spreads the writes of many connections over turns of the event loop.
 *
 * The runtime gives a task a budget of 128 socket calls a turn (https://docs.rs/tokio/latest/tokio/task/coop/). A
 * write within the budget is done when the call returns; one beyond it is postponed, and the writes of the next
 * message may overtake it in the next turn and postpone it again: in a channel of a thousand members, some would get
 * a message half a second after others. So writes begin in the order of their requests, as many in a turn as the
 * budget allows.
 */
import { nextLoopIteration, SocketPollBudget } from "../base/event_loop.ts";

/** Socket calls a turn: the runtime's 128, less those for accepting, waking and the first reads of a turn. */
const CALLS_PER_TURN = 112;

export interface WriteStarter {
  /** Starts the next write. */
  write(): void;
}

export class WriteScheduler {
  /** Shared by all readers. */
  readonly polls = new SocketPollBudget();
  #left = CALLS_PER_TURN;
  #renewing = false;
  #ready: WriteStarter[] = [];
  #running: Promise<void> | undefined;

  /** Starts a write of `queue` now or in one of the next turns. */
  add(queue: WriteStarter): void {
    if (this.#running === undefined && this.#left > 0) {
      this.spend();
      return queue.write();
    }
    this.#ready.push(queue);
    this.#running ??= this.#run();
  }

  /** Counts a socket call. If there are many, the next turn restores the budget before this one's is used up. */
  spend(): void {
    if (--this.#left < CALLS_PER_TURN / 2 && !this.#renewing) void this.#renew();
  }

  /** Settles once every requested write has begun; undefined if none waits. */
  get whenAllBegun(): Promise<void> | undefined {
    return this.#running;
  }

  async #renew(): Promise<void> {
    this.#renewing = true;
    await nextLoopIteration();
    this.#renewing = false;
    this.#left = CALLS_PER_TURN;
  }

  async #run(): Promise<void> {
    for (let at = 0; at < this.#ready.length;) {
      await nextLoopIteration();
      this.#left = CALLS_PER_TURN;
      for (; at < this.#ready.length && this.#left > 0; this.#left--) this.#ready[at++]!.write();
    }
    this.#ready = [];
    this.#running = undefined;
  }
}
