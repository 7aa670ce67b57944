/**
 * A log engine in plain memory, for tests: no shared memory, no threads, no file. Unbounded it keeps every record; bounded it
 * gives up the same records as a ring of that capacity, because it gives them the same offsets.
 */
import { assert } from "../../lib/base/assert.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import { makeMissingRecords, NOT_WRITTEN_YET } from "../../lib/log/read_outcome.ts";
import type { ReadOutcome, RecordView } from "../../lib/log/read_outcome.ts";
import { RECORD_HEADER_BYTES, RECORD_MAX_BYTES, recordBytes } from "../../lib/log/record.ts";

interface StoredRecord {
  readonly time: number;
  readonly payload: Uint8Array;
  readonly offset: number;
}

export class MemoryEventLog implements EventLog {
  readonly capacityBytes: number;
  /** Number of calls of {@link wakeReaders}. */
  wakeCount = 0;
  readonly #maxPayloadBytes: number;
  /** By sequence number, in order. */
  readonly #records = new Map<number, StoredRecord>();
  #oldestSeq: number;
  #nextSeq: number;
  #durableSeq: number;
  /** Offset of the next record. */
  #head = 0;
  /** What {@link peek} returns. */
  readonly #peeked = { bytes: new Uint8Array(), start: 0, end: 0, time: 0 };

  constructor(capacityBytes = Infinity, firstSeq = 1) {
    this.capacityBytes = capacityBytes;
    this.#maxPayloadBytes = Math.min(Math.floor(capacityBytes / 8), RECORD_MAX_BYTES) - RECORD_HEADER_BYTES;
    this.#oldestSeq = this.#nextSeq = this.#durableSeq = firstSeq;
  }

  get oldestSeq(): number {
    return this.#oldestSeq;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** Everything below `seq` is durable. */
  markDurable(seq: number): void {
    assert(seq >= this.#durableSeq && seq <= this.#nextSeq, "the durable watermark only grows");
    this.#durableSeq = seq;
  }

  append(time: number, payload: Uint8Array, length: number = payload.length): number {
    if (length > this.#maxPayloadBytes) return 0;
    const size = recordBytes(length);
    if (this.#head + size > this.capacityBytes) {
      this.#evict(this.#head, this.capacityBytes);
      this.#head = 0;
    }
    this.#evict(this.#head, this.#head + size);
    const seq = this.#nextSeq++;
    this.#records.set(seq, { time, payload: payload.slice(0, length), offset: this.#head });
    this.#head += size;
    return seq;
  }

  wakeReaders(): void {
    this.wakeCount++;
  }

  read(seq: number, into?: Uint8Array): ReadOutcome {
    if (seq >= this.#nextSeq) return NOT_WRITTEN_YET;
    const record = this.#records.get(seq);
    if (record === undefined) return makeMissingRecords(seq, this.#oldestSeq, "overwritten");
    const { time, payload } = record;
    if (into === undefined || into.length < payload.length) {
      return { kind: "ok", seq, time, payload: payload.slice() };
    }
    into.set(payload);
    return { kind: "ok", seq, time, payload: into.subarray(0, payload.length) };
  }

  peek(seq: number): RecordView | undefined {
    const record = this.#records.get(seq);
    if (record === undefined) return undefined;
    const { payload, time } = record;
    return Object.assign(this.#peeked, { bytes: payload, end: payload.length, time });
  }

  timeOf(seq: number): number | undefined {
    return this.#records.get(seq)?.time;
  }

  lengthOf(seq: number): number {
    return this.#records.get(seq)?.payload.length ?? 0;
  }

  firstSeqFrom(seq: number): number {
    return Math.min(Math.max(seq, this.#oldestSeq), this.#nextSeq);
  }

  lastSeqBefore(seq: number): number {
    const last = Math.min(seq, this.#nextSeq) - 1;
    return last < this.#oldestSeq ? 0 : last;
  }

  storedBytes(length: number): number {
    return recordBytes(length);
  }

  bytesUntilOverwritten(seq: number): number {
    const record = this.#records.get(seq);
    if (record === undefined) return 0;
    const distance = record.offset - this.#head;
    return distance < 0 ? distance + this.capacityBytes : distance;
  }

  /** Gives up the oldest records, up to the first one that does not start in `from`..`to`. */
  #evict(from: number, to: number): void {
    for (const [seq, { offset }] of this.#records) {
      if (offset < from || offset >= to) break;
      this.#records.delete(seq);
      this.#oldestSeq = seq + 1;
    }
  }
}
