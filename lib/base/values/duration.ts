/** Durations as people write and read them: `250ms`, `1s`, `10m`, `1h30m`, `2d`. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./time_unit.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/gy;

/**
 * Longest duration that is parsed. The longest that `setTimeout` waits (2^31 - 1 ms, 24.8 days) is too short
 * for `--since`.
 */
const MAX_DURATION_MS = 100 * 366 * DAY_MS;

/** Whole milliseconds of `text`; undefined if it is not a duration. A number needs a unit, except `0`. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  PART.lastIndex = 0;
  let total = 0;
  let read = 0;
  for (let part = PART.exec(text); part !== null; part = PART.exec(text)) {
    total += Number(part[1]) * UNIT_MS[part[2]!]!;
    read = PART.lastIndex;
  }
  return read === text.length && read > 0 && total <= MAX_DURATION_MS ? Math.round(total) : undefined;
}

/** `ms` in its two largest units, rounded down: `45s`, `3m 20s`, `2h 5m`, `4d 1h`. Below a second: `0s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return join(days, "d", hours, "h");
  if (hours > 0) return join(hours, "h", minutes, "m");
  if (minutes > 0) return join(minutes, "m", seconds % 60, "s");
  return `${seconds}s`;
}

/** As {@link formatDuration}, but a duration below a minute is exact: `250ms`, `1.5s`. */
export function formatExactDuration(ms: number): string {
  if (ms < SECOND_MS) return `${ms}ms`;
  return ms < MINUTE_MS ? `${ms / SECOND_MS}s` : formatDuration(ms);
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`;
}
