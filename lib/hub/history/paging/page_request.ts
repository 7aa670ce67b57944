/** CHATHISTORY requests for a page: what they select of a view, and what they need of the archive. */
import { CAP } from "../../../irc/capabilities.ts";
import type { CapSet } from "../../../irc/cap_set.ts";
import type {
  ArchiveAnchor,
  ArchiveCut,
  ConversationKey,
  EntryKind,
  PageQuery,
  RecentTimeCut,
} from "../../../log/archive.ts";
import { EVENT_MAX_BYTES } from "../../log/event_codec.ts";
import { CHATHISTORY_MAX_BYTES } from "../../model/config.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { HistoryIndex } from "../history_index.ts";
import {
  extendToWholeTimes,
  findPageEnds,
  findTime,
  MAX_EQUAL_BEYOND_LIMIT,
  selectAfter,
  selectAround,
  selectBefore,
  selectBetween,
  selectLatest,
} from "../history_query.ts";
import type { HistoryAnchor, HistoryCut, HistorySlice } from "../history_query.ts";
import { heldFrom, scopeOf } from "./history_view.ts";
import type { HistoryView } from "./history_view.ts";

export type PageCommand = "BEFORE" | "AFTER" | "LATEST" | "AROUND" | "BETWEEN";

export interface PageRequest {
  readonly command: PageCommand;
  /** Of LATEST one or none, of BETWEEN two, else one. */
  readonly anchors: readonly HistoryAnchor[];
  readonly limit: number;
  /** Capabilities that decide what of the conversation is shown; none: the messages. */
  readonly caps: CapSet;
  /** Whether the pages before and after it are requested by msgid, not by times of this one. */
  readonly isExact: boolean;
  /** Of BETWEEN: whether the second anchor comes after the first; left out: their positions in the view tell. */
  readonly isForward?: boolean;
}

/** The page that `request` selects of `view`. */
export function selectPage(request: PageRequest, view: HistoryView): HistorySlice {
  const { isExact } = request;
  const { sequence, length, times } = view;
  const cuts = request.anchors.map((anchor, nth) => view.cutAt(anchor, nth));
  const { selection, ...within } = selectRange(request, cuts, view);
  const page = isExact
    ? selection
    : extendToWholeTimes(selection, findPageEnds(sequence, length, times), within);
  return { ...page, isWhole: page.isWhole && isWholeIn(request, page, view) };
}

/** Whether the part of the conversation that is in `view` shows that `page` is all that was requested. */
function isWholeIn(
  { command, anchors }: PageRequest,
  { from, to, keepSide }: HistorySlice,
  view: HistoryView,
): boolean {
  const lower = command === "LATEST" ? anchors[0] : command === "BETWEEN" ? anchors[1] : undefined;
  const isBounded = lower?.by === "seq" && lower.seq + 1 >= view.coversFrom;
  const isFirst = from > 0 || view.isStart || isBounded;
  const isLast = to < view.length || view.isEnd;
  if (command === "AROUND") return isFirst && isLast;
  return keepSide === "newest" ? isFirst : isLast;
}

/** Page that `request` selects; `least` and `most`: the positions that it may not exceed. */
function selectRange(
  { command, limit, isForward }: PageRequest,
  [first, second]: readonly HistoryCut[],
  { length }: HistoryView,
): { selection: HistorySlice; least: number; most: number } {
  switch (command) {
    case "BEFORE":
      return { selection: selectBefore(first!, limit), least: 0, most: first!.before };
    case "AFTER":
      return { selection: selectAfter(first!, limit, length), least: first!.through, most: length };
    case "LATEST":
      return { selection: selectLatest(first, limit, length), least: first?.through ?? 0, most: length };
    case "AROUND":
      return { selection: selectAround(first!, limit, length), least: 0, most: length };
    case "BETWEEN": {
      const selection = selectBetween(first!, second!, limit, isForward);
      return selection.keepSide === "oldest"
        ? { selection, least: first!.through, most: second!.before }
        : { selection, least: second!.through, most: first!.before };
    }
  }
}

/**
 * Whether `page`, selected of what the log holds of `target` (`view`), is what would be selected of all that ever
 * happened: nothing of it is older than the log, and no older record has a time that it depends on.
 */
export function isAnsweredByLog(
  { command, anchors, isExact, caps }: PageRequest,
  { from, to, keepSide }: HistorySlice,
  view: HistoryView,
  history: HistoryIndex,
  target: ConversationLog,
): boolean {
  if (view.isStart) return true;
  const firstSeq = heldFrom(history, target, scopeOf(caps));
  if (anchors.some((anchor) => anchor.by === "seq" && anchor.seq < firstSeq)) return false;
  const followsAnchor = keepSide === "oldest" || command === "LATEST" && anchors.length > 0;
  if (isExact && followsAnchor) return true;
  if (from === 0 || isExact) return from > 0;
  const { sequence, times } = view;
  const latestGone = target.timeline.latestGone(firstSeq, scopeOf(caps));
  if (latestGone === undefined) return false;
  const firstTime = times.of(sequence.at(0));
  const least = Math.max(latestGone, firstTime);
  if (anchors.some((anchor) => anchor.by === "time" && anchor.time <= least)) return false;
  if (times.breaks.length === 0 && latestGone <= firstTime) return true;
  return sequence.range(from, to).every((seq) => times.of(seq) > least);
}

/**
 * Whether a page of `view`, which is only what the log holds of a conversation, has no hole behind the anchor that it
 * follows.
 */
export function joinsAnchor({ command, anchors: [anchor] }: PageRequest, view: HistoryView): boolean {
  if (command === "LATEST" || anchor === undefined) return true; // it may begin anywhere
  const { sequence, length, times, coversFrom } = view;
  if (anchor.by === "seq") return anchor.seq + 1 >= coversFrom;
  return length > 0 && anchor.time > times.of(sequence.at(0));
}

/** Most bytes of records on each side: more than a reply has space for, whatever is left out of it. */
const MAX_PAGE_BYTES = 2 * CHATHISTORY_MAX_BYTES + EVENT_MAX_BYTES;

/** What `request` needs of the archive's `conversation`; `held`: what the hub holds of it. */
export function archiveQueryFor(
  request: PageRequest,
  conversation: ConversationKey,
  held: HistoryView,
  history: HistoryIndex,
): PageQuery {
  const { command, limit, isExact, caps, isForward = isTimeForward(request) } = request;
  const beyond = isExact
    ? Math.min(history.lag.redactionCount, MAX_EQUAL_BEYOND_LIMIT)
    : MAX_EQUAL_BEYOND_LIMIT;
  const count = limit + beyond + 1;
  const goesBack = command === "BEFORE" || command === "LATEST" || command === "BETWEEN" && !isForward;
  return {
    kind: "page",
    conversation,
    shows: shownKinds(caps),
    anchors: request.anchors.map((anchor) => archiveAnchor(anchor, held)),
    isAtEnd: command === "LATEST",
    before: goesBack || command === "AROUND" ? count : 0,
    after: goesBack ? 0 : count,
    maxBytes: MAX_PAGE_BYTES,
    until: Math.max(history.lag.coveredFrom, history.log.oldestSeq),
  };
}

/** Whether BETWEEN goes forward, as far as its anchors tell before the archive has resolved them. */
function isTimeForward({ anchors: [first, second] }: PageRequest): boolean {
  if (first?.by === "seq" && second?.by === "seq") return first.seq <= second.seq;
  return !(first?.by === "time" && second?.by === "time") || first.time <= second.time;
}

/** Whether the second anchor of `request` comes after the first, as the archive has resolved them. */
export function isForwardIn({ anchors }: PageRequest, cuts: readonly ArchiveCut[]): boolean {
  const [first = 0, second = 0] = anchors.map((anchor, nth) =>
    anchor.by === "seq" ? anchor.seq : cuts[nth]?.before ?? 0
  );
  return first <= second;
}

function shownKinds(caps: CapSet): EntryKind[] {
  if (scopeOf(caps) === "messages") return ["message"];
  const kinds: EntryKind[] = ["message", "event"];
  if (caps.has(CAP.redaction)) kinds.push("redaction");
  if (caps.has(CAP.channelRename)) kinds.push("rename");
  return kinds;
}

function archiveAnchor(anchor: HistoryAnchor, held: HistoryView): ArchiveAnchor {
  return anchor.by === "seq"
    ? anchor
    : { by: "time", time: anchor.time, recent: recentCut(anchor.time, held) };
}

/** Where `time` divides what the hub holds, in sequence numbers. */
function recentCut(time: number, { sequence, times }: HistoryView): RecentTimeCut {
  const { firstEqual, afterEqual, afterEarlier, firstLater } = findTime(sequence, time, times);
  return {
    ...(firstEqual !== undefined && { firstEqual: sequence.at(firstEqual) }),
    ...(afterEqual !== undefined && { lastEqual: sequence.at(afterEqual - 1) }),
    ...(afterEarlier !== undefined && { lastEarlier: sequence.at(afterEarlier - 1) }),
    ...(firstLater !== undefined && { firstLater: sequence.at(firstLater) }),
  };
}
