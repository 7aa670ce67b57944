/**
 * Work on one line that may be long, in pieces, so that one client's LIST does not make all others wait: it is written as
 * {@link WorkSteps} and handed to {@link Hub.later}. The hub takes steps until a piece is full; what is left waits for a later turn
 * (the errand "yield"), and the session with it. What changes the state is one step, and so happens at once or not at all.
 */

/** Each step that is taken yields how much work it was, in units: about the time that it takes to say one line. */
export type WorkSteps = Iterator<number, void>;

/** Units of one piece: about half a millisecond. */
export const UNITS_PER_TURN = 500;

/** Steps of one line that have not been taken, in their order. */
export class RemainingSteps {
  #rest: WorkSteps[] = [];
  /** Handed in by the step that is being taken: they come before what is left after it. */
  #added: WorkSteps[] = [];

  get isEmpty(): boolean {
    return this.#rest.length === 0 && this.#added.length === 0;
  }

  add(steps: WorkSteps): void {
    this.#added.push(steps);
  }

  /** Takes one step; answers its units. */
  runStep(): number {
    if (this.#added.length > 0) this.#rest.unshift(...this.#added.splice(0));
    const [steps] = this.#rest;
    if (steps === undefined) return 0;
    const { done, value } = steps.next();
    if (!done) return value;
    this.#rest.splice(this.#rest.indexOf(steps), 1);
    return 0;
  }
}

/** What a session waits with. */
export interface SuspendedLine {
  /** Of the line that led to the errand, in wire form; "" for none. */
  readonly label: string;
  /** What has been said so far in answer to that line, where it has a label. */
  readonly collectedLines: string[];
  /** What is left to be done for that line. */
  readonly remainingSteps: RemainingSteps;
}
