/** Times as the reader sees them. */
import { formatTimeOfDay } from "../../base/values/timestamp.ts";

const fullFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

/** `12:34`. */
export const formatClock = formatTimeOfDay;

/** `Friday 20 November 2026 at 12:34:56`. */
export function formatFullTime(time: number): string {
  return fullFormat.format(time);
}
