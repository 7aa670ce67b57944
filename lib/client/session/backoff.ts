/** Delay before the next attempt to connect. */

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/**
 * Doubles with each failed attempt (0, 1, 2, …) from 0.5 s to `mostMs`, 30 s by default. `chance` in [0, 1) shortens it
 * by up to a half, so that the clients of a restarted server do not all reconnect at the same moment.
 */
export function backoffMs(attempt: number, chance: number, mostMs = MAX_DELAY_MS): number {
  const full = Math.min(mostMs, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(full * (1 - chance / 2));
}
