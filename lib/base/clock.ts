/** Time comes in as a value; only the edges hold a clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch, whole. */
  now(): number;
}

/** The last instant that a Date can bear, in milliseconds since the Unix epoch (ECMA-262, "Time Values"). */
export const MAX_TIME_MS = 8.64e15;

/**
 * By so much the clock has to differ from a stopwatch, in either direction, before it counts as set: from there on time servers
 * set a clock rather than let it run faster or slower (chrony's makestep, as distributions ship it).
 */
export const CLOCK_STEP_MS = 1000;

/** Milliseconds from `then` to `now`; Infinity where `then` lies in the future, so that the clock was wrong, then or now. */
export function elapsedMs(then: number, now: number): number {
  return then - now > CLOCK_STEP_MS ? Infinity : now - then;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds with fractions that only grow, also where the clock is set back: for how long something takes. */
export type Stopwatch = () => number;

export const systemStopwatch: Stopwatch = () => performance.now();

/** Something that changes at least once a millisecond; it takes half as long to read as the stopwatch. */
export const systemTicks = (): number => Date.now();

/** Finds out that the clock is set, or that the machine has slept, by a stopwatch that neither changes. */
export class ClockStepDetector {
  readonly #clock: Clock;
  readonly #stopwatch: Stopwatch;
  /** What the clock has said more than the stopwatch. */
  #lead: number;

  constructor(clock: Clock, stopwatch: Stopwatch) {
    this.#clock = clock;
    this.#stopwatch = stopwatch;
    this.#lead = clock.now() - stopwatch();
  }

  /** By how many milliseconds the clock was set since the last look, back where that is below 0; 0: it was not. */
  measureStep(): number {
    const at = this.#stopwatch();
    const lead = this.#clock.now() - at;
    // Held up between the two readings, we would take that for a step; the next look tells.
    if (this.#stopwatch() - at > CLOCK_STEP_MS / 2) return 0;
    const step = Math.round(lead - this.#lead);
    this.#lead = lead; // a clock that runs faster or slower is not set
    return Math.abs(step) > CLOCK_STEP_MS ? step : 0;
  }
}
