/**
 * History queries: which positions of a timeline a CHATHISTORY request selects (draft/chathistory). Pure
 * arithmetic.
 *
 * Several messages may have the same time, and where the clock was set back, times go back with it. The order is
 * always that of the sequence numbers. So that a client that pages by time misses nothing and makes progress, a
 * time that a message has means that message, and no page ends where the time at its end would not lead on from
 * there ({@link extendToWholeTimes}).
 */
import { CHATHISTORY_MAX_MESSAGES } from "../model/config.ts";
import type { RecordSequence } from "../model/seq_list.ts";

/** Anchor: a place between messages, given by a message (which AROUND includes) or a time. */
export type HistoryAnchor = { by: "seq"; seq: number } | { by: "time"; time: number };

/** Times of a timeline's events, in milliseconds since the epoch. */
export interface RecordTimes {
  of(seq: number): number;
  /** See `Timeline.clockBreaks`. */
  readonly breaks: readonly number[];
  /**
   * Of a part of a conversation: no event before it has a later time than the one, and no event behind it an earlier
   * time than the other. Left out: there are no such events.
   */
  readonly latestBefore?: number;
  readonly earliestAfter?: number;
}

/** A half-open range of positions in a timeline. */
export interface HistorySlice {
  from: number;
  to: number;
  /**
   * Side that is kept if not all fit the response: the one beside the anchor, so that the next request continues
   * without a gap.
   */
  keepSide: "oldest" | "newest";
  /** Whether the limit has left out none of the requested messages. */
  isWhole: boolean;
  /** Positions at which the response may be cut; anywhere if left out. */
  ends?: PageEnds;
}

/** Positions at which a page may begin and end, so that the time of its first or last message leads to the next one. */
export interface PageEnds {
  isStart(at: number): boolean;
  isEnd(at: number): boolean;
}

/** Positions at which an anchor divides a timeline: `before` messages precede it, `through` precede it or are it. */
export interface HistoryCut {
  before: number;
  through: number;
}

/** Messages of equal time by which a page may exceed its limit; see {@link extendToWholeTimes}. */
export const MAX_EQUAL_BEYOND_LIMIT = CHATHISTORY_MAX_MESSAGES;

export function cutAtAnchor(timeline: RecordSequence, anchor: HistoryAnchor, times: RecordTimes): HistoryCut {
  if (anchor.by === "time") return cutAtTime(timeline, anchor.time, times);
  return {
    before: timeline.partition((seq) => seq < anchor.seq),
    through: timeline.partition((seq) => seq <= anchor.seq),
  };
}

/**
 * Cuts before the first message of `time` and after the last one. If there is none and times go back, the cuts
 * overlap rather than leave something out: `before` is after the last earlier message, `through` before the first
 * later one.
 */
function cutAtTime(timeline: RecordSequence, time: number, times: RecordTimes): HistoryCut {
  const { of, breaks } = times;
  if (breaks.length === 0) {
    return {
      before: timeline.partition((seq) => of(seq) < time),
      through: timeline.partition((seq) => of(seq) <= time),
    };
  }
  const { firstEqual, afterEqual, afterEarlier, firstLater, end } = findTime(timeline, time, times);
  return firstEqual === undefined
    ? { before: afterEarlier ?? 0, through: firstLater ?? end }
    : { before: firstEqual, through: afterEqual! };
}

/** Where the messages of one time are among the others: positions; undefined: there is none. */
export interface TimePlaces {
  readonly firstEqual: number | undefined;
  /** After the last one of that time, and after the last earlier one. */
  readonly afterEqual: number | undefined;
  readonly afterEarlier: number | undefined;
  readonly firstLater: number | undefined;
  readonly end: number;
}

export function findTime(timeline: RecordSequence, time: number, { of, breaks }: RecordTimes): TimePlaces {
  let [firstEqual, afterEqual, afterEarlier, firstLater]: (number | undefined)[] = [];
  let start = 0;
  for (let nth = 0; nth <= breaks.length; nth++) {
    const [first, next] = [breaks[nth - 1] ?? 0, breaks[nth] ?? Infinity];
    const end = timeline.partition((seq) => seq < next);
    if (end === start) continue;
    const before = timeline.partition((seq) => seq < first || seq < next && of(seq) < time);
    const through = timeline.partition((seq) => seq < first || seq < next && of(seq) <= time);
    if (before < through) {
      firstEqual ??= before;
      afterEqual = through;
    }
    if (before > start) afterEarlier = before;
    if (through < end) firstLater ??= through;
    start = end;
  }
  return { firstEqual, afterEqual, afterEarlier, firstLater, end: start };
}

/**
 * Positions at which pages of `timeline`, which has `length` events, may begin and end for a client that pages by
 * time.
 */
export function findPageEnds(timeline: RecordSequence, length: number, times: RecordTimes): PageEnds {
  const { latestBefore = -Infinity, earliestAfter = Infinity } = times;
  const timeAt = (at: number) => times.of(timeline.at(at));
  const divides = (at: number) => at <= 0 || at >= length || timeAt(at - 1) !== timeAt(at);
  const sorted = times.breaks.length === 0;
  return {
    isStart: (at) =>
      divides(at) && (at >= length || timeAt(at) > latestBefore) &&
      (sorted || at >= length || cutAtTime(timeline, timeAt(at), times).before === at),
    isEnd: (at) =>
      divides(at) && (at <= 0 || timeAt(at - 1) < earliestAfter) &&
      (sorted || at <= 0 || cutAtTime(timeline, timeAt(at - 1), times).through === at),
  };
}

/**
 * Extends the page `selection` by up to {@link MAX_EQUAL_BEYOND_LIMIT} messages on each side, until it begins and
 * ends where it may; within `least` and `most`, the cuts that the request itself names.
 */
export function extendToWholeTimes(
  selection: HistorySlice,
  ends: PageEnds,
  { least, most }: { least: number; most: number },
): HistorySlice {
  let { from, to } = selection;
  if (from >= to) return selection;
  const [lowest, highest] = [
    Math.max(least, from - MAX_EQUAL_BEYOND_LIMIT),
    Math.min(most, to + MAX_EQUAL_BEYOND_LIMIT),
  ];
  while (from > lowest && !ends.isStart(from)) from--;
  while (to < highest && !ends.isEnd(to)) to++;
  const isWhole = selection.isWhole || from === least && to === most;
  return { ...selection, from, to, isWhole, ends };
}

/** The newest `limit` messages before the anchor. */
export function selectBefore(cut: HistoryCut, limit: number): HistorySlice {
  const from = Math.max(0, cut.before - limit);
  return { from, to: cut.before, keepSide: "newest", isWhole: from === 0 };
}

/** The oldest `limit` messages after the anchor. */
export function selectAfter(cut: HistoryCut, limit: number, length: number): HistorySlice {
  const to = Math.min(length, cut.through + limit);
  return { from: cut.through, to, keepSide: "oldest", isWhole: to === length };
}

/** The newest `limit` messages, after the anchor if there is one. */
export function selectLatest(cut: HistoryCut | undefined, limit: number, length: number): HistorySlice {
  const first = cut?.through ?? 0;
  const from = Math.max(first, length - limit);
  return { from, to: length, keepSide: "newest", isWhole: from === first };
}

/** `limit` messages with the anchor in the middle; near an end of the timeline the other side gets more. */
export function selectAround(cut: HistoryCut, limit: number, length: number): HistorySlice {
  const from = Math.max(0, Math.min(cut.before - Math.floor(limit / 2), length - limit));
  return { from, to: Math.min(length, from + limit), keepSide: "newest", isWhole: length <= limit };
}

/** Messages between two anchors, both excluded: `limit` of them, counted from the first anchor. */
export function selectBetween(
  first: HistoryCut,
  second: HistoryCut,
  limit: number,
  isForward = first.before <= second.before,
): HistorySlice {
  if (isForward) {
    const to = Math.min(second.before, first.through + limit);
    const isWhole = to === second.before;
    return { from: first.through, to: Math.max(first.through, to), keepSide: "oldest", isWhole };
  }
  const from = Math.max(second.through, first.before - limit);
  const isWhole = from === second.through;
  return { from, to: Math.max(from, first.before), keepSide: "newest", isWhole };
}
