/** A page of earlier messages for what shows each conversation by itself and grows it upwards. Pure. */
import type { Message, MessageParts } from "../../irc/message.ts";
import { describeFailure, findFailureReply } from "../session/failure_reply.ts";
import type { ChatEntry, GapEntry, HistoryItem } from "./model/chat_entry.ts";
import { parseChatEntry } from "./model/entry_parser.ts";
import { formatTimestamp, hasServerCrashBetween, positionOf } from "./model/read_position.ts";
import type { ReadPosition } from "./model/read_position.ts";
import { formatAnchor, isCounted, parsePage } from "./sync/history_read.ts";

/** The messages before `before`, or the latest ones. */
export interface PagePurpose {
  readonly for: "page";
  /** A channel or a user. */
  readonly target: string;
  readonly before?: ReadPosition;
}

export interface HistoryPageResult {
  readonly target: string;
  /** In order. */
  readonly items: readonly HistoryItem[];
  /** Reactions, in order, to these messages and earlier ones: from servers that have them in history. */
  readonly reactions: readonly ReactionEntry[];
  /** What earlier ones are before; undefined: there are none, or {@link failure} says why none could be read. */
  readonly start: ReadPosition | undefined;
  /** "": it could be read. */
  readonly failure: string;
}

export type ReactionEntry = ChatEntry & { readonly kind: "reaction" };

/** Messages of a page, other events included where the server has them in history. */
export const HISTORY_PAGE_MESSAGES = 100;

export function makePageMessage({ target, before }: PagePurpose): MessageParts {
  const [which, anchor] = before === undefined ? ["LATEST", "*"] : ["BEFORE", formatAnchor(before)];
  return { command: "CHATHISTORY", params: [which, target, anchor, String(HISTORY_PAGE_MESSAGES)] };
}

/** Asks for what is between two times, the oldest first. */
export function makeGapMessage({ target, after, before }: GapEntry): MessageParts {
  const [from, until] = [after ?? 0, before ?? Date.UTC(9999, 0)].map(formatTimestamp);
  return {
    command: "CHATHISTORY",
    params: ["BETWEEN", target, from!, until!, String(HISTORY_PAGE_MESSAGES)],
  };
}

export function readPage({ target }: PagePurpose, lines: readonly Message[], now: number): HistoryPageResult {
  const failure = findFailureReply(lines);
  if (failure !== undefined) return makeFailedPage(target, describeFailure(failure));
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
  const first = lines.find(isCounted);
  const start = first && positionOf(first, now);
  return { target, items, reactions: readReactions(lines, now), start, failure: "" };
}

export function makeFailedPage(target: string, failure: string): HistoryPageResult {
  return { target, items: [], reactions: [], start: undefined, failure };
}

function readReactions(lines: readonly Message[], now: number): ReactionEntry[] {
  return lines.flatMap((line) => {
    const entry = line.command === "TAGMSG" ? parseChatEntry(line, now) : undefined;
    return entry?.kind === "reaction" ? [entry] : [];
  });
}

function makeGap(
  target: string,
  { count, why }: Pick<GapEntry, "count" | "why">,
  after: number | undefined,
  before: number,
): GapEntry {
  return { kind: "gap", time: before, target, count, why, after, before };
}
