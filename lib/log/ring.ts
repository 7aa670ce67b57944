/**
 * The ring: a fixed-size circular buffer in shared memory. One thread at a time appends (it holds the log lock); any
 * thread or process reads without a lock, and is told when a record that it wants was overwritten.
 *
 *     byte 0        128                128 + 4·slots                                          end
 *          ┌────────┬──────────────────┬────────────────────────────────────────────────────────┐
 *          │ header │ index: u32 slots │ data area: `capacityBytes` of records (record.ts)      │
 *          └────────┴──────────────────┴────────────────────────────────────────────────────────┘
 *
 *     index: the slot `seq mod slots` holds `1 + offset/8` of the record, or 0 if that record is not there.
 *
 * Sequence numbers only grow, but may have holes: records lost to damage (their slots are 0), and a jump by a
 * multiple of 2^32 after a server that ended before a sync (seq_jump.ts). 2^32 is a multiple of `slots`, so
 * the records on both sides of such a jump have adjacent slots: the slots from oldest to next are the records in
 * order.
 *
 * Why a reader needs no lock: the writer publishes `oldest` before it overwrites a record, and `next` after a record
 * and its slot are complete, both by Atomics, which are sequentially consistent. A reader takes a copy and then
 * checks it: the copy must have the requested sequence number, and its checksum, seeded with its offset, must match.
 * So a copy that raced with the writer is never taken for a record, even on processors that reorder plain loads and
 * stores.
 */
import { assert } from "../base/assert.ts";
import { makeMissingRecords, NOT_WRITTEN_YET, type ReadOutcome, type RecordView } from "./read_outcome.ts";
import { RECORD_ALIGNMENT_BYTES, RECORD_HEADER_BYTES, RecordArea, recordBytes } from "./record.ts";
import { offsetOf, RecordSearch } from "./record_search.ts";
import { RingCheck } from "./ring_check.ts";
import type { RingContents } from "./ring_contents.ts";
import { RingEviction } from "./ring_eviction.ts";
import { RING_HEADER_BYTES, ringBytes, RingHeader, slotsOf } from "./ring_header.ts";
import type { SeqSpan } from "./ring_header.ts";
import { SEQ_JUMP } from "./seq_jump.ts";
import { SyncLimit } from "./sync_limit.ts";

export const RING_MIN_BYTES = 64 * 1024;
/** Offsets stay far below 2^31; not every platform can allocate more shared memory in one piece. */
export const RING_MAX_BYTES = 1024 ** 3;
/** Returned by {@link Ring.append} and, the second one, {@link Ring.appendAt} instead of a sequence number. */
export const RECORD_TOO_LARGE = 0, SEQ_TOO_FAR = -1;

/** Views of an appender's scratch buffer up to this length are cached, so that an append creates none. */
const CACHED_VIEW_BYTES = 1024;

export class Ring {
  readonly buffer: SharedArrayBuffer;
  /** Bytes of the data area. */
  readonly capacityBytes: number;
  readonly area: RecordArea;
  readonly check: RingCheck;
  readonly syncLimit: SyncLimit;
  readonly #header: RingHeader;
  readonly #index: Uint32Array;
  readonly #mask: number;
  readonly #search: RecordSearch;
  readonly #eviction: RingEviction;
  /** What {@link peek} returns. */
  readonly #peeked: { -readonly [Name in keyof RecordView]: RecordView[Name] };
  #scratch: Uint8Array | undefined;
  #views: (Uint8Array | undefined)[] = [];

  private constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#header = new RingHeader(buffer);
    assert(this.#header.isRing, "the buffer does not hold a ring");
    this.capacityBytes = this.#header.capacity;
    const { slots } = this.#header;
    this.#index = new Uint32Array(buffer, RING_HEADER_BYTES, slots);
    this.#mask = slots - 1;
    this.area = new RecordArea(buffer, RING_HEADER_BYTES + slots * 4, this.capacityBytes);
    this.#search = new RecordSearch(this.#header, this.#index, this.area);
    this.check = new RingCheck(this.#header, this.#index, this.area);
    this.syncLimit = new SyncLimit(this.#header, this);
    this.#eviction = new RingEviction(this.#header, this.#index, this.area);
    this.#peeked = { bytes: this.area.bytes, start: 0, end: 0, time: 0 };
  }

  /**
   * A new, empty ring, in `buffer` if given: {@link ringBytes} zeros, or more. Throws RangeError if
   * {@link findCapacityFault} rejects the capacity.
   */
  static create(
    capacityBytes: number,
    { firstSeq = 1, buffer }: { readonly firstSeq?: number; readonly buffer?: SharedArrayBuffer } = {},
  ): Ring {
    const fault = findCapacityFault(capacityBytes);
    if (fault !== undefined) throw new RangeError(fault);
    const memory = buffer ?? new SharedArrayBuffer(ringBytes(capacityBytes));
    new RingHeader(memory).format(capacityBytes, slotsOf(capacityBytes), firstSeq);
    return new Ring(memory);
  }

  /** The ring in `buffer`, which another thread created. */
  static attach(buffer: SharedArrayBuffer): Ring {
    return new Ring(buffer);
  }

  /** The ring in the first `bytes` of `buffer`, which another program created; undefined: they hold none. */
  static open(buffer: SharedArrayBuffer, bytes: number): Ring | undefined {
    const header = new RingHeader(buffer);
    return header.fits(bytes) && findCapacityFault(header.capacity) === undefined
      ? new Ring(buffer)
      : undefined;
  }

  /** Largest payload of a record; see {@link RecordArea}. */
  get maxPayloadBytes(): number {
    return this.area.maxPayloadBytes;
  }

  /** The oldest record in the ring; equal to {@link nextSeq} if there is none. */
  get oldestSeq(): number {
    return this.#header.oldest;
  }

  /** The sequence number that the next record will get. */
  get nextSeq(): number {
    return this.#header.next;
  }

  /**
   * {@link oldestSeq} and {@link nextSeq}, checked, for a ring that another process writes; throws {@link RingDamage}.
   */
  span(): SeqSpan {
    return this.#header.span(this.#index.length);
  }

  /** Durable watermark: every record below this number is in the ring file and fsynced. */
  get durableSeq(): number {
    return this.#header.durable;
  }

  /** Bytes written in all, padding included. `position mod capacityBytes` is the offset of the next record. */
  get position(): number {
    return this.#header.position;
  }

  /** {@link position} up to which the ring file equals the ring. */
  get syncedPosition(): number {
    return this.#header.syncedPosition;
  }

  /** For the sync task only: everything below `seq`, which ends at `position`, is on disk. Both only grow. */
  markDurable(seq: number, position: number): void {
    const header = this.#header;
    assert(seq >= header.durable, "the durable watermark only grows");
    assert(seq <= header.next, "the durable watermark is not beyond the next record");
    assert(position >= header.syncedPosition, "the synced position only grows");
    header.syncedPosition = position;
    header.durable = seq;
  }

  /** For the sync task only, under the log lock: the ring file is lost, nothing in the ring is on disk. */
  markFileLost(): void {
    this.#header.syncedPosition = this.position - this.capacityBytes;
    this.#header.durable = this.oldestSeq;
  }

  /**
   * Appends one record with the first `length` bytes of `payload`; the caller holds the log lock. Returns its
   * sequence number, or {@link RECORD_TOO_LARGE} if `length` exceeds {@link maxPayloadBytes}. Call
   * {@link wakeReaders} once per batch.
   */
  append(time: number, payload: Uint8Array, length: number = payload.length): number {
    if (length > this.area.maxPayloadBytes) return RECORD_TOO_LARGE;
    this.check.requireHeader();
    const header = this.#header;
    const size = recordBytes(length);
    const seq = header.writerNext;
    let offset = header.head;
    if (offset + size > this.capacityBytes) {
      this.#eviction.endLap(offset, seq);
      header.addLap();
      offset = 0;
    }
    this.#eviction.evict(offset, offset + size, seq);
    this.area.write(offset, seq, time, length === payload.length ? payload : this.#view(payload, length));
    this.#index[seq & this.#mask] = offset / RECORD_ALIGNMENT_BYTES + 1;
    header.head = offset + size;
    header.next = seq + 1;
    return seq;
  }

  /**
   * As {@link append}, for a copy of another log: the record gets the number `seq`, and numbers from {@link nextSeq} to
   * it name none. Returns {@link SEQ_TOO_FAR}, and does nothing, if the index has no room for so many of them.
   */
  appendAt(seq: number, time: number, payload: Uint8Array): number {
    const header = this.#header;
    const { writerOldest: oldest, writerNext: next } = header;
    assert(seq >= next && Number.isSafeInteger(seq), "a copy grows at its end");
    if (payload.length > this.area.maxPayloadBytes) return RECORD_TOO_LARGE;
    const holes = (seq - next) % SEQ_JUMP;
    if (holes > 0 && oldest < next) {
      if (holes + 1 >= this.#index.length) return SEQ_TOO_FAR;
      for (let at = 0; at < holes; at++) this.#index[(next + at) & this.#mask] = 0;
      this.#eviction.evict(0, 0, seq);
    }
    header.next = seq;
    if (oldest === next) header.oldest = seq;
    return this.append(time, payload);
  }

  /** Tells waiting readers in all threads that there are new records. */
  wakeReaders(): void {
    this.#header.wakeReaders();
  }

  /** Number of calls of {@link wakeReaders}; {@link waitForWake} waits for the next one. */
  get wakeCount(): number {
    return this.#header.wakeCount;
  }

  /** Settles when {@link wakeCount} is no longer `seen`; undefined if it has changed already. */
  waitForWake(seen: number): Promise<unknown> | undefined {
    return this.#header.waitForWake(seen);
  }

  /** For the lock only (log_lock.ts): counts the threads that request it. */
  get isLockRequested(): boolean {
    return this.#header.isLockRequested;
  }

  requestLock(): void {
    this.#header.requestLock();
  }

  endLockRequest(): void {
    this.#header.endLockRequest();
  }

  waitForLockRequest(): Promise<unknown> | undefined {
    return this.#header.waitForLockRequest();
  }

  /**
   * A copy of record `seq`; its payload is at the start of `into` if that is large enough, otherwise in new memory.
   * Not every number names a record (outcome `missing`): continue at `next`, never by counting up.
   */
  read(seq: number, into?: Uint8Array): ReadOutcome {
    for (;;) {
      if (seq >= this.nextSeq) return NOT_WRITTEN_YET;
      const oldest = this.oldestSeq;
      if (seq < oldest) return makeMissingRecords(seq, oldest, "overwritten");
      const slot = this.#index[seq & this.#mask]!;
      const record = slot === 0 ? undefined : this.area.copy(offsetOf(slot), seq, into);
      if (record !== undefined) return { kind: "ok", seq, time: record.time, payload: record.payload };
      const next = this.firstSeqFrom(seq + 1);
      if (this.oldestSeq === oldest) return makeMissingRecords(seq, next, "damaged");
      // The writer overwrote records meanwhile: retry.
    }
  }

  /** Time of record `seq` in ms since the epoch; undefined if it is not there. */
  timeOf(seq: number): number | undefined {
    const offset = this.#locate(seq, this.oldestSeq, this.nextSeq);
    if (offset < 0) return undefined;
    const time = this.area.timeAt(offset);
    return this.area.seqAt(offset) === seq && seq >= this.oldestSeq ? time : undefined;
  }

  /**
   * Where the payload of record `seq` lies in {@link area}, and its time; undefined if it is not there. For the thread
   * that appends, the only writer: until its next append it may read the record in place. The returned object is the
   * same for every record.
   */
  peek(seq: number): RecordView | undefined {
    const offset = this.#locate(seq, this.#header.writerOldest, this.#header.writerNext);
    const length = offset < 0 ? -1 : this.area.claimedLength(offset);
    if (length < 0) return undefined;
    const peeked = this.#peeked;
    peeked.start = offset + RECORD_HEADER_BYTES;
    peeked.end = peeked.start + length;
    peeked.time = this.area.timeAt(offset);
    return peeked;
  }

  /**
   * Bytes that can be appended, padding included, before record `seq` is overwritten; 0 if it is not there. For the
   * thread that appends.
   */
  bytesUntilOverwritten(seq: number): number {
    const offset = this.#locate(seq, this.#header.writerOldest, this.#header.writerNext);
    if (offset < 0) return 0;
    const distance = offset - this.#header.head;
    return distance < 0 ? distance + this.capacityBytes : distance;
  }

  /** Bytes that a record with a payload of `length` bytes takes. */
  storedBytes(length: number): number {
    return recordBytes(length);
  }

  /** Length of the payload of record `seq`; 0 if it is not there. */
  lengthOf(seq: number): number {
    const offset = this.#locate(seq, this.oldestSeq, this.nextSeq);
    return offset < 0 ? 0 : Math.max(0, this.area.claimedLength(offset));
  }

  /** The first existing record at or after `seq`; {@link nextSeq} if there is none. */
  firstSeqFrom(seq: number): number {
    return this.#search.firstSeqFrom(seq);
  }

  /** The last existing record before `seq`; 0 if there is none. */
  lastSeqBefore(seq: number): number {
    return this.#search.lastSeqBefore(seq);
  }

  /** Indexes records that are already in the data area. For a ring that no other thread has yet. */
  restoreContents({ count, seqs, offsets, head, nextSeq }: RingContents): void {
    this.#index.fill(0);
    for (let i = 0; i < count; i++) {
      this.#index[seqs[i]! & this.#mask] = offsets[i]! / RECORD_ALIGNMENT_BYTES + 1;
    }
    this.#header.head = head;
    this.#header.oldest = count === 0 ? nextSeq : seqs[0]!;
    this.#header.next = nextSeq;
    this.markDurable(nextSeq, this.position);
  }

  /** Offset of record `seq` of those from `oldest` to before `next`; -1 if it is not there. */
  #locate(seq: number, oldest: number, next: number): number {
    const slot = seq < oldest || seq >= next ? 0 : this.#index[seq & this.#mask]!;
    return slot !== 0 && this.area.seqAt(offsetOf(slot)) === seq ? offsetOf(slot) : -1;
  }

  #view(payload: Uint8Array, length: number): Uint8Array {
    if (length > CACHED_VIEW_BYTES) return payload.subarray(0, length);
    if (payload !== this.#scratch) {
      this.#scratch = payload;
      this.#views = new Array(CACHED_VIEW_BYTES + 1).fill(undefined);
    }
    return this.#views[length] ??= payload.subarray(0, length);
  }
}

/** The reason why a ring cannot have `bytes`, in words; undefined if it can. */
export function findCapacityFault(bytes: number): string | undefined {
  const isPossible = bytes >= RING_MIN_BYTES && bytes <= RING_MAX_BYTES;
  if (isPossible && bytes % RECORD_ALIGNMENT_BYTES === 0) return undefined;
  const bounds = `${RING_MIN_BYTES} to ${RING_MAX_BYTES} bytes`;
  return `a ring has ${bounds}, a multiple of ${RECORD_ALIGNMENT_BYTES}; not ${bytes}`;
}
