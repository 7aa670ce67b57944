/**
 * Where a time divides a conversation, found without reading it: between two clock breaks times do not decrease, so
 * each such stretch is bisected.
 */
import type { DatabaseSync } from "node:sqlite";
import type { ArchiveCut, EntryKind, RecentTimeCut } from "../../log/archive.ts";
import { type EntryTable, NO_BOUND } from "./entry_table.ts";

/** A {@link RecentTimeCut} of any part of a conversation. */
type TimeCut = { readonly [Key in keyof RecentTimeCut]: RecentTimeCut[Key] | undefined };

/** Clock breaks of the conversation `id`, in order. */
export function readClockBreaks(db: DatabaseSync, id: number): number[] {
  return db.prepare("SELECT seq FROM clock_break WHERE conversation = ? ORDER BY seq").all(id)
    .map(({ seq }) => Number(seq));
}

/** Where `time` divides the archived entries of `kinds`. */
export function cutArchivedAtTime(
  entries: EntryTable,
  id: number,
  kinds: readonly EntryKind[],
  breaks: readonly number[],
  time: number,
): TimeCut {
  let cut: TimeCut = {};
  for (let nth = 0; nth <= breaks.length; nth++) {
    cut = combineCuts(
      cut,
      cutStretch(entries, id, kinds, breaks[nth - 1] ?? 0, breaks[nth] ?? NO_BOUND, time),
    );
  }
  return cut;
}

function cutStretch(
  entries: EntryTable,
  id: number,
  kinds: readonly EntryKind[],
  start: number,
  end: number,
  time: number,
): TimeCut {
  const [first] = entries.oldest(id, kinds, start, end, 1);
  const [last] = entries.newest(id, kinds, start, end, 1);
  if (first === undefined || last === undefined) return {};
  const next = (seq: number) => entries.oldest(id, kinds, seq, end, 1)[0] ?? last;
  const find = (isBefore: (at: number) => boolean) =>
    findBoundary(first, last, next, (seq) => isBefore(entries.timeOf(seq) ?? 0));
  const [notEarlier, later] = [find((at) => at < time), find((at) => at <= time)];
  const before = (seq: number | undefined) => entries.newest(id, kinds, start, seq ?? end, 1)[0];
  const lastEarlier = before(notEarlier);
  const hasEqual = notEarlier !== later;
  return {
    firstEqual: hasEqual ? notEarlier : undefined,
    lastEqual: hasEqual ? before(later) : undefined,
    lastEarlier,
    firstLater: later,
  };
}

/** The latest time of the entries of `kinds` before `until`; 0: there are none. */
export function latestTimeBefore(
  entries: EntryTable,
  id: number,
  kinds: readonly EntryKind[],
  breaks: readonly number[],
  until: number,
): number {
  let latest = 0;
  for (let nth = 0; nth <= breaks.length; nth++) {
    const [start, end] = [breaks[nth - 1] ?? 0, Math.min(until, breaks[nth] ?? NO_BOUND)];
    const [last] = entries.newest(id, kinds, start, end, 1);
    if (last !== undefined) latest = Math.max(latest, entries.timeOf(last) ?? 0);
  }
  return latest;
}

/** The earliest time of the entries of `kinds` from `from` on; Infinity: there are none. */
export function earliestTimeFrom(
  entries: EntryTable,
  id: number,
  kinds: readonly EntryKind[],
  breaks: readonly number[],
  from: number,
): number {
  let earliest = Infinity;
  for (let nth = 0; nth <= breaks.length; nth++) {
    const [start, end] = [Math.max(from, breaks[nth - 1] ?? 0), breaks[nth] ?? NO_BOUND];
    const [first] = entries.oldest(id, kinds, start, end, 1);
    if (first !== undefined) earliest = Math.min(earliest, entries.timeOf(first) ?? Infinity);
  }
  return earliest;
}

/**
 * The first entry for which `isBefore` is false; it is true up to some entry and false after it. `first` and `last`
 * are entries, `next(seq)` is the first one from `seq` on.
 */
function findBoundary(
  first: number,
  last: number,
  next: (seq: number) => number,
  isBefore: (seq: number) => boolean,
): number | undefined {
  if (!isBefore(first)) return first;
  if (isBefore(last)) return undefined;
  let [low, high] = [first, last]; // the boundary is above `low`, and at most `high`
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    const entry = next(middle);
    if (isBefore(entry)) low = entry;
    else high = middle;
  }
  return next(high);
}

/** Where a time divides two parts of a conversation together. */
function combineCuts(one: TimeCut, other: TimeCut): TimeCut {
  const least = (a: number | undefined, b: number | undefined) => a === undefined ? b : Math.min(a, b ?? a);
  const most = (a: number | undefined, b: number | undefined) => a === undefined ? b : Math.max(a, b ?? a);
  return {
    firstEqual: least(one.firstEqual, other.firstEqual),
    lastEqual: most(one.lastEqual, other.lastEqual),
    lastEarlier: most(one.lastEarlier, other.lastEarlier),
    firstLater: least(one.firstLater, other.firstLater),
  };
}

/**
 * The cut of the archived and the recent part together: what `cutAtTime` of hub/history/history_query.ts returns,
 * in sequence numbers.
 */
export function cutAtTime(archived: TimeCut, recent: RecentTimeCut): ArchiveCut {
  const { firstEqual, lastEqual, lastEarlier, firstLater } = combineCuts(archived, recent);
  if (firstEqual !== undefined && lastEqual !== undefined) {
    return { before: firstEqual, through: lastEqual + 1 };
  }
  const before = lastEarlier === undefined ? 0 : lastEarlier + 1;
  return { before, through: firstLater ?? before };
}
