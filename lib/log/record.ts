/**
 * One record of the log. Its bytes are the same in the ring (shared memory) and in the ring file.
 *
 *     byte  0        4                 8                16               24            24+length
 *           ┌────────┬───────┬─────────┬────────────────┬────────────────┬──────────────┬─────────┐
 *           │  crc   │ 0xCB  │ length  │      seq       │      time      │   payload    │ padding │
 *           │  u32   │  u8   │  u24    │      u64       │  u64, ms epoch │ length bytes │ to 8    │
 *           └────────┴───────┴─────────┴────────────────┴────────────────┴──────────────┴─────────┘
 *                    └──────────────── covered by the crc ──────────────────────────────┘
 *
 * - Little-endian, like every platform that Deno runs on. The word at byte 4 is `0xCB000000 | length`.
 * - A record starts at a multiple of 8 and never crosses the end of the ring: if it does not fit before the end, it
 *   starts at offset 0, and the first 8 bytes of the unused rest are zero. A ring that holds records has one at offset 0.
 * - The crc is CRC-32 seeded with the record's offset, so that a record copied to another offset is invalid there.
 * - `seq` and `time` are safe integers. The high bytes of a real `seq` are NUL, which no IRC text contains: text that a
 *   user sent cannot pass for a record, even if damage has destroyed the record that contains it.
 */
import { MAX_TIME_MS } from "../base/clock.ts";
import { crc32 } from "../base/crc.ts";

export const RECORD_HEADER_BYTES = 24;
export const RECORD_ALIGNMENT_BYTES = 8;
/** Size of the smallest record; bounds the number of records in a ring. */
export const RECORD_MIN_BYTES = 32;
/** The length field has 24 bits. */
export const RECORD_MAX_BYTES = 2 ** 24;

const MAGIC = 0xcb;
const TWO_32 = 2 ** 32;

/** Size in the ring of a record with a payload of `length` bytes. */
export function recordBytes(length: number): number {
  const bytes = (RECORD_HEADER_BYTES + length + RECORD_ALIGNMENT_BYTES - 1) & -RECORD_ALIGNMENT_BYTES;
  return bytes < RECORD_MIN_BYTES ? RECORD_MIN_BYTES : bytes;
}

export interface LogRecord {
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly payload: Uint8Array;
}

/** The data area of a ring, in memory or read from a file: writes, checks and reads records by offset. */
export class RecordArea {
  readonly bytes: Uint8Array;
  readonly capacity: number;
  /** A record may take an eighth of the ring, so that one message cannot displace the whole history. */
  readonly maxPayloadBytes: number;
  readonly #words: Uint32Array;
  /** A header in private memory, so that its checksum needs no view, and so no allocation, per record. */
  readonly #head = new Uint32Array(RECORD_HEADER_BYTES / 4);
  readonly #headCovered = new Uint8Array(this.#head.buffer, 4);

  /** `byteOffset` and `capacity` are multiples of 8. */
  constructor(buffer: ArrayBufferLike, byteOffset: number, capacity: number) {
    this.bytes = new Uint8Array(buffer, byteOffset, capacity);
    this.#words = new Uint32Array(buffer, byteOffset, capacity >>> 2);
    this.capacity = capacity;
    this.maxPayloadBytes = Math.min(capacity >>> 3, RECORD_MAX_BYTES) - RECORD_HEADER_BYTES;
  }

  /**
   * Writes a record at `offset`. The caller has checked that it fits and that the bytes there are no longer in use.
   */
  write(offset: number, seq: number, time: number, payload: Uint8Array): void {
    const head = this.#head;
    head[1] = (MAGIC << 24) | payload.length;
    head[2] = seq;
    head[3] = seq / TWO_32;
    head[4] = time;
    head[5] = time / TWO_32;
    head[0] = crc32(payload, crc32(this.#headCovered, offset));
    const words = this.#words;
    const last = (offset + recordBytes(payload.length) - 4) >>> 2;
    words[last - 1] = 0; // padding is zero
    words[last] = 0;
    for (let i = 0, word = offset >>> 2; i < head.length; i++) words[word + i] = head[i]!;
    this.bytes.set(payload, offset + RECORD_HEADER_BYTES);
  }

  /** Invalidates the record at `offset`; does nothing if the ring ends there. */
  erase(offset: number): void {
    if (offset === this.capacity) return;
    this.#words[offset >>> 2] = 0;
    this.#words[(offset >>> 2) + 1] = 0;
  }

  /** Length of the payload according to the header at `offset`; -1 if that is not a possible header. */
  claimedLength(offset: number): number {
    const word = this.#words[(offset >>> 2) + 1]!;
    const length = word & 0xffffff;
    if (word >>> 24 !== MAGIC || length > this.maxPayloadBytes) return -1;
    return offset + recordBytes(length) > this.capacity ? -1 : length;
  }

  /** Size of the valid record at `offset`; 0 if there is none. */
  validRecordBytesAt(offset: number): number {
    const length = this.claimedLength(offset);
    if (length < 0) return 0;
    const seq = this.seqAt(offset);
    if (seq < 1 || seq > Number.MAX_SAFE_INTEGER || this.timeAt(offset) > MAX_TIME_MS) return 0;
    const covered = this.bytes.subarray(offset + 4, offset + RECORD_HEADER_BYTES + length);
    return crc32(covered, offset) === this.#words[offset >>> 2] ? recordBytes(length) : 0;
  }

  /** Sequence number in the header at `offset`; meaningful only if a record starts there. */
  seqAt(offset: number): number {
    const word = offset >>> 2;
    return this.#words[word + 2]! + this.#words[word + 3]! * TWO_32;
  }

  timeAt(offset: number): number {
    const word = offset >>> 2;
    return this.#words[word + 4]! + this.#words[word + 5]! * TWO_32;
  }

  /**
   * A copy of record `seq` at `offset`; undefined if the record is not there, is overwritten, or only partly written.
   * Safe while another thread overwrites it: the checksum is computed on the copy. The payload is copied to the start
   * of `into` if that is large enough, otherwise to new memory.
   */
  copy(offset: number, seq: number, into?: Uint8Array): LogRecord | undefined {
    const head = this.#head;
    for (let i = 0, word = offset >>> 2; i < head.length; i++) head[i] = this.#words[word + i]!;
    const length = head[1]! & 0xffffff;
    if (head[1]! >>> 24 !== MAGIC || head[2]! + head[3]! * TWO_32 !== seq) return undefined;
    if (length > this.maxPayloadBytes || offset + recordBytes(length) > this.capacity) return undefined;
    const start = offset + RECORD_HEADER_BYTES;
    let payload: Uint8Array;
    if (into !== undefined && into.length >= length) {
      payload = into.subarray(0, length);
      payload.set(this.bytes.subarray(start, start + length));
    } else payload = this.bytes.slice(start, start + length);
    if (crc32(payload, crc32(this.#headCovered, offset)) !== head[0]) return undefined;
    return { seq, time: head[4]! + head[5]! * TWO_32, payload };
  }
}
