/** A history gap in words. Pure. */
import { isSameName } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { GapEntry } from "./chat_entry.ts";
import type { LocalTime } from "./local_time.ts";

/**
 * `gap: 37 messages, 10:02–10:07`: the number of lost messages (`up to 37 messages` where only a bound is known), the times of those before and after, and the
 * cause where newer messages are not. `where` names the conversation: ` in #dev`.
 */
export function describeGap(
  { count, most, why, after, before }: Pick<GapEntry, "count" | "most" | "why" | "after" | "before">,
  formatTime: (time: number) => string,
  where = "",
): string {
  const start = after === undefined ? undefined : formatTime(after);
  const end = before === undefined ? undefined : formatTime(before);
  const counted = count === undefined
    ? most === undefined ? undefined : `up to ${formatMessages(most)}`
    : formatMessages(count);
  if (why === "restart") {
    const lost = count === undefined
      ? `${counted ?? "its last messages"} may be missing`
      : `${counted} ${count === 1 ? "is" : "are"} missing`;
    return `gap${where}: the server ended without saving${formatCrashTime(start, end)}; ${lost}`;
  }
  const parts = [
    ...counted === undefined ? [] : [counted],
    ...formatSpan(start, end),
    ...counted === undefined ? ["some messages may be lost"] : [],
  ];
  return `gap${where}: ${parts.join(", ")}`;
}

/**
 * The same for a reader of `channel`: names the conversation unless it is that one, and the first day unless it
 * is the last one too.
 */
export function describeGapIn(gap: GapEntry, channel: string | undefined, local: LocalTime): string {
  const here = channel !== undefined && isSameName(gap.target, channel);
  const where = here ? "" : ` ${isChannelName(gap.target) ? "in" : "with"} ${gap.target}`;
  const formatTime = (time: number) =>
    `${local.day(time) === local.day(gap.time) ? "" : `${local.date(time)} `}${local.clock(time)}`;
  return describeGap(gap, formatTime, where);
}

function formatMessages(count: number): string {
  return `${count} ${count === 1 ? "message" : "messages"}`;
}

function formatSpan(start: string | undefined, end: string | undefined): string[] {
  if (start === undefined) return end === undefined ? [] : [`until ${end}`];
  if (end === undefined) return [`since ${start}`];
  return [start === end ? `at ${start}` : `${start}–${end}`];
}

function formatCrashTime(start: string | undefined, end: string | undefined): string {
  if (start === undefined) return end === undefined ? "" : ` before ${end}`;
  if (end === undefined) return ` after ${start}`;
  return start === end ? ` at ${start}` : ` between ${start} and ${end}`;
}
