/** History gaps: the notes of a page on messages that are lost before or in it (docs/protocol/seq.md). */
import { CAP } from "../../../irc/capabilities.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import { makeMissingRecords } from "../../../log/read_outcome.ts";
import { SEQ_JUMP } from "../../../log/seq_jump.ts";
import type { Services } from "../../context.ts";
import type { ReadConversation } from "../../fanout/history/archive_reader.ts";
import type { FindGap } from "../../fanout/history/history_reply.ts";
import type { HistoryIndex } from "../../history/history_index.ts";
import type { HistoryAnchor, HistorySlice } from "../../history/history_query.ts";
import type { EventLog } from "../../log/event_log.ts";
import { isAfter } from "../../model/identifiers.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { ReadMarker } from "../../services/read_markers.ts";

type Gap = Omit<HistoryGap, "target">;

/** Number of the first record of a new log. */
const FIRST_SEQ = 1;
const UNCOUNTED: Gap = { count: undefined, why: "overwritten" };

/**
 * Finds the gaps to note in the page `selection` of `read`, each in front of the record behind it; `name`: the target
 * as `session` named it. Undefined: none is to be noted.
 */
export function gapsOf(
  services: Services,
  session: Session,
  name: string,
  read: ReadConversation,
  selection: HistorySlice,
): FindGap | undefined {
  if (!session.caps.has(CAP.seq) || read.isPartial) return undefined;
  const target = toSafeParam(name);
  return (previous, next) => {
    const gap = previous === undefined
      ? gapBeforePage(services.history, read, selection, next) ?? unreadGap(services, session, name, read)
      : gapOfLosses(services.history, read, { after: previous, next, isBegin: false });
    return gap && { target, ...gap };
  };
}

/** A place between two records, of which both are excluded. */
interface GapPlace {
  readonly after: number;
  readonly next: number | undefined;
  /** At the begin of a page: a loss may have begun before it. */
  readonly isBegin: boolean;
}

/**
 * Gap that the losses of the archive leave in a place; undefined: no message of the conversation is missing there. The
 * messages are counted as far as the hub knows them. Of other lost records it is not known to which conversation they
 * belonged: their number is a bound, told once for each loss, where it begins. Jumps in the sequence numbers say by
 * themselves that the server crashed.
 */
function gapOfLosses(
  { log, absence }: HistoryIndex,
  { target, view: { losses = [] } }: ReadConversation,
  { after, next = log.nextSeq, isBegin }: GapPlace,
): Gap | undefined {
  const timeline = target?.timeline;
  let [count, bound] = [0, 0];
  for (const loss of losses) {
    const from = Math.max(loss.from, after + 1, FIRST_SEQ);
    if (from >= Math.min(loss.until, next)) continue;
    const countedFrom = loss.why === "damaged" ? Infinity : timeline?.countedFrom ?? absence.from;
    const middle = Math.max(from, Math.min(countedFrom, loss.until));
    if (middle < next && timeline !== undefined && countedFrom < loss.until) {
      count += timeline.countGoneIn(middle, Math.min(loss.until, next), log.oldestSeq);
    }
    if (isBegin || loss.from > after) bound += unknownRecords(from, middle, timeline?.retained);
  }
  if (count + bound === 0) return undefined;
  return bound === 0
    ? { count, why: "overwritten" }
    : { count: undefined, most: count + bound, why: "overwritten" };
}

/** Number of lost records from `from` up to but not including `until`, of which those in `retained` are not lost. */
function unknownRecords(from: number, until: number, retained: readonly number[] = []): number {
  const kept = retained.filter((seq) => seq >= from && seq < until).length;
  return Math.max(0, makeMissingRecords(from, until, "overwritten").lost - kept);
}

/** Gap between the position that the request continues from and `next`, the first record of the page. */
function gapBeforePage(
  history: HistoryIndex,
  read: ReadConversation,
  { to }: HistorySlice,
  next = history.log.nextSeq,
): Gap | undefined {
  const { log } = history;
  const { request, target, view } = read;
  const { command, anchors: [anchor] } = request;
  if (anchor === undefined || command !== "AFTER" && command !== "LATEST") return undefined;
  const { sequence, length, losses } = view;
  // An unclean shutdown leaves a jump in the sequence numbers (log/seq_jump.ts).
  if (anchor.by === "seq" && Math.floor(anchor.seq / SEQ_JUMP) !== Math.floor(next / SEQ_JUMP)) {
    return { count: undefined, why: "restart" };
  }
  if (losses !== undefined) {
    const gap = gapOfLosses(history, read, {
      after: anchor.by === "seq" ? anchor.seq : 0,
      next,
      isBegin: true,
    });
    // Some of them may be older than the time.
    return gap === undefined || anchor.by === "seq"
      ? gap
      : { ...gap, count: undefined, most: gap.count ?? gap.most };
  }
  if (anchor.by === "time") {
    const none = target === undefined || !wasOverwrittenSince(log, anchor.time) ||
      target.timeline.countGone(0, log.oldestSeq) === 0;
    return none ? undefined : UNCOUNTED;
  }
  if (anchor.seq >= log.oldestSeq) return undefined;
  // A gap after the last message of this page is reported with the next page.
  const until = command !== "AFTER" || to >= length ? Infinity : sequence.at(to - 1);
  const count = target?.timeline.countGone(anchor.seq, log.oldestSeq, until);
  return count === 0 ? undefined : { count, why: "overwritten" };
}

/** True if records of that time were overwritten; the conversations that they belonged to are not known any more. */
function wasOverwrittenSince(log: EventLog, time: number): boolean {
  const { oldestSeq } = log;
  return oldestSeq > 1 && time < (log.timeOf(oldestSeq) ?? 0);
}

/**
 * History gap of a direct conversation that is no longer in the log, and in which the last messages were overwritten
 * before the session's account had read them.
 */
function unreadGap(
  services: Services,
  session: Session,
  name: string,
  { request: { anchors: [anchor] }, target }: ReadConversation,
): Gap | undefined {
  const account = accountOf(session);
  if (target !== undefined || anchor === undefined || account === undefined || isChannelName(name)) {
    return undefined;
  }
  const marker = services.readMarkers.of(account, name);
  return marker !== undefined && isBeforeLost(anchor, marker) ? UNCOUNTED : undefined;
}

/**
 * Whether messages after `anchor` were lost unread. A time that the read marker covers is before the lost messages
 * even if the clock was set back.
 */
function isBeforeLost(anchor: HistoryAnchor, marker: ReadMarker): boolean {
  const { lost, lostSeq, time } = marker;
  if (anchor.by === "seq") return anchor.seq < lostSeq;
  return anchor.time < lost || anchor.time <= time && isAfter({ time: lost, seq: lostSeq }, marker);
}
