/** Reads a target's history: backwards for the newest so many, forwards from a position on, with what is lost on the way. */
import type { Message } from "../irc/message.ts";
import type { Gap } from "../irc/vendor.ts";
import { LOBBY_TOKEN, parseGap } from "../irc/vendor.ts";
import type { Entry } from "./entry.ts";
import { entryOf } from "./entry.ts";
import type { HistorySource, PageFailure } from "./history.ts";
import { anchorAt, anchorOf, historyPage } from "./history.ts";
import type { Item, Position } from "./loss.ts";
import { isCutOffBetween, untold } from "./loss.ts";

export interface Range {
  readonly target: string;
  /** No room was named: it is the one that the server says everybody enters, and `target` where it says nothing of that. */
  readonly isLobby?: boolean;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number | undefined;
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number | undefined;
  /** The newest so many of those that are wanted; undefined: all. */
  readonly limit?: number | undefined;
  /** Which of them are wanted. */
  readonly wanted: (entry: Entry) => boolean;
}

/** A piece of the history, in order. Read forwards it has unwanted entries too: they are passed over, not skipped. */
export interface Page {
  readonly items: readonly Item[];
  /** How far the reader has got once this is shown; undefined: no further than before. */
  readonly reached: Position | undefined;
}

/** Where pages come from, where they go, and when to stop. */
export interface Reading {
  readonly link: HistorySource;
  /** Stands in for times that a server does not give, milliseconds since the epoch. */
  readonly now: number;
  /** Once it is aborted no further page is asked for. */
  readonly signal: AbortSignal;
  readonly onPage: (page: Page) => Promise<void>;
}

export type ReadOutcome = { readonly kind: "done" } | PageFailure;

/** With a filter few of many may be wanted: pages are not made too small. */
const MIN_PAGE_MESSAGES = 50;

/** Reads `range` from its beginning, for somebody who has seen nothing of it. */
export async function readHistory(reading: Reading, range: Range): Promise<ReadOutcome> {
  return range.limit === undefined
    ? await readForwards(reading, range, startOf(range), range.since)
    : await readNewest(reading, range, range.limit);
}

/** The target of `range` on a server that says this of itself (RPL_ISUPPORT). */
export function targetOn(isupport: ReadonlyMap<string, string>, { target, isLobby }: Range): string {
  return isLobby === true && isupport.get(LOBBY_TOKEN) || target;
}

/** The position before everything in `range`. */
export function startOf({ since }: Range): Position {
  return { seq: undefined, id: undefined, time: since === undefined ? 0 : since - 1 };
}

/** From `position` on, until `range.until` or the end; what is earlier than `since` is passed over. */
export async function readForwards(
  { link, now, signal, onPage }: Reading,
  { target, until = Infinity }: Range,
  position: Position,
  since = -Infinity,
): Promise<ReadOutcome> {
  let end: number | undefined;
  while (!signal.aborted) {
    const anchor = anchorOf(position);
    const page = await historyPage(link, { target, which: "after", anchor, limit: Infinity });
    if (page.kind !== "page") return page;
    const { gap, entries } = contentOf(page.lines, now);
    const items = itemsAfter(position, gap, entries, { since, until });
    const last = entries.at(-1);
    if (items.length > 0) await onPage({ items, reached: reachedBy(items, position, gap) });
    if (last === undefined || anchorOf(last) === anchor) break;
    if (last.time >= until) {
      // Where the server's clock was set back, what comes later may be of an earlier time.
      end ??= await placeBeside(link, target, "before", until);
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
async function placeBeside(
  link: HistorySource,
  target: string,
  which: "before" | "after",
  time: number,
): Promise<number> {
  const page = await historyPage(link, { target, which, anchor: anchorAt(time), limit: 1 });
  const { entries } = contentOf(page.kind === "page" ? page.lines : [], time);
  return which === "before" ? entries.at(-1)?.seq ?? 0 : entries[0]?.seq ?? Infinity;
}

function contentOf(
  lines: readonly Message[],
  now: number,
): { gap: Gap | undefined; entries: Entry[] } {
  let gap: Gap | undefined;
  const entries: Entry[] = [];
  for (const line of lines) {
    const entry = entryOf(line, now);
    if (entry !== undefined) entries.push(entry);
    else gap ??= parseGap(line);
  }
  return { gap, entries };
}

/**
 * The entries of the time between, and each loss in its place. The server tells of what is lost before the first entry; that it was
 * cut off between two others their numbers tell.
 */
function itemsAfter(
  position: Position,
  gap: Gap | undefined,
  entries: readonly Entry[],
  { since, until }: { since: number; until: number },
): Item[] {
  const items: Item[] = [];
  const news = gap === undefined ? undefined : untold(gap, position.told);
  if (news !== undefined) {
    const { count: lost, why } = news;
    items.push({ type: "gap", lost, why, after: position.time, before: entries[0]?.time });
  }
  let previous: Entry | undefined;
  for (const entry of entries) {
    if (entry.time < since || entry.time >= until) continue;
    if (previous !== undefined && isCutOffBetween(previous, entry)) {
      items.push({
        type: "gap",
        lost: undefined,
        why: "restart",
        after: previous.time,
        before: entry.time,
      });
    }
    items.push(entry);
    previous = entry;
  }
  return items;
}

/** The last entry; or, where only a loss is told, the position from before, at which it need not be told again. */
function reachedBy(items: readonly Item[], position: Position, gap: Gap | undefined): Position {
  const last = items.at(-1)!;
  return last.type === "gap" ? { ...position, told: gap } : last;
}

/** Pages backwards until `limit` wanted entries are found, then hands them over oldest first. */
async function readNewest(
  { link, now, signal, onPage }: Reading,
  { target, since = -Infinity, until = Infinity, wanted }: Range,
  limit: number,
): Promise<ReadOutcome> {
  const found: Entry[][] = [];
  let newest: Entry | undefined;
  let start: number | undefined;
  let missing = limit;
  let anchor = until === Infinity ? "*" : anchorAt(until);
  do {
    if (signal.aborted) return { kind: "done" };
    const which = anchor === "*" ? "latest" : "before";
    const size = Math.max(missing, MIN_PAGE_MESSAGES);
    const page = await historyPage(link, { target, which, anchor, limit: size });
    if (page.kind !== "page") return page;
    const { entries } = contentOf(page.lines, now);
    const first = entries[0];
    if (first === undefined) break;
    newest ??= entries.findLast((entry) => entry.time < until);
    const isIn = (entry: Entry) => entry.time >= since && entry.time < until && wanted(entry);
    const kept = lastOf(entries.filter(isIn), missing);
    missing -= kept.length;
    found.push(kept);
    const next = anchorOf(first);
    if (next === anchor) break;
    if (first.time < since) {
      // What comes before it may be of a later time, where the server's clock was set right.
      start ??= await placeBeside(link, target, "after", since - 1);
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

function lastOf(entries: Entry[], count: number): Entry[] {
  return entries.slice(Math.max(0, entries.length - count));
}
