/** The text of a history gap as seen in a view. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { GapEntry } from "../../client/conversation/model/chat_entry.ts";
import { describeGap } from "../../client/conversation/model/gap_text.ts";
import type { LocalTime } from "./local_time.ts";

/** Names the conversation unless it is `channel`, and the first day unless it is the last one too. */
export function describeGapIn(gap: GapEntry, channel: string | undefined, local: LocalTime): string {
  const here = channel !== undefined && isSameName(gap.target, channel);
  const where = here ? "" : ` ${isChannelName(gap.target) ? "in" : "with"} ${gap.target}`;
  const formatTime = (time: number) =>
    `${local.day(time) === local.day(gap.time) ? "" : `${local.date(time)} `}${local.clock(time)}`;
  return describeGap(gap, formatTime, where);
}
