/** Time comes in as a value; only the edges hold a clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch, whole. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
