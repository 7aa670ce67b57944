/**
 * The log as the hub uses it: records in order, each with a sequence number. `Ring` (lib/log) is the server's
 * engine; a log on a replicated store, or one that keeps everything, is another class with the same members.
 *
 * - Sequence numbers only grow. Not every number names a record: continue at `next` of a missing one, never by
 *   counting up.
 * - A bounded log gives up its oldest records for new ones. An unbounded log has `capacityBytes` Infinity and keeps
 *   all.
 * - One caller at a time appends (under the log lock). What the hub reads between two appends does not change.
 */
import type { ReadOutcome, RecordView } from "../../log/read_outcome.ts";

export interface EventLog {
  /** Bytes that the records may take; Infinity: no record is ever given up. */
  readonly capacityBytes: number;
  /** The oldest record that the log holds; equal to {@link nextSeq} if there is none. */
  readonly oldestSeq: number;
  /** The sequence number that the next record will get. */
  readonly nextSeq: number;
  /** Durable watermark: every record below this number outlives a crash. It only grows. */
  readonly durableSeq: number;

  /**
   * Appends a record with the first `length` bytes of `payload` (left out: all), which the caller may reuse.
   * Returns its sequence number, or 0 if a record may not be that large.
   */
  append(time: number, payload: Uint8Array, length?: number): number;
  /** Notifies the readers that wait for records; called once for each batch of appends. */
  wakeReaders(): void;

  /** A copy of record `seq`, with its payload at the start of `into` if that is given and large enough. */
  read(seq: number, into?: Uint8Array): ReadOutcome;
  /** Location of record `seq`, for reading in place; undefined if it is not there. */
  peek(seq: number): RecordView | undefined;
  /** Time of record `seq` in ms since the epoch; undefined if it is not there. */
  timeOf(seq: number): number | undefined;
  /** Length of the payload of record `seq`; 0 if it is not there. */
  lengthOf(seq: number): number;
  /** The first existing record at or after `seq`; {@link nextSeq} if there is none. */
  firstSeqFrom(seq: number): number;
  /** The last existing record before `seq`; 0 if there is none. */
  lastSeqBefore(seq: number): number;

  /** Bytes that a record with a payload of `length` bytes takes. */
  storedBytes(length: number): number;
  /**
   * Bytes that can be appended before record `seq` is given up; 0 if it is not there, Infinity if it is kept for
   * ever. One append takes up to twice {@link storedBytes}: a record that does not fit the end of a ring takes that
   * end, too.
   */
  bytesUntilOverwritten(seq: number): number;
}
