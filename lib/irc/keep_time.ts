/** For how long the archive keeps what is said in a channel: the value of the metadata key `KEEP_KEY`. */
import { formatDuration, parseDuration } from "../base/values/duration.ts";
import { HOUR_MS } from "../base/values/time_unit.ts";

/** Shortest time: a shorter one would delete messages before people have read them. */
export const KEEP_MIN_MS = HOUR_MS;

export const KEEP_FAULT = `The value must be a time of at least ${formatDuration(KEEP_MIN_MS)}, such as 30d`;

/** Milliseconds; undefined: `text` is no time that can be kept. */
export function parseKeepTime(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms === undefined || ms < KEEP_MIN_MS ? undefined : ms;
}
