/** Times that are still to come, as people say them: `tomorrow 9:00`, `monday 9am`, `24 dec 18:00`. */
import {
  indexOfName,
  LEAP_YEARS_APART,
  MONTH_DAY,
  MONTHS,
  parseTimeOfDay,
  WEEKDAYS,
} from "./spoken_instant.ts";
import type { TimeOfDay } from "./spoken_instant.ts";
import { parseInstant } from "./instant.ts";

/** What {@link parseFutureTime} reads, for the text of an error. */
export const FUTURE_TIMES =
  "18:00, 'tomorrow 9:00', 'monday 9am', '24 dec 18:00', '2026-12-24 18:00', 2026-12-24T18:00:00+01:00, @1795870000";

const WEEK_DAYS = 7;
/** An instant of its own: with an offset, or seconds since the epoch. */
const INSTANT = /^(?:@\d+|.*\d(?:z|[+-]\d\d:?\d\d))$/i;

/**
 * Milliseconds since the epoch for `text`, in the time zone `zone` (an IANA name), at the time `now`; undefined: it has
 * none of the forms. What could mean several times is the first one after `now`; only a day that the text names may have
 * passed. A time that does not exist, because the clock is set forward over it, is as much later (02:30 is 03:30); of one
 * that exists twice the first is meant. Throws RangeError for a zone that is none.
 */
export function parseFutureTime(text: string, now: number, zone: string): number | undefined {
  if (INSTANT.test(text)) return parseInstant(text, now);
  const words = text.trim().toLowerCase().replace(/(?<=\d)t(?=\d)/, " ").replace(/\s+/g, " ");
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  const at = (day: Temporal.PlainDate, { hour, minute, second }: TimeOfDay) =>
    day.toZonedDateTime({ timeZone: zone, plainTime: { hour, minute, second } }).epochMilliseconds;
  const clock = parseTimeOfDay(words);
  if (clock !== undefined) {
    return firstAfter(
      now,
      [today, today.add({ days: 1 })].map((day) => at(day, clock)),
    );
  }
  for (let space = words.indexOf(" "); space > 0; space = words.indexOf(" ", space + 1)) {
    const [before, behind] = [words.slice(0, space), words.slice(space + 1)];
    for (const [day, time] of [[before.replace(/ at$/, ""), behind.replace(/^at /, "")], [behind, before]]) {
      const clock = parseTimeOfDay(time!);
      const days = clock && listDays(day!, today);
      if (days !== undefined) return firstAfter(now, days.map((day) => at(day, clock!)));
    }
  }
  return undefined;
}

/** The first that is after `now`, else the last. */
function firstAfter(now: number, times: readonly number[]): number | undefined {
  return times.find((time) => time > now) ?? times.at(-1);
}

/** The days that `text` may mean, the earliest first; undefined: it names none. */
function listDays(text: string, today: Temporal.PlainDate): Temporal.PlainDate[] | undefined {
  if (text === "today") return [today];
  if (text === "tomorrow") return [today.add({ days: 1 })];
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return listExisting([text]);
  const weekday = indexOfName(WEEKDAYS, text);
  if (weekday >= 0) {
    const first = today.add({ days: (weekday - today.dayOfWeek + 2 * WEEK_DAYS) % WEEK_DAYS });
    return [first, first.add({ days: WEEK_DAYS })];
  }
  const [, month1, day1, day2, month2, year] = MONTH_DAY.exec(text) ?? [];
  const month = indexOfName(MONTHS, month1 ?? month2 ?? "");
  if (month < 0) return undefined;
  const years = year !== undefined
    ? [Number(year)]
    : Array.from({ length: LEAP_YEARS_APART + 1 }, (_, more) => today.year + more);
  const two = (value: number) => String(value).padStart(2, "0");
  return listExisting(years.map((each) => `${each}-${two(month + 1)}-${two(Number(day1 ?? day2))}`));
}

/** The days of the calendar among `dates` (`YYYY-MM-DD`); undefined: there is none. */
function listExisting(dates: readonly string[]): Temporal.PlainDate[] | undefined {
  const days = dates.flatMap((date) => {
    try {
      return [Temporal.PlainDate.from(date)];
    } catch {
      return [];
    }
  });
  return days.length === 0 ? undefined : days;
}
