/** A page of earlier messages for what shows each conversation by itself and grows it upwards. Pure. */
import type { Message, MessageParts } from "../../irc/message.ts";
import { describeFailure, findFailureReply } from "../session/failure_reply.ts";
import type { GapEntry, HistoryItem } from "./model/chat_entry.ts";
import { hasServerCrashBetween } from "./model/read_position.ts";
import type { ReadPosition } from "./model/read_position.ts";
import { formatAnchor, parsePage } from "./sync/history_read.ts";

/** The messages before `before`, or the latest ones. */
export interface PagePurpose {
  readonly for: "page";
  /** A channel or a user. */
  readonly target: string;
  readonly before?: ReadPosition;
}

export interface HistoryPageResult {
  readonly target: string;
  /** In order; none: there are no earlier messages, or {@link failure} says why they could not be read. */
  readonly items: readonly HistoryItem[];
  /** "": it could be read. */
  readonly failure: string;
}

/** Messages of a page. */
export const HISTORY_PAGE_MESSAGES = 100;

export function makePageMessage({ target, before }: PagePurpose): MessageParts {
  const [which, anchor] = before === undefined ? ["LATEST", "*"] : ["BEFORE", formatAnchor(before)];
  return { command: "CHATHISTORY", params: [which, target, anchor, String(HISTORY_PAGE_MESSAGES)] };
}

export function readPage({ target }: PagePurpose, lines: readonly Message[], now: number): HistoryPageResult {
  const failure = findFailureReply(lines);
  if (failure !== undefined) return { target, items: [], failure: describeFailure(failure) };
  const { gaps, messages } = parsePage(lines, now);
  const items: HistoryItem[] = [];
  for (const [at, message] of messages.entries()) {
    const before = messages[at - 1];
    const gap = gaps.find((each) => each.at === at)?.gap;
    const isCrash = before !== undefined && hasServerCrashBetween(before, message);
    const lost = gap ?? (isCrash ? { count: undefined, why: "restart" as const } : undefined);
    if (lost !== undefined) items.push(makeGap(target, lost, before?.time, message.time));
    items.push(message);
  }
  return { target, items, failure: "" };
}

function makeGap(
  target: string,
  { count, why }: Pick<GapEntry, "count" | "why">,
  after: number | undefined,
  before: number,
): GapEntry {
  return { kind: "gap", time: before, target, count, why, after, before };
}
