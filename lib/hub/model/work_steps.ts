/**
 * Work on one line in steps, so that a long LIST of one client does not delay all others: it is written as
 * {@link WorkSteps} and passed to `HubContext.runInSteps`. The hub runs steps until a turn's units are used; the
 * rest waits for a later turn (the job "yield"), and the session with it. A change of the state is a single step,
 * and so happens completely or not at all.
 */

/** Each step yields its work in units: about the time that it takes to send one line. */
export type WorkSteps = Iterator<number, void>;

export function runAllSteps(steps: WorkSteps): void {
  while (!steps.next().done);
}

/** Units of one line in one turn: about half a millisecond. */
export const UNITS_PER_TURN = 500;

/** Steps of one line that have not run, in their order. */
export class RemainingSteps {
  #rest: WorkSteps[] = [];
  /** Added by the running step: they run before what is left after it. */
  #added: WorkSteps[] = [];

  get isEmpty(): boolean {
    return this.#rest.length === 0 && this.#added.length === 0;
  }

  add(steps: WorkSteps): void {
    this.#added.push(steps);
  }

  /** Runs one step; returns its units. */
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

/** A batch as one unit; its first and last line are BATCH + and BATCH -. */
export interface BatchLines {
  readonly batch: readonly string[];
}

/** A part of a response: a line, or a batch. */
export type ResponseItem = string | BatchLines;

/** A line that is being processed, or waits for a job. */
export class LineState {
  /** In wire form; "" for none. */
  label = "";
  /** The response so far, where the line has a label. */
  collected: ResponseItem[] = [];
  /** Steps that have not run. */
  readonly remainingSteps = new RemainingSteps();

  /** `isSent`: the session has sent it; false: the server itself has steps run for the session. */
  constructor(readonly isSent = true) {}
}
