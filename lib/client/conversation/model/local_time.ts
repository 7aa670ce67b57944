/** Local time of the reader (TZ), as text. */
import { formatTimeOfDay } from "../../../base/values/timestamp.ts";

export interface LocalTime {
  /** `12:34`. */
  clock(time: number): string;
  /** `Friday, 20 November 2026`; the same for all times of one day. */
  day(time: number): string;
  /** `20 Nov`. */
  date(time: number): string;
}

const dayFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

const dateFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const localTime: LocalTime = {
  clock: formatTimeOfDay,
  day(time) {
    return dayFormat.format(time);
  },
  date(time) {
    return dateFormat.format(time);
  },
};
