/** Reads what somebody has not seen yet: the range asked for at first, later what was said since. */
import { readForwards, readHistory } from "./history_reader.ts";
import type { HistoryRange, HistoryReadOptions, HistoryReadOutcome } from "./history_reader.ts";
import type { ReadPosition } from "./history_gap.ts";
import type { LiveMerge } from "./live_merge.ts";
import type { HistoryItem } from "../conversation/model/chat_entry.ts";

export interface ResumedReadOptions extends Omit<HistoryReadOptions, "onPage"> {
  readonly range: HistoryRange;
  /** Says how far somebody has got, and is moved on. */
  readonly merge: LiveMerge;
  readonly show: (items: HistoryItem[]) => Promise<void>;
  /** The server does not know the message at `position` any more: it has another log. Goes on by time. */
  readonly onNewLog: (position: ReadPosition) => void;
}

export async function resumeHistoryRead(
  { range, merge, show, onNewLog, ...rest }: ResumedReadOptions,
): Promise<HistoryReadOutcome> {
  const reading: HistoryReadOptions = { ...rest, onPage: (page) => show(merge.mergePage(page)) };
  const { position } = merge;
  if (position === undefined) return await readHistory(reading, range);
  const outcome = await readForwards(reading, range, position);
  if (outcome.kind !== "failed" || position.id === undefined || merge.position !== position) return outcome;
  onNewLog(position);
  merge.forgetIds();
  return await readForwards(reading, range, { seq: undefined, id: undefined, time: position.time });
}
