/**
 * The history of a room read out of a ring, and of the archive where the ring ends, without a server: what `logs` shows
 * of a server's answers, and of what happens then. A server knows how many messages of a room were overwritten; the
 * ring does not tell, so a gap has the number of lost records as a bound here.
 */
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import type { ChatEntry, GapEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { positionAt, subtractReportedGap } from "../../lib/client/conversation/model/read_position.ts";
import type { ReadPosition, ReportedGap } from "../../lib/client/conversation/model/read_position.ts";
import { startPositionOf } from "../../lib/client/conversation/sync/history_read.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import { channelOfMessage, decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { parseMsgid } from "../../lib/hub/output/render.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import type { ArchiveLoss } from "../../lib/log/archive.ts";
import { makeMissingRecords } from "../../lib/log/read_outcome.ts";
import type { MissingRecords } from "../../lib/log/read_outcome.ts";
import type { LogRecord } from "../../lib/log/record.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { collectChanges, earlierName, laterName, RECORDS_PER_TURN } from "./later_changes.ts";
import type { LaterChanges } from "./later_changes.ts";
import { entriesOfChange, makeRecordEntry, roomOf } from "./record_entries.ts";
import type { RecordSource } from "./record_entries.ts";
import type { ArchivedRoom, RoomArchive } from "./room_archive.ts";

export interface LocalHistoryOptions {
  readonly source: RecordSource;
  readonly range: HistoryRange;
  /** How far an earlier run has got; undefined: `range` says where to begin. */
  readonly position: ReadPosition | undefined;
  /** `position` is of another log than the ring: reading goes on by time. */
  readonly onNewLog: (position: ReadPosition) => void;
  /** The clock, milliseconds since the epoch. */
  readonly now: () => number;
  /** Reading ends early when it is aborted. */
  readonly signal: AbortSignal;
}

/** Of a new log. */
const FIRST_SEQ = 1;

export class LocalHistory {
  readonly #options: LocalHistoryOptions;
  #source: RecordSource;
  #target: string;
  /** Number of the next record to read. */
  #cursor = 0;
  /** Number of the first record that was not overwritten when the reading of the newest messages began. */
  #begin = 0;
  #changes: LaterChanges = { redacted: new Set(), renames: [] };
  /** Messages up to this time are not new: the position has no number. */
  #afterTime = -Infinity;
  #position: ReadPosition | undefined;
  /** Number of records since the position that were overwritten unread; Infinity: it is unknown. */
  #lost = 0;
  /** Number of the server's crashes before the position, or that a gap has told of; undefined: unknown. */
  #crashes: number | undefined;
  /** A message from behind the range has been read: what is lost after it does not belong to the range. */
  #isPast = false;
  #isNamed = false;
  /** From then on the name that was asked for is followed; at first it is the room's present one. */
  #hasRead = false;

  constructor(options: LocalHistoryOptions) {
    this.#options = options;
    this.#source = options.source;
    this.#target = options.range.target;
    this.#startAt(options.position);
  }

  /** Behind all that {@link read} has given: where a later run goes on. */
  get position(): ReadPosition {
    return this.#position ?? startPositionOf(this.#options.range);
  }

  /** The room, which may have been renamed. */
  get target(): string {
    return this.#target;
  }

  /** Some record names the room. */
  get isNamed(): boolean {
    return this.#isNamed;
  }

  /** Goes on in the ring of the next server. */
  continueIn(source: RecordSource): void {
    const isSameLog = source.logId === this.#source.logId;
    this.#source = source;
    if (isSameLog) this.#crashes ??= crashesBefore(this.#cursor);
    else this.#startAt(this.#position ?? positionAt(this.#options.now()));
  }

  /** What is new, up to the newest record: messages of the room, gaps, and what is done to messages and the room. */
  async *read(): AsyncIterable<ChatEntry> {
    const { signal } = this.#options;
    const { ring } = this.#source;
    const { next: end } = ring.span();
    if (this.#cursor >= end) return;
    const changes = await collectChanges(this.#source, this.#cursor, end, signal);
    if (signal.aborted) return;
    if (this.#hasRead) this.#target = laterName(changes, this.#target, this.#cursor);
    this.#hasRead = true;
    this.#changes = changes;
    for (let count = 1; this.#cursor < end; count++) {
      if (count % RECORDS_PER_TURN === 0) await nextLoopIteration();
      if (signal.aborted) return;
      const record = ring.read(this.#cursor);
      if (record.kind === "empty") break;
      if (record.kind === "missing") yield* this.#readMissing(record);
      else {
        this.#cursor = record.seq + 1;
        yield* this.#entriesOf(record);
      }
    }
    if (!this.#isPast) yield* this.#gapBefore(end, undefined);
  }

  #startAt(position: ReadPosition | undefined): void {
    const { ring, logId } = this.#source;
    const { since, limit } = this.#options.range;
    const seq = position?.id === undefined ? undefined : parseMsgid(position.id, logId);
    this.#position = position;
    this.#crashes = seq === undefined ? undefined : crashesBefore(seq);
    if (seq !== undefined) {
      this.#cursor = seq + 1;
      return;
    }
    if (position?.id !== undefined) {
      this.#options.onNewLog(position);
      this.#position = positionAt(position.time);
    }
    this.#afterTime = position?.time ?? (since === undefined ? -Infinity : since - 1);
    this.#begin = ring.oldestSeq;
    const isNewest = limit !== undefined && position === undefined;
    this.#cursor = isNewest ? this.#begin : FIRST_SEQ;
    const isCut = isNewest && this.#begin > FIRST_SEQ &&
      this.#afterTime < (ring.timeOf(this.#begin) ?? -Infinity);
    this.#lost = isCut ? Infinity : 0;
  }

  /** Reads records that the ring does not hold from the archive; what it does not hold either is missing. */
  async *#readMissing(missing: MissingRecords): AsyncIterable<ChatEntry> {
    const { archive } = this.#source;
    if (archive === undefined) return this.#skip(missing);
    const { next } = missing;
    const until = yield* archive.follow((opened) => this.#archivedUntil(opened, next));
    if (this.#options.signal.aborted) return;
    const from = Math.max(this.#cursor, until ?? 0);
    this.#cursor = next;
    if (from < next) {
      this.#skip(makeMissingRecords(from, next, missing.why === "damaged" ? "damaged" : "overwritten"));
    }
  }

  /**
   * What the archive has of the room from the cursor up to record `until`. Returns the number below which it has every
   * record, or has lost it.
   */
  async *#archivedUntil(archive: RoomArchive, until: number): AsyncGenerator<ChatEntry, number> {
    const { signal, range } = this.#options;
    const room = this.#roomIn(archive);
    if (room === undefined) return archive.until;
    const isByTime = this.#cursor === FIRST_SEQ && this.#afterTime > -Infinity;
    const from = isByTime ? room.cutAt(this.#afterTime).through : this.#cursor;
    const end = range.until === undefined ? Infinity : room.cutAt(range.until).before;
    const losses = [...isByTime ? room.lossesSince(this.#afterTime) : room.lossesFrom(from)];
    const channel = this.#nameOf(archive, room);
    for (const page of room.messages(from, until)) {
      for (const record of page) {
        this.#noteLosses(losses, record.seq);
        this.#cursor = record.seq + 1;
        const message = makeRecordEntry(decodeEvent(record.payload), record, this.#source.logId);
        if (message !== undefined) yield* this.#readMessage(record.seq, { ...message, channel });
        if (record.seq >= end) return archive.until;
      }
      await nextLoopIteration();
      if (signal.aborted) return archive.until;
    }
    this.#noteLosses(losses, until);
    if (!room.isNamed) this.#lost = Infinity; // it was renamed meanwhile
    return archive.until;
  }

  /** Whether some record in the archive names the room. */
  async lookUp(): Promise<void> {
    await this.#source.archive?.use((archive) => this.#roomIn(archive));
  }

  #roomIn(archive: RoomArchive): ArchivedRoom | undefined {
    const room = archive.room(earlierName(this.#changes, this.#target, archive.until));
    this.#isNamed ||= room !== undefined;
    return room;
  }

  /** The present name of a room of the archive. */
  #nameOf(archive: RoomArchive, { spelling }: ArchivedRoom): string {
    return laterName(this.#changes, spelling, archive.until);
  }

  /** What of `losses` is before record `seq` leaves a gap there. */
  #noteLosses(losses: ArchiveLoss[], seq: number): void {
    while (losses[0] !== undefined && losses[0].from < seq) {
      const { from, until } = losses.shift()!;
      this.#noteLost(makeMissingRecords(Math.max(from, FIRST_SEQ), until, "overwritten").lost);
    }
  }

  /** The messages before those that {@link read} has begun with, the newest first. */
  async *readEarlier(): AsyncIterable<MessageEntry> {
    const { archive } = this.#source;
    if (archive !== undefined) yield* archive.follow((opened) => this.#archivedEarlier(opened));
  }

  async *#archivedEarlier(archive: RoomArchive): AsyncGenerator<MessageEntry, void> {
    const { signal, range: { since, until } } = this.#options;
    const isUnread = this.#position?.id === undefined;
    if (isUnread && archive.until >= this.#begin) this.#position = undefined; // nothing is lost before it
    const room = this.#roomIn(archive);
    if (room === undefined) return;
    const channel = this.#nameOf(archive, room);
    const from = since === undefined ? FIRST_SEQ : room.cutAt(since).before;
    const end = until === undefined ? this.#begin : Math.min(this.#begin, room.cutAt(until).before);
    for (const page of room.newestMessages(end)) {
      for (const record of page.toReversed()) {
        if (record.seq < from) return;
        const message = makeRecordEntry(decodeEvent(record.payload), record, this.#source.logId);
        if (message === undefined || this.#changes.redacted.has(record.seq)) continue;
        if (this.#position?.id === undefined) this.#moveTo(record.seq, message);
        yield { ...message, channel };
      }
      await nextLoopIteration();
      if (signal.aborted) return;
    }
  }

  #noteLost(count: number): void {
    this.#lost += count || Infinity;
  }

  #skip({ next, why, lost }: MissingRecords): void {
    this.#cursor = next;
    if (why === "damaged" || why === "restart" && this.#crashes !== undefined) return;
    const time = this.#source.ring.timeOf(next);
    if (time === undefined || time > this.#afterTime) this.#noteLost(lost);
  }

  *#entriesOf(record: LogRecord): Iterable<ChatEntry> {
    const { seq, time, payload } = record;
    const nameOf = (room: string) => laterName(this.#changes, room, seq);
    const said = channelOfMessage(payload);
    if (said !== undefined && !isSameName(nameOf(said), this.#target)) return; // most records of a server with many rooms
    const event = decodeEvent(payload);
    const room = event && roomOf(event);
    const channel = room && nameOf(room);
    if (event === undefined || channel === undefined || !isSameName(channel, this.#target)) return;
    this.#isNamed = true;
    const message = makeRecordEntry(event, record, this.#source.logId);
    if (message === undefined) yield* entriesOfChange(event, time);
    else yield* this.#readMessage(seq, { ...message, channel });
  }

  /** The message in record `seq`, if it is wanted, and what is lost before it. */
  *#readMessage(seq: number, message: MessageEntry): Iterable<ChatEntry> {
    const { time } = message;
    if (time <= this.#afterTime || this.#changes.redacted.has(seq)) return;
    const { until = Infinity } = this.#options.range;
    if (time >= until) {
      this.#isPast = true;
      if (this.#lost > 0) yield* this.#gapBefore(seq, time);
      return;
    }
    yield* this.#gapBefore(seq, time);
    this.#moveTo(seq, message);
    yield message;
  }

  #moveTo(seq: number, { id, time }: MessageEntry): void {
    this.#position = { seq, id, time };
    this.#crashes = crashesBefore(seq);
  }

  /** What is lost between the position and record `seq`, of that time; undefined: nothing stands behind it yet. */
  *#gapBefore(seq: number, before: number | undefined): Iterable<GapEntry> {
    const crashes = crashesBefore(seq);
    const gap: ReportedGap | undefined = this.#crashes !== undefined && crashes > this.#crashes
      ? { count: undefined, why: "restart" }
      : this.#lost > 0
      ? { count: undefined, ...this.#lost < Infinity && { most: this.#lost }, why: "overwritten" }
      : undefined;
    this.#lost = 0;
    if (gap === undefined) return;
    this.#crashes = crashes;
    const position = this.position;
    this.#position = { ...position, reportedGap: gap };
    const news = subtractReportedGap(gap, position.reportedGap);
    if (news === undefined) return;
    const after = position.time > 0 ? position.time : undefined;
    const { now } = this.#options;
    yield { kind: "gap", time: before ?? now(), target: this.#target, ...news, after, before };
  }
}

/** The number of the server's crashes before record `seq`: each leaves a jump in the numbers. */
function crashesBefore(seq: number): number {
  return Math.floor(seq / SEQ_JUMP);
}
