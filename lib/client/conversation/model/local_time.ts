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

// Intl.DateTimeFormat takes 35 ms to load its data.
const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

export const localTime: LocalTime = {
  clock: formatTimeOfDay,
  day(time) {
    const date = new Date(time);
    return `${WEEKDAYS[date.getDay()]}, ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  },
  date(time) {
    const date = new Date(time);
    return `${date.getDate()} ${MONTHS[date.getMonth()]!.slice(0, 3)}`;
  },
};
