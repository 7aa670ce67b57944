/** Messages that a reader should have seen and that nobody can show any more. */
import type { HistoryGap } from "../../irc/vendor_extensions.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import type { MessageEntry } from "../conversation/model/chat_entry.ts";

/** Where in a target's history a reader has got to: behind this message, or behind this time where it has no id. */
export interface ReadPosition {
  readonly seq: number | undefined;
  readonly id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** What has been told already to be lost behind it. */
  readonly told?: ReportedGap | undefined;
}

/** As in {@link HistoryGap}. */
export type ReportedGap = Pick<HistoryGap, "count" | "why">;

/** What `gap` says that was not `told` before, of the same place. */
export function subtractReportedGap(
  gap: ReportedGap,
  told: ReportedGap | undefined,
): ReportedGap | undefined {
  if (told === undefined || told.why !== gap.why) return gap;
  if (gap.count === undefined || told.count === undefined) return undefined;
  return gap.count > told.count ? { count: gap.count - told.count, why: gap.why } : undefined;
}

/** True where a server was cut off between two messages: it leaves a jump in the numbers (docs/log.md). */
export function hasServerCrashBetween(earlier: MessageEntry, later: MessageEntry): boolean {
  if (earlier.seq === undefined || later.seq === undefined) return false;
  return Math.floor(earlier.seq / SEQ_JUMP) < Math.floor(later.seq / SEQ_JUMP);
}
