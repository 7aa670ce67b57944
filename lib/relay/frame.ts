/**
 * Frames of the relay between the hub and a front:
 *
 *     length of the rest (4 bytes) │ kind (1 byte) │ content
 *
 * The length is checked before anything is allocated; the content of each kind must fill its frame exactly. Pure.
 */
import { RelayFault } from "./wire.ts";

/** More than a full send queue with its list of sessions, of which a frame carries at least one. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;
const HEADER_BYTES = 4;

/** The frame of `kind` with `content`. */
export function makeFrame(kind: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + 1 + content.length);
  frame.set(content, writeFrameHead(frame, kind));
  return frame;
}

/** Bytes of a frame beside its content. */
export const FRAME_HEAD_BYTES = HEADER_BYTES + 1;

/** Writes length and kind at the start of `frame`, which is a whole frame; returns where its content begins. */
export function writeFrameHead(frame: Uint8Array, kind: number): number {
  new DataView(frame.buffer, frame.byteOffset).setUint32(0, frame.length - HEADER_BYTES);
  frame[HEADER_BYTES] = kind;
  return FRAME_HEAD_BYTES;
}

/** Cuts a stream, read in pieces of any size, into frames. */
export class RelayFrameReader {
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  #body: Uint8Array<ArrayBuffer> | undefined;
  #bodyLength = 0;
  /** The frame that the last {@link take} completed: its kind and its content; undefined: none. */
  frame: Uint8Array<ArrayBuffer> | undefined;

  constructor(maxBytes = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Takes bytes from the start of `bytes`, at most to the end of one frame; returns their number. */
  take(bytes: Uint8Array): number {
    this.frame = undefined;
    let used = 0;
    if (this.#body === undefined) {
      used = Math.min(bytes.length, HEADER_BYTES - this.#headerLength);
      this.#header.set(bytes.subarray(0, used), this.#headerLength);
      this.#headerLength += used;
      if (this.#headerLength < HEADER_BYTES) return used;
      this.#body = this.#allocate();
    }
    const count = Math.min(bytes.length - used, this.#body.length - this.#bodyLength);
    this.#body.set(bytes.subarray(used, used + count), this.#bodyLength);
    this.#bodyLength += count;
    if (this.#bodyLength === this.#body.length) {
      this.frame = this.#body;
      this.#body = undefined;
      this.#bodyLength = this.#headerLength = 0;
    }
    return used + count;
  }

  #allocate(): Uint8Array<ArrayBuffer> {
    const length = new DataView(this.#header.buffer).getUint32(0);
    if (length === 0) throw new RelayFault("a frame is empty");
    if (length > this.#maxBytes) {
      throw new RelayFault(`a frame of ${length} bytes is larger than ${this.#maxBytes}`);
    }
    return new Uint8Array(length);
  }
}
