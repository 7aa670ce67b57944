/**
 * Disconnects the clients with the fullest send queues while all queues together, or those of one address, exceed
 * their budget.
 */
import type { OutputConn } from "../net/line_conn.ts";
import type { SendBudget } from "../net/send_budget.ts";
import type { WriteScheduler } from "../net/write_scheduler.ts";

/**
 * Polls of the event loop after which all writes that the network takes at once have ended: one to start them, one
 * to learn of their end, one to spare.
 */
const SETTLE_POLLS = 3;

export class SendBudgetEnforcer {
  #isEnforcing = false;

  /** `conns`: the open connections by session id. `disconnect` closes one of them, for the reason `why`. */
  constructor(
    readonly budget: SendBudget,
    readonly writeScheduler: WriteScheduler,
    readonly conns: ReadonlyMap<number, OutputConn>,
    readonly disconnect: (id: number, conn: OutputConn, why: string) => void,
  ) {}

  /**
   * Disconnects only if the budget is still exceeded after the network has taken what it takes at once: clients
   * that read in time are not affected, however much one turn sends to a channel.
   */
  async enforce(): Promise<void> {
    if (this.#isEnforcing) return;
    this.#isEnforcing = true;
    for (let polls = 0; polls < SETTLE_POLLS && this.budget.isExceeded; polls++) {
      await this.writeScheduler.whenAllBegun;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    this.#isEnforcing = false;
    if (!this.budget.isExceeded) return;
    const queues = Array.from(this.conns, ([id, conn]) => ({
      id,
      conn,
      share: conn.queue.share,
      heldBytes: conn.queue.heldBytes,
    }));
    for (const [{ id, conn }, why] of this.budget.excess(queues)) this.disconnect(id, conn, why);
  }
}
