/** The text of a history gap. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { GapEntry } from "../../client/conversation/model/chat_entry.ts";
import type { LocalTime } from "./local_time.ts";

/**
 * `gap: 37 messages, 10:02–10:07`: the number of missing messages, and the times of those before and after.
 * Names the conversation unless it is `channel`, and the first day unless it is the last one too.
 */
export function describeGap(
  gap: GapEntry,
  channel: string | undefined,
  local: LocalTime,
): string {
  const here = channel !== undefined && isSameName(gap.target, channel);
  const where = here ? "" : ` ${isChannelName(gap.target) ? "in" : "with"} ${gap.target}`;
  const count = gap.count === undefined ? [] : [`${gap.count} ${gap.count === 1 ? "message" : "messages"}`];
  return `gap${where}: ${[...count, ...formatGapTimes(gap, local), ...describeCause(gap)].join(", ")}`;
}

function formatGapTimes({ after, before, time }: GapEntry, local: LocalTime): string[] {
  const start = after === undefined
    ? ""
    : `${local.day(after) === local.day(time) ? "" : `${local.date(after)} `}${local.clock(after)}`;
  if (before === undefined) return start === "" ? [] : [`since ${start}`];
  return [start === "" ? `until ${local.clock(before)}` : `${start}–${local.clock(before)}`];
}

function describeCause({ count, why }: GapEntry): string[] {
  if (why === "restart") return ["the server crashed; unsaved messages are lost"];
  return count === undefined ? ["some messages may be lost"] : [];
}
