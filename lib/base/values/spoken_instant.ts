/**
 * Points in time as people say them: all that {@link parseInstant} reads, and `2 hours ago`, `-1h`, `30min`, `monday`,
 * `yesterday 13:00`, `1pm`, `noon`, `31 jan`, `1795870000`. What could mean several times is the latest one that is
 * not in the future: `monday` is today on a Monday, `last monday` then is a week ago.
 */
import { MAX_TIME_MS } from "../clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time_unit.ts";
import { parseInstant } from "./instant.ts";
import { parseTimestamp } from "./timestamp.ts";

/** What {@link parseSpokenInstant} reads, for the text of an error. */
export const SPOKEN_INSTANTS =
  "10m, -1h, '2 hours ago', 13:00, 1pm, today, yesterday, monday, 'yesterday 13:00', '31 jan', 2026-01-31, " +
  "2026-01-31T10:00:00Z, @1795870000";

const UNITS: readonly (readonly [name: RegExp, unit: number | "month" | "year"])[] = [
  [/^(?:s|secs?|seconds?)$/, 1000],
  [/^(?:m|mins?|minutes?)$/, MINUTE_MS],
  [/^(?:h|hrs?|hours?)$/, HOUR_MS],
  [/^(?:d|days?)$/, DAY_MS],
  [/^(?:w|wks?|weeks?)$/, 7 * DAY_MS],
  [/^months?$/, "month"],
  [/^(?:y|yrs?|years?)$/, "year"],
];

export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
export const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
/** Fewer letters do not tell days and months apart. */
const MIN_ABBREVIATION = 3;
/** Leap years are at most so many years apart (1896 to 1904). */
export const LEAP_YEARS_APART = 8;

const AMOUNT = /(\d{1,9}(?:\.\d{1,3})?|half an?|an?) ?([a-z]+)(?:,? (?:and )?|$)/gy;
/** Shorter numbers are no times: `2026` might be a year. */
const UNIX_SECONDS = /^\d{9,12}(?:\.\d{1,9})?$/;
const TIME_OF_DAY = /^(\d{1,2})(?::(\d\d)(?::(\d\d))?)?( ?[ap]m)?$/;
/** Month and day: of a text in lower case, `[month, day]` or `[, , day, month]`, and the year. */
export const MONTH_DAY =
  /^(?:([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th|\.)? ([a-z]+)\.?)(?:,? (\d{4}))?$/;

/** Milliseconds since the epoch for `text` at the time `now`; undefined if it has none of the forms. */
export function parseSpokenInstant(text: string, now: number): number | undefined {
  const known = parseInstant(text, now);
  if (known !== undefined) return known;
  const words = text.trim().toLowerCase().replace(/\s+/g, " ");
  if (UNIX_SECONDS.test(words)) return parseInstant(`@${words}`, now);
  const time = parseAgo(words, now) ?? parseDayAndTime(words, now);
  return time === undefined || Math.abs(time) > MAX_TIME_MS ? undefined : time;
}

/** `2 hours ago`, `1h 30min`, `-1h`, `half an hour ago`; days have 24 hours. */
function parseAgo(text: string, now: number): number | undefined {
  const amounts = text.replace(/^-/, "").replace(/ ago$/, "");
  AMOUNT.lastIndex = 0;
  let time = now;
  let read = 0;
  for (let part = AMOUNT.exec(amounts); part !== null; part = AMOUNT.exec(amounts)) {
    const [, number = "", name = ""] = part;
    const unit = UNITS.find(([names]) => names.test(name))?.[1];
    if (unit === undefined) return undefined;
    const count = number.startsWith("half") ? 0.5 : number.startsWith("a") ? 1 : Number(number);
    const back = goBack(time, count, unit);
    if (back === undefined) return undefined;
    time = back;
    read = AMOUNT.lastIndex;
  }
  return read > 0 && read === amounts.length ? time : undefined;
}

function goBack(time: number, count: number, unit: number | "month" | "year"): number | undefined {
  if (typeof unit === "number") return Math.round(time - count * unit);
  if (!Number.isInteger(count)) return undefined;
  const date = new Date(time);
  const [months, day] = [unit === "month" ? count : 12 * count, date.getDate()];
  date.setMonth(date.getMonth() - months, 1);
  const last = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate();
  date.setDate(Math.min(day, last)); // a month before 31 March is 28 February
  return date.getTime();
}

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MIDNIGHT: TimeOfDay = { hour: 0, minute: 0, second: 0 };

/** A day, a time of day, or both in either order, with or without `at`. */
function parseDayAndTime(text: string, now: number): number | undefined {
  const clock = parseTimeOfDay(text);
  if (clock !== undefined) return findLatest(now, (back) => dayBack(now, back, clock), 1);
  const whole = parseDay(text, MIDNIGHT, now);
  if (whole !== undefined) return whole;
  for (let space = text.indexOf(" "); space > 0; space = text.indexOf(" ", space + 1)) {
    const [before, behind] = [text.slice(0, space), text.slice(space + 1)];
    for (const [day, time] of [[before.replace(/ at$/, ""), behind.replace(/^at /, "")], [behind, before]]) {
      const at = parseTimeOfDay(time!);
      const found = at && parseDay(day!, at, now);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** `13:00`, `13:00:30`, `1pm`, `1:30 pm`, `noon`, `midnight`; not a number alone. */
export function parseTimeOfDay(text: string): TimeOfDay | undefined {
  if (text === "midnight") return MIDNIGHT;
  if (text === "noon") return { ...MIDNIGHT, hour: 12 };
  const [, hours, minutes, seconds, half] = TIME_OF_DAY.exec(text) ?? [];
  if (hours === undefined || minutes === undefined && half === undefined) return undefined;
  let hour = Number(hours);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = hour % 12 + (half.trim() === "pm" ? 12 : 0);
  }
  const [minute, second] = [Number(minutes ?? 0), Number(seconds ?? 0)];
  return hour < 24 && minute < 60 && second < 60 ? { hour, minute, second } : undefined;
}

/** The time `clock` of the day that `text` names. */
function parseDay(text: string, clock: TimeOfDay, now: number): number | undefined {
  if (text === "today") return dayBack(now, 0, clock);
  if (text === "yesterday") return dayBack(now, 1, clock);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const day = parseTimestamp(text);
    return day === undefined ? undefined : dayBack(day, 0, clock);
  }
  const weekday = /^(last )?([a-z]+)$/.exec(text);
  const index = weekday === null ? -1 : indexOfName(WEEKDAYS, weekday[2]!);
  if (index >= 0) {
    const back = (new Date(now).getDay() - index + 7) % 7;
    if (weekday![1] !== undefined && back === 0) return dayBack(now, 7, clock);
    return findLatest(now, (weeks) => dayBack(now, back + 7 * weeks, clock), 1);
  }
  const [, month1, day1, day2, month2, year] = MONTH_DAY.exec(text) ?? [];
  const month = indexOfName(MONTHS, month1 ?? month2 ?? "");
  if (month < 0) return undefined;
  const day = Number(day1 ?? day2);
  if (year !== undefined) return timeOn(Number(year), month, day, clock);
  const thisYear = new Date(now).getFullYear();
  return findLatest(now, (years) => timeOn(thisYear - years, month, day, clock), LEAP_YEARS_APART);
}

/** The index of the name that `text` is or abbreviates; -1: there is none. */
export function indexOfName(names: readonly string[], text: string): number {
  return text.length < MIN_ABBREVIATION ? -1 : names.findIndex((name) => name.startsWith(text));
}

/** The first of `time(0)` to `time(most)` that there is and that is not after `now`. */
function findLatest(
  now: number,
  time: (step: number) => number | undefined,
  most: number,
): number | undefined {
  for (let step = 0; step <= most; step++) {
    const found = time(step);
    if (found !== undefined && found <= now) return found;
  }
  return undefined;
}

/** The local time `clock`, so many days before the day of `time`. */
function dayBack(time: number, days: number, { hour, minute, second }: TimeOfDay): number {
  const day = new Date(time);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - days, hour, minute, second).getTime();
}

/** Undefined: the calendar has no such day. */
function timeOn(
  year: number,
  month: number,
  day: number,
  { hour, minute, second }: TimeOfDay,
): number | undefined {
  const date = new Date(year, month, day, hour, minute, second);
  return date.getMonth() === month && date.getDate() === day ? date.getTime() : undefined;
}
