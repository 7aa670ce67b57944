/**
 * A stretch of a conversation, as a view: records that the archive has returned, messages that it has lost and the hub
 * retains, and behind them, if they reach so far, those that the hub holds. Of a record that both have, the hub decides
 * whether it is still shown.
 */
import type { CapSet } from "../../../irc/cap_set.ts";
import type { ArchivedRecord, PageAnswer } from "../../../log/archive.ts";
import { decodeEvent } from "../../log/event_codec.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { writableLog } from "../../model/mutable_conversation_log.ts";
import { nickOf } from "../../model/identifiers.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import { JoinedSequence } from "../../model/seq_list.ts";
import type { RecordSequence } from "../../model/seq_list.ts";
import type { HistoryIndex } from "../history_index.ts";
import { cutAtAnchor } from "../history_query.ts";
import type { HistoryAnchor, HistoryCut, RecordTimes } from "../history_query.ts";
import { heldFrom, retainedIn, scopeOf, viewHeld, viewLogged } from "./history_view.ts";
import type { HistoryView } from "./history_view.ts";

/** The answer of an archive with the cursor `archivedUntil` that has nothing of a conversation. */
export function emptyPage(archivedUntil: number): PageAnswer {
  return {
    kind: "page",
    cuts: [],
    records: [],
    isStart: true,
    isEnd: true,
    latestBefore: 0,
    earliestAfter: Infinity,
    losses: [],
    lostWithin: [],
    archivedUntil,
  };
}

/**
 * The name of the conversation of `owner` ("": of a channel) in the newest record of `answer` that has it; undefined:
 * none has.
 */
export function nameInPage({ records }: PageAnswer, owner: OwnerId): string | undefined {
  for (const { payload } of records.toReversed()) {
    const event = decodeEvent(payload);
    if (event?.kind === "message" || event?.kind === "redact") {
      return owner === "" || event.from === owner ? event.target.name : nickOf(event.source);
    }
    if (event?.kind === "rename") return event.to;
    if (event !== undefined && "channel" in event) return event.channel;
  }
  return undefined;
}

/**
 * The stretch that `answer` and the hub have of `target` (undefined: the hub knows no such conversation), for a
 * client with the capabilities `caps`.
 */
export function viewStretch(
  history: HistoryIndex,
  target: ConversationLog | undefined,
  caps: CapSet,
  answer: PageAnswer,
): HistoryView {
  const { archivedUntil, records, losses } = answer;
  const firstSeq = heldFrom(history, target, scopeOf(caps));
  const edge = Math.min(firstSeq, archivedUntil);
  // An archive may lag so far behind that the log has overwritten what it has not got; retained messages are left.
  const held = (archivedUntil < firstSeq ? viewHeld : viewLogged)(history, target, caps);
  const archived = records.filter(({ seq }) => seq < edge && !history.lag.isRedacted(seq, archivedUntil));
  const joins = answer.isEnd || (records.at(-1)?.seq ?? 0) >= edge;
  const firstHeld = held.sequence.partition((seq) => seq < edge);
  const bySeq = new Map(archived.map((record) => [record.seq, record]));
  const retained = retainedIn(target, answer.lostWithin).filter((seq) => seq < edge && !bySeq.has(seq));
  const older = [...bySeq.keys(), ...retained];
  if (retained.length > 0) older.sort((a, b) => a - b);
  const sequence = new JoinedSequence(
    older,
    held.sequence,
    joins ? firstHeld : held.length,
    held.length,
  );
  const length = sequence.length();
  const times = timesOf(sequence, length, answer, {
    bySeq,
    olderCount: older.length,
    held,
    firstHeld,
    joins,
  });
  return {
    sequence,
    length,
    times,
    isStart: answer.isStart,
    isEnd: joins,
    coversFrom: Math.min(records[0]?.seq ?? edge, older[0] ?? edge),
    cutAt: (anchor, nth) => cutIn(sequence, anchor, nth, answer, times),
    archived: (seq) => bySeq.get(seq),
    losses,
  };
}

/** Notes what `answer`, of which `view` was made, tells of all times of `target` before what the hub holds. */
export function noteArchivedTimes(
  history: HistoryIndex,
  target: ConversationLog | undefined,
  caps: CapSet,
  answer: PageAnswer,
  view: HistoryView,
): void {
  const firstSeq = heldFrom(history, target, scopeOf(caps));
  if (target === undefined || !view.isEnd || answer.archivedUntil < firstSeq) return;
  let latest = answer.latestBefore;
  const { sequence, times } = view;
  const older = sequence.partition((seq) => seq < firstSeq);
  for (const seq of sequence.range(0, older)) latest = Math.max(latest, times.of(seq));
  for (const { seq, time } of answer.records) if (seq < firstSeq) latest = Math.max(latest, time);
  writableLog(target).timeline.noteArchived(latest, scopeOf(caps));
}

/** An anchor by time is cut where the archive says, which knows all of the conversation. */
function cutIn(
  sequence: RecordSequence,
  anchor: HistoryAnchor,
  nth: number,
  { cuts }: PageAnswer,
  times: RecordTimes,
): HistoryCut {
  const cut = anchor.by === "time" ? cuts[nth] : undefined;
  if (cut === undefined) return cutAtAnchor(sequence, anchor, times);
  return {
    before: sequence.partition((seq) => seq < cut.before),
    through: sequence.partition((seq) => seq < cut.through),
  };
}

interface JoinedParts {
  readonly bySeq: ReadonlyMap<number, ArchivedRecord>;
  /** Number of archived and retained records before those of `held`. */
  readonly olderCount: number;
  readonly held: HistoryView;
  /** Position of the first held record that is not archived. */
  readonly firstHeld: number;
  readonly joins: boolean;
}

function timesOf(
  sequence: JoinedSequence,
  length: number,
  { latestBefore, earliestAfter }: PageAnswer,
  { bySeq, olderCount, held, firstHeld, joins }: JoinedParts,
): RecordTimes {
  const of = (seq: number) => bySeq.get(seq)?.time ?? held.times.of(seq);
  // Between two breaks of what the hub holds, times do not decrease.
  const breaks: number[] = [];
  const checked = Math.min(length, olderCount + 1);
  for (let at = 1; at < checked; at++) {
    if (of(sequence.at(at)) < of(sequence.at(at - 1))) breaks.push(sequence.at(at));
  }
  const seqHeld = firstHeld < held.length ? held.sequence.at(firstHeld) : Infinity;
  const later = held.times.breaks.filter((seq) => seq > seqHeld);
  if (joins) return { of, breaks: [...breaks, ...later], latestBefore };
  let earliest = Math.min(earliestAfter, seqHeld === Infinity ? Infinity : of(seqHeld));
  for (const seq of later) {
    const at = held.sequence.partition((each) => each < seq);
    if (at < held.length) earliest = Math.min(earliest, of(held.sequence.at(at)));
  }
  return { of, breaks, latestBefore, earliestAfter: earliest };
}
