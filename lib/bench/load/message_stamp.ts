/**
 * The text of a measured message: its sender, its number among that sender's, its time, a checksum of these three, and
 * filling. All texts of a load have one length, so all lines of one sender to one channel have one length too.
 *
 *     0007 00000042 000001234567 1a2b3c4d xxxxxxxxx…x~
 *     sender  number    µs       checksum
 */
import { crc32 } from "../../base/crc.ts";

/** Default bytes of the text, about as long as what people write. */
export const TEXT_BYTES = 64;

const SENDER_DIGITS = 4, NUMBER_DIGITS = 8, TIME_DIGITS = 12, CHECKSUM_DIGITS = 8;
const NUMBER_AT = SENDER_DIGITS + 1;
const TIME_AT = NUMBER_AT + NUMBER_DIGITS + 1;
const CHECKSUM_AT = TIME_AT + TIME_DIGITS + 1;
const FILLING_AT = CHECKSUM_AT + CHECKSUM_DIGITS;
const encoder = new TextEncoder();
const ZERO = 0x30, SPACE = 0x20;

/** The shortest text: a space and the end mark after the checksum. */
export const TEXT_MIN_BYTES = FILLING_AT + 2;
/** The longest text: with the longest source a line still has at most 512 bytes (RFC 2812 §2.3). */
export const TEXT_MAX_BYTES = 350;
export const MAX_SENDERS = 10 ** SENDER_DIGITS;

export interface Stamp {
  readonly sender: number;
  /** Counts from 0 for each sender. */
  readonly number: number;
  /** By the clock of `performance.now()`. */
  readonly sentMs: number;
}

/** Writes and reads texts of one length. */
export class Stamper {
  readonly #filling: string;
  readonly #fillingBytes: Uint8Array;
  /** A server that changes a text does not know its checksum. */
  readonly #seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  readonly #head = new Uint8Array(CHECKSUM_AT);

  constructor(readonly textBytes: number = TEXT_BYTES) {
    this.#filling = " ".padEnd(textBytes - FILLING_AT - 1, "x") + "~";
    this.#fillingBytes = new TextEncoder().encode(this.#filling);
  }

  format(sender: number, number: number, nowMs: number): string {
    const head = String(sender).padStart(SENDER_DIGITS, "0") + " " +
      String(number).padStart(NUMBER_DIGITS, "0") + " " +
      String(Math.round(nowMs * 1000)).padStart(TIME_DIGITS, "0") + " ";
    encoder.encodeInto(head, this.#head);
    return head + this.#checksum(this.#head) + this.#filling;
  }

  /** What {@link format} wrote at `at`; undefined if it is not exactly that. */
  read(bytes: Uint8Array, at: number): Stamp | undefined {
    if (at < 0 || bytes[at + NUMBER_AT - 1] !== SPACE || bytes[at + TIME_AT - 1] !== SPACE) return undefined;
    if (!isAt(bytes, at + FILLING_AT, this.#fillingBytes)) return undefined;
    const sender = digits(bytes, at, SENDER_DIGITS);
    const number = digits(bytes, at + NUMBER_AT, NUMBER_DIGITS);
    const sentMs = digits(bytes, at + TIME_AT, TIME_DIGITS) / 1000;
    if (Number.isNaN(sender + number + sentMs)) return undefined;
    const checksum = encoder.encode(this.#checksum(bytes.subarray(at, at + CHECKSUM_AT)));
    return isAt(bytes, at + CHECKSUM_AT, checksum) ? { sender, number, sentMs } : undefined;
  }

  #checksum(head: Uint8Array): string {
    return crc32(head, this.#seed).toString(16).padStart(CHECKSUM_DIGITS, "0");
  }
}

/** Whether `part` stands at `at` in `bytes`. */
export function isAt(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

/** NaN where one of the bytes is no digit. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}
