/** A gap in what is known of a conversation, in words. Pure. */
import { sameName } from "../irc/casemap.ts";
import { isRoomName } from "../irc/names.ts";
import type { Entry } from "./entry.ts";
import type { LocalTime } from "./render.ts";

/**
 * `gap: 37 messages, 10:02–10:07`: how many, between the last message seen before it and the first one after it. Names the
 * conversation where it is not `room`, and the day of its beginning where that is another one than that of its end.
 */
export function gapText(gap: Entry & { kind: "gap" }, room: string | undefined, local: LocalTime): string {
  const here = room !== undefined && sameName(gap.target, room);
  const where = here ? "" : ` ${isRoomName(gap.target) ? "in" : "with"} ${gap.target}`;
  const count = gap.count === undefined ? [] : [`${gap.count} ${gap.count === 1 ? "message" : "messages"}`];
  return `gap${where}: ${[...count, ...span(gap, local), ...because(gap)].join(", ")}`;
}

function span({ from, to, time }: Entry & { kind: "gap" }, local: LocalTime): string[] {
  const start = from === undefined
    ? ""
    : `${local.day(from) === local.day(time) ? "" : `${local.date(from)} `}${local.clock(from)}`;
  if (to === undefined) return start === "" ? [] : [`since ${start}`];
  return [start === "" ? `until ${local.clock(to)}` : `${start}–${local.clock(to)}`];
}

function because({ count, why }: Entry & { kind: "gap" }): string[] {
  if (why === "restart") return ["the server was cut off; what it had not saved is lost"];
  return count === undefined ? ["some messages may be lost"] : [];
}
