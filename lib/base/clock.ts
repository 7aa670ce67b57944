/** Source of wall time. Most code takes the time as a parameter; only the outermost layers hold a clock. */
export interface Clock {
  /** Whole milliseconds since the Unix epoch. */
  now(): number;
}

/** The last instant that a Date can represent, in milliseconds since the Unix epoch (ECMA-262, "Time Values"). */
export const MAX_TIME_MS = 8.64e15;

/**
 * Smallest difference between clock and stopwatch, in either direction, that counts as a clock step. At this
 * difference time servers step the clock instead of slewing it (chrony's makestep, as distributions configure it).
 */
export const CLOCK_STEP_MS = 1000;

/**
 * Milliseconds from `then` to `now`. Infinity if `then` lies in the future by more than a clock step: one of the two
 * times is wrong.
 */
export function elapsedMs(then: number, now: number): number {
  return then - now > CLOCK_STEP_MS ? Infinity : now - then;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Monotonic source of elapsed milliseconds, with fractions; unaffected by changes of the wall clock. */
export type Stopwatch = () => number;

export const systemStopwatch: Stopwatch = () => performance.now();

/** Value that changes at least once a millisecond. Reading it takes half the time of reading the stopwatch. */
export const systemTicks = (): number => Date.now();

/**
 * Detects that the wall clock was set or that the machine has slept, by comparing it with a stopwatch, which neither
 * affects.
 */
export class ClockStepDetector {
  readonly #clock: Clock;
  readonly #stopwatch: Stopwatch;
  /** Wall time minus stopwatch time at the last check. */
  #lead: number;

  constructor(clock: Clock, stopwatch: Stopwatch) {
    this.#clock = clock;
    this.#stopwatch = stopwatch;
    this.#lead = clock.now() - stopwatch();
  }

  /**
   * Milliseconds by which the clock was set since the last call, negative if it was set back; 0 if it was not set.
   */
  measureStep(): number {
    const at = this.#stopwatch();
    const lead = this.#clock.now() - at;
    // A pause between the two readings would look like a step; the next call measures it instead.
    if (this.#stopwatch() - at > CLOCK_STEP_MS / 2) return 0;
    const step = Math.round(lead - this.#lead);
    this.#lead = lead; // a clock that runs faster or slower was not set
    return Math.abs(step) > CLOCK_STEP_MS ? step : 0;
  }
}
