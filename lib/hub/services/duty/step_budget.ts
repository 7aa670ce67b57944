/** Steps that one question to a calendar, or the reading of one, may take. */

/** Occurrences of recurrence rules, and days that may be one, that are looked at for one question. */
export const MAX_OCCURRENCES = 20_000;
/** Those that are looked at while a file is read. */
export const MAX_READ_OCCURRENCES = 40_000;

export class StepBudget {
  #left: number;

  constructor(readonly most = MAX_OCCURRENCES) {
    this.#left = most;
  }

  /** @throws {OutOfSteps} No step is left. */
  take(): void {
    this.#left--;
    if (this.#left < 0) throw new OutOfSteps(`more than ${this.most} occurrences to look at`);
  }
}

export class OutOfSteps extends Error {}
