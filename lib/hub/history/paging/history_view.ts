/**
 * History views: what a history query reads of one conversation. That is what the hub holds of it, or, where there is
 * an archive, a stretch around the anchors of the request (archive_stretch.ts). A view is used within one turn.
 */
import { CAP } from "../../../irc/capabilities.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import type { ArchivedRecord, ArchiveLoss } from "../../../log/archive.ts";
import { decodeEvent } from "../../log/event_codec.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { MessagePosition } from "../../model/identifiers.ts";
import { JoinedSequence } from "../../model/seq_list.ts";
import type { RecordSequence } from "../../model/seq_list.ts";
import type { EventScope } from "../../model/timeline.ts";
import type { HistoryIndex, LoggedMessage } from "../history_index.ts";
import { cutAtAnchor } from "../history_query.ts";
import type { HistoryAnchor, HistoryCut, RecordTimes } from "../history_query.ts";

export interface HistoryView {
  readonly sequence: RecordSequence;
  readonly length: number;
  readonly times: RecordTimes;
  /** Whether the conversation has nothing before its first and nothing after its last record. */
  readonly isStart: boolean;
  readonly isEnd: boolean;
  /** From this record on it has everything, up to its last one. */
  readonly coversFrom: number;
  /** The cut at the `nth` anchor of the request. */
  cutAt(anchor: HistoryAnchor, nth: number): HistoryCut;
  /** A record that the archive alone has. */
  archived(seq: number): ArchivedRecord | undefined;
  /** Losses since the first anchor or the first record, as the archive tells them; undefined: it cannot tell. */
  readonly losses: readonly ArchiveLoss[] | undefined;
}

/** Where records that the hub does not hold are found. */
export type RecordSource = Pick<HistoryView, "archived">;

/** What of a conversation a client with the capabilities `caps` is shown. */
export function scopeOf(caps: CapSet): EventScope {
  return caps.has(CAP.eventPlayback) ? "all" : "messages";
}

/**
 * The record from which on the hub has everything of `target` in `scope`; Infinity: it has nothing. After a start it
 * does not know all channels that the author of an earlier QUIT or NICK was in (past_membership.ts).
 */
export function heldFrom(
  { authorsFrom, log }: HistoryIndex,
  target: ConversationLog | undefined,
  scope: EventScope,
): number {
  if (target === undefined) return Infinity;
  return Math.max(log.oldestSeq, target.timeline.indexedFrom, scope === "all" ? authorsFrom : 0);
}

const NOTHING: RecordSequence = { length: () => 0, at: () => 0, range: () => [], partition: () => 0 };

/**
 * All that the hub holds of `target`, for a client with the capabilities `caps`: what is in the log, and messages
 * retained beyond it. `isStart`: it is all there is.
 */
export function viewHeld(
  history: HistoryIndex,
  target: ConversationLog | undefined,
  caps: CapSet,
  isStart = true,
): HistoryView {
  const timeline = target?.timeline;
  const shown = timeline && scopeOf(caps) === "all" ? timeline.allEventsFor(caps) : timeline;
  return viewOf(history, target, shown ?? NOTHING, { isStart, coversFrom: history.log.oldestSeq });
}

/** Messages of `target` that are retained and in one of the ranges `lost`, in order. */
export function retainedIn(target: ConversationLog | undefined, lost: readonly ArchiveLoss[]): number[] {
  if (target === undefined || lost.length === 0) return [];
  return target.timeline.retained.filter((seq) => lost.some(({ from, until }) => seq >= from && seq < until));
}

/**
 * What the log holds of `target`, from {@link heldFrom} on: where there is an archive, everything older is
 * there.
 */
export function viewLogged(
  history: HistoryIndex,
  target: ConversationLog | undefined,
  caps: CapSet,
): HistoryView {
  const timeline = target?.timeline;
  if (timeline === undefined) {
    return viewOf(history, undefined, NOTHING, { isStart: false, coversFrom: Infinity, losses: [] });
  }
  const { oldestSeq } = history.log;
  const scope = scopeOf(caps);
  const logged = timeline.loggedEvents(oldestSeq, scope === "all" ? caps : undefined);
  const length = logged.length(oldestSeq);
  const firstSeq = heldFrom(history, target, scope);
  const first = logged.partition((seq) => seq < firstSeq);
  return viewOf(history, target, first === 0 ? logged : new JoinedSequence([], logged, first, length), {
    isStart: timeline.isComplete(firstSeq, scope),
    latestBefore: timeline.latestGone(firstSeq, scope),
    coversFrom: firstSeq,
    losses: [],
  });
}

function viewOf(
  history: HistoryIndex,
  target: ConversationLog | undefined,
  sequence: RecordSequence,
  { isStart, coversFrom, latestBefore = -Infinity, losses }: {
    isStart: boolean;
    coversFrom: number;
    latestBefore?: number | undefined;
    losses?: readonly ArchiveLoss[];
  },
): HistoryView {
  const length = sequence.length(history.log.oldestSeq);
  const of = (seq: number) => history.timeOf(seq) ?? 0;
  const times = { of, breaks: target?.timeline.clockBreaks ?? [], latestBefore };
  const cutAt = (anchor: HistoryAnchor) => cutAtAnchor(sequence, anchor, times);
  return {
    sequence,
    length,
    times,
    isStart,
    isEnd: true,
    coversFrom,
    cutAt,
    archived: () => undefined,
    losses,
  };
}

/** The message at `seq` of `view`; undefined if it is lost. */
export function messageIn(history: HistoryIndex, view: RecordSource, seq: number): LoggedMessage | undefined {
  const record = view.archived(seq);
  if (record === undefined) return history.message(seq);
  const event = decodeEvent(record.payload);
  return event?.kind === "message" ? { event, seq, time: record.time } : undefined;
}

/** Length of the payload of the record at `seq` of `view`; 0 if it is lost. */
export function lengthIn(history: HistoryIndex, view: RecordSource, seq: number): number {
  return view.archived(seq)?.payload.length ?? history.lengthOf(seq);
}

/**
 * Position of the last message that `time` covers at `now`, as far as the hub holds it (where there is an archive, as
 * far as the log does): a later one is not read yet, so a time in the future means the newest message. The number is 0
 * where no message of that time is held.
 */
export function positionAtTime(
  history: HistoryIndex,
  found: ConversationLog | undefined,
  time: number,
  now: number,
): MessagePosition {
  const view = history.lag.isUsed
    ? viewLogged(history, found, CapSet.EMPTY)
    : viewHeld(history, found, CapSet.EMPTY);
  return positionInView(history, view, time, now);
}

/** As {@link positionAtTime}, in `view`, a view for the anchor `time`. */
export function positionInView(
  { log }: HistoryIndex,
  view: HistoryView,
  time: number,
  now: number,
): MessagePosition {
  const { sequence, length, times, isEnd } = view;
  // A message that is sent in this millisecond is later than what has been read now.
  const before = now - 1;
  if (length === 0) return time < now ? { seq: 0, time } : { seq: log.nextSeq - 1, time: before };
  const last = sequence.at(length - 1);
  const lastTime = times.of(last);
  if (isEnd && time >= now && time >= lastTime) return { seq: last, time: Math.max(lastTime, before) };
  const { through } = view.cutAt({ by: "time", time }, 0);
  return { seq: through === 0 ? 0 : sequence.at(through - 1), time };
}
