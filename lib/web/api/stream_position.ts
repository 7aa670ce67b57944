/**
 * A read position as one word, for `Last-Event-ID` and the parameter `after`:
 *
 *     5-Xk3@1795870000250         behind this message, which was sent at this time
 *     @1795870000250              behind this time
 *     5-Xk3@1795870000250~37o     the same, and behind a gap of 37 overwritten messages that has been told
 *     5-Xk3                       behind this message; its time is unknown
 *
 * The time is for a server with another log, which does not know the message. Pure.
 */
import { MAX_TIME_MS } from "../../base/clock.ts";
import type { ReadPosition, ReportedGap } from "../../client/conversation/model/read_position.ts";

/** A message id: no word of a position can be in it, and it fits a line. */
const TOKEN = /^([!-?A-}]{1,100})?(?:@(\d{1,16})(?:~(\d{1,16}|\*)([or]))?)?$/;

export interface StreamPosition extends ReadPosition {
  /** Whether the token has the time. */
  readonly hasTime: boolean;
}

export function formatStreamPosition({ id = "", time, reportedGap }: ReadPosition): string {
  return `${id}@${time}${reportedGap === undefined ? "" : `~${formatGapWord(reportedGap)}`}`;
}

/** Undefined: `text` is none. */
export function parseStreamPosition(text: string): StreamPosition | undefined {
  const [, id, digits, count, why] = TOKEN.exec(text) ?? [];
  const time = Number(digits ?? 0);
  if (id === undefined && digits === undefined || time > MAX_TIME_MS) return undefined;
  const position = { seq: undefined, id, time, hasTime: digits !== undefined };
  return why === undefined ? position : { ...position, reportedGap: parseGapWord(count, why) };
}

function formatGapWord({ count, why }: ReportedGap): string {
  return `${count ?? "*"}${why === "restart" ? "r" : "o"}`;
}

function parseGapWord(count: string | undefined, why: string): ReportedGap {
  return { count: count === "*" ? undefined : Number(count), why: why === "r" ? "restart" : "overwritten" };
}
