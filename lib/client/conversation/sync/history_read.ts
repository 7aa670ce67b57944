/**
 * Reading history by CHATHISTORY (https://ircv3.net/specs/extensions/chathistory), page by page: backwards
 * for the newest messages, forwards from a position on, with what is lost on the way. Each way of reading is
 * a generator that yields the next request and is resumed with the lines of its response. Pure.
 */
import type { Message, MessageParts } from "../../../irc/message.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import { parseHistoryGap } from "../../../irc/vendor_extensions.ts";
import type { HistoryItem, MessageEntry } from "../model/chat_entry.ts";
import { parseMessageEntry } from "../model/entry_parser.ts";
import { findFailureReply } from "../../session/failure_reply.ts";
import {
  formatTimestamp,
  hasServerCrashBetween,
  positionAt,
  positionOf,
  subtractReportedGap,
} from "../model/read_position.ts";
import type { ReadPosition, ReportedGap } from "../model/read_position.ts";
import type { LiveMerge } from "./live_merge.ts";

export interface HistoryRange {
  readonly target: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number | undefined;
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number | undefined;
  /** The newest so many of those that are wanted; undefined: all. */
  readonly limit?: number | undefined;
  /** With `limit`: only messages before this one. */
  readonly before?: ReadPosition | undefined;
  /** Which of them count for `limit`; left out: all. */
  readonly isWanted?: (message: MessageEntry) => boolean;
  /**
   * With `limit`: which of the wanted messages of a page are given, at its end; reading ends where that is not all of
   * them. `missing`: how many are left of the limit. Left out: so many.
   */
  readonly take?: (messages: MessageEntry[], missing: number) => MessageEntry[];
}

export interface ReadOptions {
  readonly range: HistoryRange;
  /** Has the position to begin at, which moves with what is read. */
  readonly merge: LiveMerge;
  /** Messages asked for at once, at most. */
  readonly pageMessages: number;
  /**
   * Read forwards, only the oldest so many messages are given, and those of the same time as the last of
   * them: a read marker is a time, and so never between two messages of one time. Left out: all.
   */
  readonly maxMessages?: number;
  /** Stands in for times that a server does not give, milliseconds since the epoch. */
  readonly now: number;
}

export type ReadStep =
  /** A request; the lines of its response are what the generator is resumed with. */
  | { readonly kind: "ask"; readonly message: MessageParts }
  /** What was read and not given before. */
  | { readonly kind: "items"; readonly items: readonly HistoryItem[] }
  /** The server does not know the message at `position`: it has another log. Reading goes on by time. */
  | { readonly kind: "new_log"; readonly position: ReadPosition };

export type ReadOutcome =
  | { readonly kind: "whole" }
  /** There is more than `maxMessages`. */
  | { readonly kind: "cut" }
  | { readonly kind: "refused"; readonly reply: Message };

export type HistoryRead = Generator<ReadStep, ReadOutcome, readonly Message[]>;

/** Pages are not smaller than this: with a filter few of many messages may be wanted. */
const MIN_PAGE_MESSAGES = 50;

/** Reads `range` from its beginning, or what is new since the position of `merge`. */
export function* readHistory(options: ReadOptions): HistoryRead {
  const { range, merge: { position } } = options;
  if (position !== undefined) return yield* readForwards(options, position);
  if (range.limit !== undefined) return yield* readNewest(options, range.limit);
  return yield* readForwards(options, startPositionOf(range), range.since);
}

/** The position before everything in `range`. */
export function startPositionOf({ since }: HistoryRange): ReadPosition {
  return positionAt(since === undefined ? 0 : since - 1);
}

/** Whether a refusal of history says that there is no such channel or user, or that we may not read it. */
export function isInvalidTarget({ params }: Message): boolean {
  return params[1] === "INVALID_TARGET";
}

/** Whether a refusal of history says that the messages cannot be read at the moment. */
export function isUnavailable({ params }: Message): boolean {
  return params[1] === "MESSAGE_ERROR";
}

/** What a page of history holds. */
export interface ParsedPage {
  /** What is lost, each time with the number of messages in front of it. */
  readonly gaps: readonly { readonly gap: HistoryGap; readonly at: number }[];
  readonly messages: readonly MessageEntry[];
  /** Messages and other events, which the server counts for the limit. */
  readonly size: number;
  /** The position behind the page; undefined: it holds nothing, so there is nothing (more). */
  readonly end: ReadPosition | undefined;
}

export function parsePage(lines: readonly Message[], now: number): ParsedPage {
  const messages: MessageEntry[] = [];
  const gaps: { gap: HistoryGap; at: number }[] = [];
  for (const line of lines) {
    const gap = parseHistoryGap(line);
    if (gap !== undefined) gaps.push({ gap, at: messages.length });
    const message = parseMessageEntry(line, now);
    if (message !== undefined) messages.push(message);
  }
  const counted = lines.filter(isCounted);
  const last = counted.at(-1);
  return {
    gaps,
    messages,
    size: counted.length,
    end: last && positionOf(last, now),
  };
}

/** Whether `line` counts for the limit of a page: a message, or another event with draft/event-playback. */
export function isCounted({ command, tags }: Message): boolean {
  return command === "PRIVMSG" || command === "NOTICE" || tags.has("msgid");
}

/** From `position` on, until `range.until` or the end; what is earlier than `since` is passed over. */
function* readForwards(options: ReadOptions, position: ReadPosition, since = -Infinity): HistoryRead {
  const { merge, maxMessages = Infinity, now, range: { until = Infinity } } = options;
  /** The server refuses what is behind this message; if it answers by time, it has another log. */
  let unknown: ReadPosition | undefined;
  let isNewLog = false;
  let left = maxMessages;
  let untilSeq: number | undefined;
  for (;;) {
    const anchor = formatAnchor(position);
    const lines = yield ask(options, "AFTER", anchor);
    const reply = findFailureReply(lines);
    if (reply !== undefined) {
      if (unknown !== undefined || position.id === undefined || isInvalidTarget(reply)) {
        return { kind: "refused", reply };
      }
      unknown = position;
      position = positionAt(position.time);
      continue;
    }
    if (unknown !== undefined && !isNewLog) {
      yield { kind: "new_log", position: unknown };
      merge.startNewLog();
      isNewLog = true;
    }
    const page = parsePage(lines, now);
    const messages = takeFirst(page.messages, left, position.time);
    left = Math.max(0, left - messages.length);
    const items = selectItems(options, position, { ...page, messages }, since);
    if (items.length > 0) {
      const reached = findReachedPosition(items.at(-1)!, position, page.gaps[0]?.gap);
      yield { kind: "items", items: merge.mergePage({ items, reached }) };
    }
    const { end } = page;
    if (end === undefined || merge.hasMet || formatAnchor(end) === anchor) return { kind: "whole" };
    if (messages.length < page.messages.length) return { kind: "cut" };
    if (end.time >= until) {
      // Where the server's clock was set back, later messages may have an earlier time.
      untilSeq ??= yield* findNeighborSeq(options, "BEFORE", until);
      if ((end.seq ?? Infinity) >= untilSeq) return { kind: "whole" };
    }
    position = end;
  }
}

/**
 * The first `count` messages, and those of the same time behind them. `time`: of the message before all of
 * them.
 */
function takeFirst(messages: readonly MessageEntry[], count: number, time: number): readonly MessageEntry[] {
  const last = messages[count - 1]?.time ?? time;
  const end = messages.findIndex((message, index) => index >= count && message.time !== last);
  return end < 0 ? messages : messages.slice(0, end);
}

/**
 * The messages of the time between, and each gap in its place. The server tells of what is lost; the
 * sequence numbers tell that it crashed between two messages.
 */
function selectItems(
  { range: { target, until = Infinity }, now }: ReadOptions,
  position: ReadPosition,
  { gaps, messages }: ParsedPage,
  since: number,
): HistoryItem[] {
  const items: HistoryItem[] = [];
  const addGap = ({ count, most, why }: ReportedGap, { time }: ReadPosition, before: number | undefined) => {
    const after = time > 0 ? time : undefined;
    items.push({
      kind: "gap",
      time: before ?? now,
      target,
      count,
      ...most !== undefined && { most },
      why,
      after,
      before,
    });
  };
  const [first] = gaps;
  const news = first?.at === 0 ? subtractReportedGap(first.gap, position.reportedGap) : undefined;
  if (news !== undefined) addGap(news, position, messages[0]?.time);
  let previous: MessageEntry | undefined;
  for (const [at, message] of messages.entries()) {
    if (message.time < since || message.time >= until) continue;
    const within = at > 0 ? gaps.find((gap) => gap.at === at) : undefined;
    if (within !== undefined) addGap(within.gap, messages[at - 1]!, message.time);
    else if (previous !== undefined && hasServerCrashBetween(previous, message)) {
      addGap({ count: undefined, why: "restart" }, previous, message.time);
    }
    items.push(message);
    previous = message;
  }
  return items;
}

/** The last message; or, behind a gap, the position from before, from which the gap need not be shown again. */
function findReachedPosition(
  last: HistoryItem,
  position: ReadPosition,
  gap: HistoryGap | undefined,
): ReadPosition {
  return last.kind === "gap" ? { ...position, reportedGap: gap } : last;
}

/** Pages backwards until `limit` wanted messages are found, then gives them oldest first. */
function* readNewest(options: ReadOptions, limit: number): HistoryRead {
  const { merge, now, range } = options;
  const { since = -Infinity, until = Infinity, isWanted = () => true, take = takeLast } = range;
  const found: MessageEntry[][] = [];
  let newest: MessageEntry | undefined;
  let sinceSeq: number | undefined;
  let refusal: Message | undefined;
  let missing = limit;
  let anchor = findNewestAnchor(range);
  do {
    const which = anchor === "*" ? "LATEST" : "BEFORE";
    const lines = yield ask(options, which, anchor, Math.max(missing, MIN_PAGE_MESSAGES));
    refusal = findFailureReply(lines);
    if (refusal !== undefined) break; // what is newer can be shown all the same
    const { messages } = parsePage(lines, now);
    const first = messages[0];
    if (first === undefined) break;
    newest ??= messages.findLast((message) => message.time < until);
    const isIn = (message: MessageEntry) =>
      message.time >= since && message.time < until && isWanted(message);
    const wanted = messages.filter(isIn);
    const kept = take(wanted, missing);
    missing -= kept.length;
    found.push(kept);
    if (kept.length < wanted.length) break;
    const next = formatAnchor(first);
    if (next === anchor) break;
    if (first.time < since) {
      // What comes before it may be of a later time, where the server's clock was set right.
      sinceSeq ??= yield* findNeighborSeq(options, "AFTER", since - 1);
      if ((first.seq ?? 0) <= sinceSeq) break;
    }
    anchor = next;
  } while (missing > 0);
  for (const items of found.reverse()) {
    if (items.length > 0) yield { kind: "items", items: merge.mergePage({ items, reached: undefined }) };
  }
  if (newest !== undefined) {
    yield { kind: "items", items: merge.mergePage({ items: [], reached: newest }) };
  }
  return refusal === undefined ? { kind: "whole" } : { kind: "refused", reply: refusal };
}

/** Where reading backwards begins; `*`: at the end. */
function findNewestAnchor({ before, until = Infinity }: HistoryRange): string {
  if (before !== undefined) return formatAnchor(before);
  return until === Infinity ? "*" : formatTimestamp(until);
}

/**
 * The sequence number of the last message before a time, or of the first after it; 0 or Infinity where there
 * is none, or the server does not tell.
 */
function* findNeighborSeq(
  options: ReadOptions,
  which: "BEFORE" | "AFTER",
  time: number,
): Generator<ReadStep, number, readonly Message[]> {
  const { messages } = parsePage(yield ask(options, which, formatTimestamp(time), 1), time);
  return which === "BEFORE" ? messages.at(-1)?.seq ?? 0 : messages[0]?.seq ?? Infinity;
}

/**
 * The server may answer fewer messages than `limit` although there are more; only an empty page is the end.
 */
function ask(
  { range: { target }, pageMessages }: ReadOptions,
  which: "LATEST" | "BEFORE" | "AFTER",
  anchor: string,
  limit = Infinity,
): ReadStep {
  const params = [which, target, anchor, String(Math.min(limit, pageMessages))];
  return { kind: "ask", message: { command: "CHATHISTORY", params } };
}

/** The anchor behind a position: a message id, or a time, which itself is not part of the page. */
export function formatAnchor({ id, time }: ReadPosition): string {
  return id === undefined ? formatTimestamp(time) : `msgid=${id}`;
}

function takeLast(messages: MessageEntry[], count: number): MessageEntry[] {
  return messages.slice(Math.max(0, messages.length - count));
}
