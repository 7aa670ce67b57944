/**
 * Numbers and times in lines from other programs, accepted within bounds only; others are undefined, so that no value
 * from the network yields a date that cannot be formatted or a count that is not a number.
 */
import { parseTimestamp } from "../base/values/timestamp.ts";

/**
 * 9999-12-31T23:59:59.999Z, the last instant that server-time's format can represent
 * (https://ircv3.net/specs/extensions/server-time).
 */
export const MAX_WIRE_TIME_MS = 253_402_300_799_999;
export const MAX_WIRE_SECONDS = Math.floor(MAX_WIRE_TIME_MS / 1000);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
/** As many digits as 2^53 - 1 has, the largest integer that a double represents exactly. */
const COUNT = /^\d{1,16}$/;

/** A whole number from 0 to `max` in decimal digits; undefined if `text` is not one. */
export function parseWireCount(text: string | undefined, max = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined || !COUNT.test(text)) return undefined;
  const count = Number(text);
  return count <= max ? count : undefined;
}

/** Seconds as milliseconds: a duration, or a time since the Unix epoch up to the year 9999. */
export function parseWireSeconds(text: string | undefined): number | undefined {
  const seconds = parseWireCount(text, MAX_WIRE_SECONDS);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** A time in server-time format, in milliseconds since the Unix epoch, from 1970 to 9999. */
export function parseWireTime(text: string | undefined): number | undefined {
  if (text === undefined || !TIME.test(text)) return undefined;
  const time = parseTimestamp(text);
  return time !== undefined && time >= 0 && time <= MAX_WIRE_TIME_MS ? time : undefined;
}
