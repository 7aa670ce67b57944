/** How long to wait before the next attempt to connect. */

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/**
 * Doubles with each failed attempt (0, 1, 2, …) from 0.5 s to 30 s; `chance` in [0, 1) takes up to half of it off, so that the
 * clients of a server that restarts do not all come back in the same instant.
 */
export function backoffMs(attempt: number, chance: number): number {
  const full = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(full * (1 - chance / 2));
}
