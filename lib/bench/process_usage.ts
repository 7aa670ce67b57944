/** What this process has used. */

/** Read once: the getter takes as long as the clock. */
const TIME_ORIGIN = performance.timeOrigin;

/** Seconds of processor time, all threads. */
export function ownCpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Memory in use (resident set). */
export function ownRssBytes(): number {
  return Deno.memoryUsage().rss;
}

/**
 * Milliseconds since the Unix epoch with fractions of a microsecond. Two processes of one machine agree on it within
 * a few microseconds (measured against clock_gettime): each takes its origin from the same clock when it starts.
 */
export function preciseNow(): number {
  return TIME_ORIGIN + performance.now();
}
