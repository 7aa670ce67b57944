/** Syncs the log for sessions that wait until their messages are durable (AWAIT), and for actions that wait for that. */
import { systemStopwatch } from "../base/clock.ts";
import type { Stopwatch } from "../base/clock.ts";
import type { Hub } from "../hub/hub.ts";
import type { TurnQueue } from "./turn_queue.ts";

/** Time that a server of its own gives its disk before urgent actions, such as ringing for a page, wait no longer. */
export const DISK_PATIENCE_MS = 3000;
/** Actions of one turn take so long, and the rest of the last one. */
const ACTIONS_BUDGET_MS = 2;

export interface DurableWaitsOptions {
  readonly hub: Hub;
  readonly turnQueue: Pick<TurnQueue, "run">;
  /** Tries to bring all records so far to disk; `trouble`: why some of them are not there. */
  readonly sync?: (() => Promise<{ readonly trouble: string | undefined }>) | undefined;
  /** Brings all facts so far to disk; resolves with the reason if that failed. */
  readonly ensureFactsDurable?: (() => Promise<string | undefined>) | undefined;
  /** Time after which a disk that does not answer is taken for one that fails, by urgent actions; undefined: never. */
  readonly diskPatienceMs?: number | undefined;
  /** For the budget of a turn; the system's by default. */
  readonly stopwatch?: Stopwatch | undefined;
}

export class DurableWaits {
  readonly #options: DurableWaitsOptions;
  #isSyncing = false;

  constructor(options: DurableWaitsOptions) {
    this.#options = options;
  }

  /** One fsync after the other while requests wait; each one serves all requests that wait when it begins. */
  async serve(): Promise<void> {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    const { durableActions, receipts } = this.#options.hub.services;
    while (receipts.wantsDurable || !durableActions.isEmpty) {
      const ticket = receipts.nextTicket;
      const actionTicket = durableActions.nextTicket;
      const trouble = await this.#sync(actionTicket);
      await this.#runActions((isOver) => {
        receipts.handleSync(ticket, trouble);
        return durableActions.run(actionTicket, trouble, isOver);
      });
    }
    this.#isSyncing = false;
  }

  /** Brings all so far to disk; resolves with the reason if that failed. */
  async #sync(actionTicket: number): Promise<string | undefined> {
    const { hub, sync, ensureFactsDurable } = this.#options;
    const { durableActions, receipts } = hub.services;
    const watch = this.#watchDisk(actionTicket);
    try {
      const { nextSeq } = hub.context.log; // the facts of all records below were handed over at the end of their turn
      const outcome = await sync?.();
      let trouble = outcome?.trouble;
      if (receipts.wantsFacts || !durableActions.isEmpty) {
        trouble ??= await ensureFactsDurable?.();
        if (trouble === undefined && ensureFactsDurable) receipts.durableFactSeq = nextSeq;
      }
      return trouble;
    } finally {
      watch.end();
    }
  }

  /** Until it is ended, runs urgent actions that have waited long enough. What they tell is corrected by later ones. */
  #watchDisk(actionTicket: number): { end: () => void } {
    const { hub: { services: { durableActions } }, diskPatienceMs } = this.#options;
    if (diskPatienceMs === undefined) return { end: () => {} };
    let ticket = actionTicket;
    let hasEnded = false;
    const trouble = `the disk has not answered for ${diskPatienceMs / 1000} s`;
    const timer = setInterval(() => {
      const waited = ticket;
      ticket = durableActions.nextTicket;
      void this.#runActions((isOver) => hasEnded || durableActions.runUrgent(waited, trouble, isOver));
    }, diskPatienceMs);
    const end = () => {
      hasEnded = true;
      clearInterval(timer);
    };
    return { end };
  }

  /** Calls `run` in turns until it returns that nothing is left. */
  async #runActions(run: (isOver: () => boolean) => boolean): Promise<void> {
    const { turnQueue, stopwatch = systemStopwatch } = this.#options;
    for (let isDone = false; !isDone;) {
      await turnQueue.run((hub, now) => {
        hub.beginTask(now);
        const until = stopwatch() + ACTIONS_BUDGET_MS;
        isDone = run(() => stopwatch() >= until);
      });
    }
  }
}
