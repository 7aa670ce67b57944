/**
 * Actions that wait until all records and facts so far are on disk, such as telling an answer that must not be told
 * again otherwise after a crash. The server syncs while there are any, and runs them within a turn.
 */

interface DurableAction {
  readonly ticket: number;
  readonly run: (trouble: string | undefined) => void;
}

export class DurableActions {
  #waiting: DurableAction[] = [];
  #next = 1;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Actions that wait for a sync that begins now have tickets below this. */
  get nextTicket(): number {
    return this.#next;
  }

  /** Runs `action` after the next sync that begins from now on; `trouble`: why that failed, if it did. */
  add(action: (trouble: string | undefined) => void): void {
    this.#waiting.push({ ticket: this.#next++, run: action });
  }

  /** Called when a sync has ended that began when {@link nextTicket} was `ticket`. */
  run(ticket: number, trouble: string | undefined): void {
    const waiting = this.#waiting;
    const count = waiting.findIndex((each) => each.ticket >= ticket);
    this.#waiting = count < 0 ? [] : waiting.slice(count);
    for (const each of count < 0 ? waiting : waiting.slice(0, count)) each.run(trouble);
  }
}
