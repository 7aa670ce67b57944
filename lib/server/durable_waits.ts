/** Syncs the log for sessions that wait until their messages are durable (AWAIT), and for actions that wait for that. */
import type { Hub } from "../hub/hub.ts";
import type { TurnQueue } from "./turn_queue.ts";

export interface DurableWaitsOptions {
  readonly hub: Hub;
  readonly turnQueue: Pick<TurnQueue, "run">;
  /** Tries to bring all records so far to disk; `trouble`: why some of them are not there. */
  readonly sync?: (() => Promise<{ readonly trouble: string | undefined }>) | undefined;
  /** Brings all facts so far to disk; resolves with the reason if that failed. */
  readonly ensureFactsDurable?: (() => Promise<string | undefined>) | undefined;
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
    const { hub, turnQueue, sync, ensureFactsDurable } = this.#options;
    const { durableActions, receipts } = hub.services;
    while (receipts.wantsDurable || !durableActions.isEmpty) {
      const ticket = receipts.nextTicket;
      const actionTicket = durableActions.nextTicket;
      const { nextSeq } = hub.context.log; // the facts of all records below were handed over at the end of their turn
      const outcome = await sync?.();
      let trouble = outcome?.trouble;
      if (receipts.wantsFacts || !durableActions.isEmpty) {
        trouble ??= await ensureFactsDurable?.();
        if (trouble === undefined && ensureFactsDurable) receipts.durableFactSeq = nextSeq;
      }
      await turnQueue.run((_hub, now) => {
        hub.beginTask(now);
        receipts.handleSync(ticket, trouble);
        durableActions.run(actionTicket, trouble);
      });
    }
    this.#isSyncing = false;
  }
}
