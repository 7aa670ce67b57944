/**
 * The record that is passed: as long as a chat message, with what the reader needs to check every byte of it.
 *
 *     byte 0                                  size - 16         size - 8   size - 4  size
 *          ┌─────────────────────────────────┬─────────────────┬──────────┬─────────┐
 *          │ filling                         │ time of sending │ number   │ CRC-32  │
 *          └─────────────────────────────────┴─────────────────┴──────────┴─────────┘
 *
 *     number: from 0 in each step; END_NUMBER ends the step, and its time holds the count of records instead
 *     CRC-32: of all before it; the writer knows that of the filling beforehand
 */
import { crc32 } from "../../base/crc.ts";

/** The smallest record: no filling. */
export const IPC_RECORD_MIN_BYTES = 16;
/** The largest record. */
export const IPC_RECORD_MAX_BYTES = 64 * 1024;

export const END_NUMBER = 0xffffffff;

const TRAILER_BYTES = 16, CRC_BYTES = 4;
const NUMBER_WORD = 2, CRC_WORD = 3;
/** Consecutive records have different fillings, so that a record with bytes of the one before is noticed. */
const FILLINGS = 8;

/** The end of a record, in the byte order of the machine: records leave it over the loopback only. */
class Trailer {
  readonly bytes = new Uint8Array(TRAILER_BYTES);
  readonly checked = this.bytes.subarray(0, TRAILER_BYTES - CRC_BYTES);
  readonly times = new Float64Array(this.bytes.buffer, 0, 1);
  readonly words = new Uint32Array(this.bytes.buffer);
}

/** Makes the records of one size. */
export class IpcRecordMaker {
  readonly #trailer = new Trailer();
  readonly #fillings: { readonly bytes: Uint8Array; readonly crc: number }[];
  readonly #trailerOffset: number;

  constructor(readonly sizeBytes: number) {
    this.#trailerOffset = sizeBytes - TRAILER_BYTES;
    this.#fillings = Array.from({ length: FILLINGS }, (_, nth) => {
      const bytes = new Uint8Array(sizeBytes);
      for (let at = 0; at < this.#trailerOffset; at++) bytes[at] = at * 31 + (at >>> 8) + nth * 37;
      return { bytes, crc: crc32(bytes.subarray(0, this.#trailerOffset)) };
    });
  }

  /** Valid until the eighth call from now. */
  make(number: number, time: number): Uint8Array {
    const { bytes, crc } = this.#fillings[number % FILLINGS]!;
    const trailer = this.#trailer;
    trailer.times[0] = time;
    trailer.words[NUMBER_WORD] = number;
    trailer.words[CRC_WORD] = crc32(trailer.checked, crc);
    bytes.set(trailer.bytes, this.#trailerOffset);
    return bytes;
  }

  makeEnd(count: number): Uint8Array {
    return this.make(END_NUMBER, count);
  }
}

/** What a reader found in one record. `time`: of sending, or the count of records at the end of a step. */
export interface ReadIpcRecord {
  number: number;
  time: number;
}

/** Checks records and takes them apart. */
export class IpcRecordReader {
  readonly #trailer = new Trailer();
  readonly #read: ReadIpcRecord = { number: 0, time: 0 };

  /** Undefined: the bytes are not those of a record as it was sent. The returned object is the same for every record. */
  read(bytes: Uint8Array): ReadIpcRecord | undefined {
    const offset = bytes.length - TRAILER_BYTES;
    if (offset < 0) return undefined;
    const trailer = this.#trailer;
    for (let at = 0; at < TRAILER_BYTES; at++) trailer.bytes[at] = bytes[offset + at]!;
    if (crc32(bytes.subarray(0, bytes.length - CRC_BYTES)) !== trailer.words[CRC_WORD]) return undefined;
    this.#read.number = trailer.words[NUMBER_WORD]!;
    this.#read.time = trailer.times[0]!;
    return this.#read;
  }
}
