/**
 * Dates and times in RFC 3339 form: parsed and checked against the calendar (`Date.parse` turns 30 February into 2
 * March), and formatted.
 */

/** RFC 3339 §5.6; ISO 8601 also allows a comma before the fraction, offsets without a colon, and no seconds. */
const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?([Zz]|[+-]\d\d:?\d\d)?)?$/;

/**
 * Milliseconds since the epoch for `text`; undefined if it has another form or names no day of the calendar. Without
 * an offset the time is local; without a time of day it is the start of the day. Second 60 (a leap second) is
 * rejected.
 */
export function parseTimestamp(text: string): number | undefined {
  const [, ...parts] = DATE_TIME.exec(text) ?? [];
  if (parts.length === 0) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(0, 6).map((part) =>
    Number(part ?? 0)
  );
  const ms = Math.floor(Number(`0.${parts[6] ?? 0}`) * 1000);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = parts[7];
  if (offset === undefined) return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  const offsetMinutes = parseUtcOffset(offset);
  if (offsetMinutes === undefined) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - offsetMinutes * 60_000;
}

/** `YYYY-MM-DDThh:mm:ssZ` for `time`, milliseconds since the epoch. */
export function formatUtcSecond(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** `YYYY-MM-DD` in UTC for `time`, milliseconds since the epoch. */
export function formatUtcDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Minutes east of UTC. */
function parseUtcOffset(offset: string): number | undefined {
  if (/^[Zz]$/.test(offset)) return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** Local time `YYYY-MM-DD hh:mm:ss`, or UTC with its Z. `time`: milliseconds since the epoch. */
export function formatTime(time: number, utc: boolean): string {
  const date = new Date(time);
  if (utc) return date.toISOString().slice(0, 19).replace("T", " ") + "Z";
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  return `${day} ${formatTimeOfDay(time)}:${twoDigits(date.getSeconds())}`;
}

/** Local time of day `hh:mm`. `time`: milliseconds since the epoch. */
export function formatTimeOfDay(time: number): string {
  const date = new Date(time);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
