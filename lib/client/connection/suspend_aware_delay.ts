/** Delay before the next attempt to connect, which the time of a suspend counts towards. */

/**
 * Timers stand still while the machine is suspended; the wall clock, which does not, is checked this often.
 */
const DELAY_SLICE_MS = 1_000;

/** Resolves after `ms`, or early when `signal` is aborted. */
export type SleepFunction = (ms: number, signal: AbortSignal) => Promise<void>;

/** Resolves once `ms` have passed by the timer or by the wall clock, or when `signal` is aborted. */
export async function delayAcrossSuspend(
  ms: number,
  signal: AbortSignal,
  { now = Date.now, sleep = sleepFor }: { now?: () => number; sleep?: SleepFunction } = {},
): Promise<void> {
  const until = now() + ms;
  for (let left = ms; left > 0 && !signal.aborted;) {
    const slice = Math.min(left, DELAY_SLICE_MS);
    await sleep(slice, signal);
    left = Math.min(left - slice, until - now());
  }
}

const sleepFor: SleepFunction = (ms, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
