/** Reads a target's history: backwards for the newest so many, forwards from a position on, with what is lost on the way. */
import type { Message } from "../../irc/message.ts";
import type { HistoryGap } from "../../irc/vendor_extensions.ts";
import { LOBBY_TOKEN, parseHistoryGap } from "../../irc/vendor_extensions.ts";
import type { HistoryPageFailure, HistorySource } from "./history_page.ts";
import { fetchHistoryPage, formatAnchor, formatTimeAnchor } from "./history_page.ts";
import type { ReadPosition, ReportedGap } from "./history_gap.ts";
import { hasServerCrashBetween, subtractReportedGap } from "./history_gap.ts";
import type { HistoryItem, MessageEntry } from "../conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../conversation/model/entry_parser.ts";

export interface HistoryRange {
  readonly target: string;
  /** No channel was named: it is the one that the server says everybody enters, and `target` where it says nothing of that. */
  readonly isLobby?: boolean;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number | undefined;
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number | undefined;
  /** The newest so many of those that are wanted; undefined: all. */
  readonly limit?: number | undefined;
  /** Which of them are wanted. */
  readonly isWanted: (entry: MessageEntry) => boolean;
}

/** A piece of the history, in order. Read forwards it has unwanted entries too: they are passed over, not skipped. */
export interface HistoryPage {
  readonly items: readonly HistoryItem[];
  /** How far the reader has got once this is shown; undefined: no further than before. */
  readonly reached: ReadPosition | undefined;
}

/** Where pages come from, where they go, and when to stop. */
export interface HistoryReadOptions {
  readonly link: HistorySource;
  /** Stands in for times that a server does not give, milliseconds since the epoch. */
  readonly now: number;
  /** Once it is aborted no further page is asked for. */
  readonly signal: AbortSignal;
  readonly onPage: (page: HistoryPage) => Promise<void>;
}

export type HistoryReadOutcome = { readonly kind: "done" } | HistoryPageFailure;

/** With a filter few of many may be wanted: pages are not made too small. */
const MIN_PAGE_MESSAGES = 50;

/** Reads `range` from its beginning, for somebody who has seen nothing of it. */
export async function readHistory(
  reading: HistoryReadOptions,
  range: HistoryRange,
): Promise<HistoryReadOutcome> {
  return range.limit === undefined
    ? await readForwards(reading, range, startPositionOf(range), range.since)
    : await readNewest(reading, range, range.limit);
}

/** The target of `range` on a server that says this of itself (RPL_ISUPPORT). */
export function resolveTarget(
  isupport: ReadonlyMap<string, string>,
  { target, isLobby }: HistoryRange,
): string {
  return isLobby === true && isupport.get(LOBBY_TOKEN) || target;
}

/** The position before everything in `range`. */
export function startPositionOf({ since }: HistoryRange): ReadPosition {
  return { seq: undefined, id: undefined, time: since === undefined ? 0 : since - 1 };
}

/** From `position` on, until `range.until` or the end; what is earlier than `since` is passed over. */
export async function readForwards(
  { link, now, signal, onPage }: HistoryReadOptions,
  { target, until = Infinity }: HistoryRange,
  position: ReadPosition,
  since = -Infinity,
): Promise<HistoryReadOutcome> {
  let end: number | undefined;
  while (!signal.aborted) {
    const anchor = formatAnchor(position);
    const page = await fetchHistoryPage(link, { target, which: "after", anchor, limit: Infinity });
    if (page.kind !== "page") return page;
    const { gap, entries } = parsePage(page.lines, now);
    const items = selectItemsAfter(position, gap, entries, { target, since, until, now });
    const last = entries.at(-1);
    if (items.length > 0) await onPage({ items, reached: findReachedPosition(items, position, gap) });
    if (last === undefined || formatAnchor(last) === anchor) break;
    if (last.time >= until) {
      // Where the server's clock was set back, what comes later may be of an earlier time.
      end ??= await findNeighborSeq(link, target, "before", until);
      if ((last.seq ?? Infinity) >= end) break;
    }
    position = last;
  }
  return { kind: "done" };
}

/**
 * The place in the server's log of the last message before a time, or of the first after it; 0 or Infinity where there is none, or
 * the server does not tell.
 */
async function findNeighborSeq(
  link: HistorySource,
  target: string,
  which: "before" | "after",
  time: number,
): Promise<number> {
  const page = await fetchHistoryPage(link, { target, which, anchor: formatTimeAnchor(time), limit: 1 });
  const { entries } = parsePage(page.kind === "page" ? page.lines : [], time);
  return which === "before" ? entries.at(-1)?.seq ?? 0 : entries[0]?.seq ?? Infinity;
}

function parsePage(
  lines: readonly Message[],
  now: number,
): { gap: HistoryGap | undefined; entries: MessageEntry[] } {
  let gap: HistoryGap | undefined;
  const entries: MessageEntry[] = [];
  for (const line of lines) {
    const entry = parseMessageEntry(line, now);
    if (entry !== undefined) entries.push(entry);
    else gap ??= parseHistoryGap(line);
  }
  return { gap, entries };
}

/**
 * The entries of the time between, and each loss in its place. The server tells of what is lost before the first entry; that it was
 * cut off between two others their numbers tell.
 */
function selectItemsAfter(
  position: ReadPosition,
  gap: HistoryGap | undefined,
  entries: readonly MessageEntry[],
  { target, since, until, now }: { target: string; since: number; until: number; now: number },
): HistoryItem[] {
  const items: HistoryItem[] = [];
  const addGap = ({ count, why }: ReportedGap, after: number, before: number | undefined) =>
    items.push({ kind: "gap", time: before ?? now, target, count, why, after, before });
  const news = gap === undefined ? undefined : subtractReportedGap(gap, position.told);
  if (news !== undefined) addGap(news, position.time, entries[0]?.time);
  let previous: MessageEntry | undefined;
  for (const entry of entries) {
    if (entry.time < since || entry.time >= until) continue;
    if (previous !== undefined && hasServerCrashBetween(previous, entry)) {
      addGap({ count: undefined, why: "restart" }, previous.time, entry.time);
    }
    items.push(entry);
    previous = entry;
  }
  return items;
}

/** The last entry; or, where only a loss is told, the position from before, at which it need not be told again. */
function findReachedPosition(
  items: readonly HistoryItem[],
  position: ReadPosition,
  gap: HistoryGap | undefined,
): ReadPosition {
  const last = items.at(-1)!;
  return last.kind === "gap" ? { ...position, told: gap } : last;
}

/** Pages backwards until `limit` wanted entries are found, then hands them over oldest first. */
async function readNewest(
  { link, now, signal, onPage }: HistoryReadOptions,
  { target, since = -Infinity, until = Infinity, isWanted }: HistoryRange,
  limit: number,
): Promise<HistoryReadOutcome> {
  const found: MessageEntry[][] = [];
  let newest: MessageEntry | undefined;
  let start: number | undefined;
  let missing = limit;
  let anchor = until === Infinity ? "*" : formatTimeAnchor(until);
  do {
    if (signal.aborted) return { kind: "done" };
    const which = anchor === "*" ? "latest" : "before";
    const size = Math.max(missing, MIN_PAGE_MESSAGES);
    const page = await fetchHistoryPage(link, { target, which, anchor, limit: size });
    if (page.kind !== "page") return page;
    const { entries } = parsePage(page.lines, now);
    const first = entries[0];
    if (first === undefined) break;
    newest ??= entries.findLast((entry) => entry.time < until);
    const isIn = (entry: MessageEntry) => entry.time >= since && entry.time < until && isWanted(entry);
    const kept = takeLast(entries.filter(isIn), missing);
    missing -= kept.length;
    found.push(kept);
    const next = formatAnchor(first);
    if (next === anchor) break;
    if (first.time < since) {
      // What comes before it may be of a later time, where the server's clock was set right.
      start ??= await findNeighborSeq(link, target, "after", since - 1);
      if ((first.seq ?? 0) <= start) break;
    }
    anchor = next;
  } while (missing > 0);
  for (const items of found.reverse()) {
    if (items.length > 0) await onPage({ items, reached: undefined });
  }
  if (newest !== undefined) await onPage({ items: [], reached: newest });
  return { kind: "done" };
}

function takeLast(entries: MessageEntry[], count: number): MessageEntry[] {
  return entries.slice(Math.max(0, entries.length - count));
}
