/**
 * Points in time as people and scripts write them: `10m` (ago), `now`, `13:00`, `today`, `yesterday`, `2026-01-31`,
 * `2026-01-31T10:00:00Z`, `@1795870000` (seconds since the epoch, as `date +@%s` prints it).
 */
import { MAX_TIME_MS } from "../clock.ts";
import { parseTimestamp } from "./timestamp.ts";
import { parseDuration } from "./duration.ts";

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const EPOCH_SECONDS = /^@(\d{1,12}(?:[.,]\d{1,9})?)$/;

/**
 * Milliseconds since the epoch for `text` at the time `now`; undefined if it has none of the forms. A time of
 * day is the latest one that is not after `now`. A time without an offset is local.
 */
export function parseInstant(text: string, now: number): number | undefined {
  if (text === "now") return now;
  if (text === "today") return midnightOf(now, 0);
  if (text === "yesterday") return midnightOf(now, -1);
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const seconds = EPOCH_SECONDS.exec(text)?.[1];
  if (seconds !== undefined) {
    const time = Math.floor(Number(seconds.replace(",", ".")) * 1000);
    return time <= MAX_TIME_MS ? time : undefined;
  }
  const clock = TIME_OF_DAY.exec(text);
  if (clock !== null) return latestTimeOfDay(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), now);
  return parseTimestamp(text);
}

function midnightOf(now: number, days: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days).getTime();
}

/** The latest time of day `hour:minute:second` that is not after `now`. */
function latestTimeOfDay(hour: number, minute: number, second: number, now: number): number {
  const at = (days: number) => {
    const day = new Date(midnightOf(now, days));
    return day.setHours(hour, minute, second, 0);
  };
  return at(0) <= now ? at(0) : at(-1);
}
