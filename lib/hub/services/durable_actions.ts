/**
 * Actions that wait until all records and facts so far are on disk, such as telling an answer that must not be told
 * again otherwise after a crash. The server syncs while there are any, and runs them within turns.
 */

interface DurableAction {
  readonly ticket: number;
  readonly isUrgent: boolean;
  readonly run: (trouble: string | undefined) => void;
}

export class DurableActions {
  readonly #waiting: DurableAction[] = [];
  #next = 1;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Actions that wait for a sync that begins now have tickets below this. */
  get nextTicket(): number {
    return this.#next;
  }

  /**
   * Runs `action` after the next sync that begins from now on; `trouble`: why that failed, if it did. `isUrgent`: it is
   * also run, with a trouble, where the disk does not answer.
   */
  add(action: (trouble: string | undefined) => void, isUrgent = false): void {
    this.#waiting.push({ ticket: this.#next++, isUrgent, run: action });
  }

  /**
   * Called when a sync has ended that began when {@link nextTicket} was `ticket`: runs the actions that waited for it,
   * until `isOver` says after one of them that the turn has had enough. Returns whether none of them is left.
   */
  run(ticket: number, trouble: string | undefined, isOver = () => false): boolean {
    return this.#run(() => this.#waiting.findIndex((each) => each.ticket < ticket), trouble, isOver);
  }

  /** Called when the disk has not answered since {@link nextTicket} was `ticket`: the same for the urgent ones. */
  runUrgent(ticket: number, trouble: string, isOver = () => false): boolean {
    const find = () => this.#waiting.findIndex((each) => each.isUrgent && each.ticket < ticket);
    return this.#run(find, trouble, isOver);
  }

  #run(find: () => number, trouble: string | undefined, isOver: () => boolean): boolean {
    for (let at = find(); at >= 0; at = find()) {
      const [action] = this.#waiting.splice(at, 1);
      action!.run(trouble);
      if (isOver()) return false;
    }
    return true;
  }
}
