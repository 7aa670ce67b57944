/** Time comes in as a value; only the edges hold a clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch, whole. */
  now(): number;
}

/** The last instant that a Date can bear, in milliseconds since the Unix epoch (ECMA-262, "Time Values"). */
export const MAX_TIME_MS = 8.64e15;

export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds with fractions that only grow, also where the clock is set back: for how long something takes. */
export type Stopwatch = () => number;

export const systemStopwatch: Stopwatch = () => performance.now();

/** Something that changes at least once a millisecond; it takes half as long to read as the stopwatch. */
export const systemTicks = (): number => Date.now();
