/** Time as the parts of a cluster need it: a port, so that the simulator runs the same code in virtual time. */
import { systemStopwatch } from "../base/clock.ts";
import { delay } from "../base/delay.ts";

export interface Timers {
  /** Monotonic milliseconds, with fractions; they say nothing about the time of day. */
  now(): number;
  /** Resolves in `ms` milliseconds, or when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemTimers: Timers = { now: systemStopwatch, sleep: delay };
