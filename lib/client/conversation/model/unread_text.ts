/** The text of the line above the unread messages of a conversation. Pure. */
import { DAY_MS } from "../../../base/values/time_unit.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { ChatEntry } from "./chat_entry.ts";
import type { LocalTime } from "./local_time.ts";

/** Counts messages of which not all follow. */
export interface UnreadCount {
  readonly count: number;
  readonly isAtLeast: boolean;
  readonly shown: number;
  /** Time of the last message that has been read; 0: unknown. */
  readonly since: number;
}

/**
 * `3 new since 18:02`, or where not all of them follow:
 *
 *     120 new since yesterday 18:02, showing 50 (PgUp or /logs for more)
 *
 * Names the conversation unless it is `current`.
 */
export function describeUnread(
  unread: ChatEntry & { kind: "unread" },
  current: string | undefined,
  local: LocalTime,
): string {
  const isCurrent = current !== undefined && isSameName(unread.channel, current);
  return isCurrent ? describeCount(unread, "", "PgUp or /logs for more", unread.time, local) : describeCount(
    unread,
    ` ${isChannelName(unread.channel) ? "in" : "from"} ${unread.channel}`,
    `more: /logs ${unread.channel} ${unread.count}`,
    unread.time,
    local,
  );
}

/** As above: `where` stands behind the number, `more` says how the rest can be seen. `now` in milliseconds. */
function describeCount(
  { count, isAtLeast, shown, since }: UnreadCount,
  where: string,
  more: string,
  now: number,
  local: LocalTime,
): string {
  const when = since === 0 ? "" : ` since ${formatMoment(since, now, local)}`;
  const what = `${isAtLeast ? "more than " : ""}${count} new${where}${when}`;
  return count === shown && !isAtLeast ? what : `${what}, showing ${shown} (${more})`;
}

/** `time` as seen at `now`: with the day, unless it is today. */
function formatMoment(time: number, now: number, local: LocalTime): string {
  const day = local.day(time);
  if (day === local.day(now)) return local.clock(time);
  return `${day === local.day(now - DAY_MS) ? "yesterday" : local.date(time)} ${local.clock(time)}`;
}
