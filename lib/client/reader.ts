/** Reads a target's history as entries: backwards for the newest so many, forwards from a point on. */
import type { Entry } from "./entry.ts";
import { entryOf } from "./entry.ts";
import type { PageFailure } from "./history.ts";
import { anchorAt, anchorOf, historyPage } from "./history.ts";
import type { Link } from "./link.ts";

export interface Range {
  readonly target: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number | undefined;
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number | undefined;
  /** The newest so many of those that are wanted; undefined: all. */
  readonly limit?: number | undefined;
  /** Which of them are wanted. */
  readonly wanted: (entry: Entry) => boolean;
}

export type ReadOutcome = { readonly kind: "done" } | PageFailure;

/** Hands the entries of `range` to `onEntries` in order, a page at a time. Stops early when `signal` is aborted. */
export async function readHistory(
  link: Link,
  range: Range,
  now: number,
  signal: AbortSignal,
  onEntries: (entries: Entry[]) => Promise<void>,
): Promise<ReadOutcome> {
  return range.limit === undefined
    ? await readForwards(
      link,
      range,
      range.since === undefined ? anchorAt(0) : anchorAt(range.since - 1),
      now,
      signal,
      onEntries,
    )
    : await readNewest(link, range, range.limit, now, signal, onEntries);
}

/** From `anchor` on, until `range.until` or the end. */
export async function readForwards(
  link: Link,
  { target, until = Infinity, wanted }: Range,
  anchor: string,
  now: number,
  signal: AbortSignal,
  onEntries: (entries: Entry[]) => Promise<void>,
): Promise<ReadOutcome> {
  while (!signal.aborted) {
    const page = await historyPage(link, { target, which: "after", anchor, limit: Infinity });
    if (page.kind !== "page") return page;
    const entries = page.lines.flatMap((line) => entryOf(line, now) ?? []);
    const last = entries.at(-1);
    if (last === undefined) break;
    await onEntries(entries.filter((entry) => entry.time < until && wanted(entry)));
    const next = anchorOf(last);
    if (last.time >= until || next === anchor) break;
    anchor = next;
  }
  return { kind: "done" };
}

/** Pages backwards until `limit` wanted entries are found, then hands them over oldest first. */
async function readNewest(
  link: Link,
  { target, since = -Infinity, until, wanted }: Range,
  limit: number,
  now: number,
  signal: AbortSignal,
  onEntries: (entries: Entry[]) => Promise<void>,
): Promise<ReadOutcome> {
  const found: Entry[][] = [];
  let missing = limit;
  let anchor = until === undefined ? "*" : anchorAt(until);
  while (missing > 0 && !signal.aborted) {
    const which = anchor === "*" ? "latest" : "before";
    const page = await historyPage(link, {
      target,
      which,
      anchor,
      limit: Math.max(missing, MIN_PAGE_MESSAGES),
    });
    if (page.kind !== "page") return page;
    const entries = page.lines.flatMap((line) => entryOf(line, now) ?? []);
    const first = entries[0];
    if (first === undefined) break;
    const kept = entries.filter((entry) => entry.time >= since && wanted(entry)).slice(-missing);
    missing -= kept.length;
    found.push(kept);
    const next = anchorOf(first);
    if (first.time < since || next === anchor) break;
    anchor = next;
  }
  for (const kept of found.reverse()) if (kept.length > 0) await onEntries(kept);
  return { kind: "done" };
}

/** With a filter few of many may be wanted: pages are not made too small. */
const MIN_PAGE_MESSAGES = 50;
