/** The text of the line above the unread messages of a channel. Pure. */
import { DAY_MS } from "../../../base/values/time_unit.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import type { ChatEntry } from "./chat_entry.ts";
import type { LocalTime } from "./local_time.ts";

/**
 * `3 new messages since 18:02:`, or where not all of them follow:
 *
 *     120 new messages since yesterday 18:02, showing 50 (more: /logs #lobby 120):
 *
 * Names the channel unless it is `channel`.
 */
export function describeUnread(
  unread: ChatEntry & { kind: "unread" },
  channel: string | undefined,
  local: LocalTime,
): string {
  const { count, isAtLeast, shown, since, time } = unread;
  const where = channel !== undefined && isSameName(unread.channel, channel) ? "" : ` in ${unread.channel}`;
  const messages = count === 1 && !isAtLeast ? "message" : "messages";
  const what = `${isAtLeast ? "more than " : ""}${count} new ${messages}${where} since ${
    formatMoment(since, time, local)
  }`;
  return count === shown && !isAtLeast
    ? `${what}:`
    : `${what}, showing ${shown} (more: /logs ${unread.channel} ${count}):`;
}

/** `time` as seen at `now`: with the day, unless it is today. */
function formatMoment(time: number, now: number, local: LocalTime): string {
  const day = local.day(time);
  if (day === local.day(now)) return local.clock(time);
  return `${day === local.day(now - DAY_MS) ? "yesterday" : local.date(time)} ${local.clock(time)}`;
}
