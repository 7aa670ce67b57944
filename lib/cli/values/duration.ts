/** Durations as people write them: `250ms`, `1s`, `10m`, `1h30m`, `2d`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/gy;

/** Longest duration taken: what `setTimeout` can wait (2^31 - 1 ms, 24.8 days) would be too short for `--since`. */
const MAX_DURATION_MS = 100 * 366 * 86_400_000;

/** Milliseconds (whole) of `text`, or undefined when it is no duration. A number needs its unit; `0` stands alone. */
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

/** `ms` in its two largest units: `45s`, `3m 20s`, `2h 5m`, `4d 1h`. Below a second: `0s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return join(days, "d", hours, "h");
  if (hours > 0) return join(hours, "h", minutes, "m");
  if (minutes > 0) return join(minutes, "m", seconds % 60, "s");
  return `${seconds}s`;
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`;
}
