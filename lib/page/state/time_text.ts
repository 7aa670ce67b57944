/** Times as the reader sees them. */
import { formatTimeOfDay } from "../../base/values/timestamp.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";

const fullFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

/** `12:34`. */
export const formatClock = formatTimeOfDay;

/** A browser has the names of days and months; the table of the terminal would be loaded first. */
export const browserTime: LocalTime = {
  clock: formatTimeOfDay,
  day: (time) => new Date(time).toLocaleDateString("en-GB", { dateStyle: "full" }),
  date: (time) => new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short" }),
};

/** `Friday 20 November 2026 at 12:34:56`. */
export function formatFullTime(time: number): string {
  return fullFormat.format(time);
}
