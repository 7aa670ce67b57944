/** How far a client has got in the history of a conversation. */
import type { Message } from "../../../irc/message.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import { SEQ_TAG } from "../../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireTime } from "../../../irc/wire_number.ts";
import { SEQ_JUMP } from "../../../log/seq_jump.ts";

/** Behind this message, or behind this time where it has no id. */
export interface ReadPosition {
  /** Sequence number in the server's log; undefined: the server does not tell it. */
  readonly seq: number | undefined;
  readonly id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The gap behind it that has been shown already. */
  readonly reportedGap?: ReportedGap | undefined;
}

/** As in {@link HistoryGap}. */
export type ReportedGap = Pick<HistoryGap, "count" | "most" | "why">;

/** The position behind `line`; `now` stands in for a time that is not given. */
export function positionOf({ tags }: Message, now: number): ReadPosition {
  return {
    seq: parseWireCount(tags.get(SEQ_TAG)),
    id: tags.get("msgid"),
    time: parseWireTime(tags.get("time")) ?? now,
  };
}

/** The position behind everything up to `time`, and behind no message in particular. */
export function positionAt(time: number): ReadPosition {
  return { seq: undefined, id: undefined, time };
}

/** Whether `one` is behind `other`. By sequence number where both have one: a server's clock may be set back. */
export function isBehind(one: ReadPosition, other: ReadPosition): boolean {
  return one.seq === undefined || other.seq === undefined ? one.time > other.time : one.seq > other.seq;
}

/** A time as CHATHISTORY and MARKREAD take it. */
export function formatTimestamp(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}

/** The time in the answer to MARKREAD; undefined: none is known (`*`). */
export function parseTimestamp(text: string | undefined): number | undefined {
  return parseWireTime(text?.replace(/^timestamp=/, ""));
}

/** What of `gap` is not in `reported`, the gap that was shown before in the same place. */
export function subtractReportedGap(
  gap: ReportedGap,
  reported: ReportedGap | undefined,
): ReportedGap | undefined {
  if (reported === undefined || reported.why !== gap.why) return gap;
  if (gap.count === undefined || reported.count === undefined) return undefined;
  return gap.count > reported.count ? { count: gap.count - reported.count, why: gap.why } : undefined;
}

/** Whether the server crashed between two messages: that leaves a jump in the numbers (docs/log.md). */
export function hasServerCrashBetween(earlier: ReadPosition, later: ReadPosition): boolean {
  if (earlier.seq === undefined || later.seq === undefined) return false;
  return Math.floor(earlier.seq / SEQ_JUMP) < Math.floor(later.seq / SEQ_JUMP);
}
