/** History gaps: the notes of a page on messages that are lost before or in it (docs/protocol/seq.md). */
import { CAP } from "../../../irc/capabilities.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import type { ArchiveLoss } from "../../../log/archive.ts";
import { SEQ_JUMP } from "../../../log/seq_jump.ts";
import type { Services } from "../../context.ts";
import type { ReadConversation } from "../../fanout/history/archive_reader.ts";
import type { FindGap } from "../../fanout/history/history_reply.ts";
import type { HistoryAnchor, HistorySlice } from "../../history/history_query.ts";
import type { EventLog } from "../../log/event_log.ts";
import { isAfter } from "../../model/identifiers.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { ReadMarker } from "../../services/read_markers.ts";

type Gap = Omit<HistoryGap, "target">;

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
      ? gapBeforePage(services.history.log, read, selection, next) ?? unreadGap(services, session, name, read)
      : gapWithin(read, previous, next);
    return gap && { target, ...gap };
  };
}

/** Gap between two records of the page. Jumps in the sequence numbers say by themselves that the server crashed. */
function gapWithin({ view: { losses = [] } }: ReadConversation, previous: number, next = 0): Gap | undefined {
  return losses.some(({ from, until }) => until > previous && from < next) ? UNCOUNTED : undefined;
}

/** Gap between the position that the request continues from and `next`, the first record of the page. */
function gapBeforePage(
  log: EventLog,
  { request, target, view }: ReadConversation,
  { to }: HistorySlice,
  next = log.nextSeq,
): Gap | undefined {
  const { command, anchors: [anchor] } = request;
  if (anchor === undefined || command !== "AFTER" && command !== "LATEST") return undefined;
  const { sequence, length, losses } = view;
  // An unclean shutdown leaves a jump in the sequence numbers (log/seq_jump.ts).
  if (anchor.by === "seq" && Math.floor(anchor.seq / SEQ_JUMP) !== Math.floor(next / SEQ_JUMP)) {
    return { count: undefined, why: "restart" };
  }
  if (losses !== undefined) return hasLoss(losses, anchor, next) ? UNCOUNTED : undefined;
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

/** Whether one of `losses`, which all are after a time that is the anchor, is between the anchor and the record `until`. */
function hasLoss(losses: readonly ArchiveLoss[], anchor: HistoryAnchor, until: number): boolean {
  const after = anchor.by === "seq" ? anchor.seq + 1 : 0;
  return losses.some((loss) => loss.until > after && loss.from < until);
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
