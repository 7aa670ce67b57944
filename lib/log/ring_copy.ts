/**
 * A copy of a ring that is read as bytes, from a file for example, while another process appends to it. The copy is a
 * ring in private memory, brought up to date by {@link RingCopy.refresh}; what it takes over of the header is `oldest`
 * and `next` alone.
 *
 * Why what it holds is whole, although no lock is taken: `oldest` is read once more after the data, and only records
 * that were still there then are in the copy. A slot that was overwritten before it was read names a newer record, which
 * lies behind the last one and before the oldest one, as the ring goes round, so what is copied from there on has all
 * records that are left. Number and checksum of a record are checked when it is read from the copy, as in the ring.
 */
import { RECORD_ALIGNMENT_BYTES, RECORD_HEADER_BYTES, RECORD_MIN_BYTES, recordBytes } from "./record.ts";
import { offsetOf } from "./record_search.ts";
import { findCapacityFault, Ring } from "./ring.ts";
import { readSeqs, RING_HEADER_BYTES, RingHeader, type SeqSpan, slotsOf } from "./ring_header.ts";
import { SEQ_JUMP } from "./seq_jump.ts";

/** Fills `into` with the bytes of the ring's buffer from `offset` on. */
export type ReadAt = (offset: number, into: Uint8Array<ArrayBuffer>) => void;

/** Bytes per read: they pass through private memory. */
const CHUNK_BYTES = 256 * 1024;

export class RingCopy {
  readonly ring: Ring;
  readonly #readAt: ReadAt;
  readonly #header: RingHeader;
  readonly #bytes: Uint8Array;
  readonly #slots: Uint32Array;
  readonly #areaStart: number;

  private constructor(capacity: number, readAt: ReadAt) {
    this.ring = Ring.create(capacity);
    const { buffer } = this.ring;
    this.#readAt = readAt;
    this.#header = new RingHeader(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#slots = new Uint32Array(buffer, RING_HEADER_BYTES, slotsOf(capacity));
    this.#areaStart = RING_HEADER_BYTES + this.#slots.byteLength;
    this.refresh();
  }

  /** A copy of the ring in a buffer of `bytes`; undefined if there is no ring of that size. */
  static open(bytes: number, readAt: ReadAt): RingCopy | undefined {
    const header = new SharedArrayBuffer(RING_HEADER_BYTES);
    const head = new Uint8Array(RING_HEADER_BYTES);
    readAt(0, head);
    new Uint8Array(header).set(head);
    const found = new RingHeader(header);
    const isWhole = found.fits(bytes) && findCapacityFault(found.capacity) === undefined;
    return isWhole ? new RingCopy(found.capacity, readAt) : undefined;
  }

  /** Takes over what was appended since the last time. */
  refresh(): void {
    const header = this.#header;
    for (;;) {
      const { oldest, next } = this.#readSeqs();
      if (next === header.next && oldest === header.oldest) return;
      const from = Math.max(header.next, oldest);
      if (from < next) {
        this.#copySlots(from, next);
        this.#copyRecords(from, next);
      }
      const left = this.#readSeqs().oldest;
      if (left > next) continue; // the writer has been all around the ring meanwhile
      header.oldest = left;
      header.next = next;
      return;
    }
  }

  #readSeqs(): SeqSpan {
    return readSeqs((header) => this.#readAt(0, header as Uint8Array<ArrayBuffer>), this.#slots.length);
  }

  /** Copies the slots of the records `from` to before `next`, holes included. */
  #copySlots(from: number, next: number): void {
    const count = Math.min((next - from) % SEQ_JUMP, this.#slots.length);
    const first = from & (this.#slots.length - 1);
    const head = Math.min(count, this.#slots.length - first);
    this.#copy(RING_HEADER_BYTES + first * 4, head * 4);
    this.#copy(RING_HEADER_BYTES, (count - head) * 4);
  }

  /** Copies the part of the data area that holds the records `from` to before `next`, of which the slots are known. */
  #copyRecords(from: number, next: number): void {
    const [first, last] = this.#span(from, next);
    if (first === undefined || last === undefined) return;
    const { area, capacityBytes } = this.ring;
    this.#copy(this.#areaStart + last, RECORD_HEADER_BYTES);
    const length = area.claimedLength(last);
    const end = length < 0 ? last + RECORD_ALIGNMENT_BYTES : last + recordBytes(length);
    if (first <= last) return this.#copy(this.#areaStart + first, end - first);
    this.#copy(this.#areaStart + first, capacityBytes - first);
    this.#copy(this.#areaStart, end);
  }

  /** Offsets of the first and the last of these records. A slot that names no place in the data area is a hole. */
  #span(from: number, next: number): [first: number | undefined, last: number | undefined] {
    const mask = this.#slots.length - 1;
    const count = (next - from) % SEQ_JUMP;
    const maxOffset = this.ring.capacityBytes - RECORD_MIN_BYTES;
    const offsetAt = (at: number) => {
      const slot = this.#slots[(from + at) & mask]!;
      return slot === 0 || offsetOf(slot) > maxOffset ? undefined : offsetOf(slot);
    };
    let first: number | undefined, last: number | undefined;
    for (let at = 0; at < count && first === undefined; at++) first = offsetAt(at);
    for (let at = count - 1; at >= 0 && last === undefined; at--) last = offsetAt(at);
    return [first, last];
  }

  #copy(offset: number, bytes: number): void {
    for (let at = offset; at < offset + bytes; at += CHUNK_BYTES) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, offset + bytes - at));
      this.#readAt(at, chunk);
      this.#bytes.set(chunk, at);
    }
  }
}
