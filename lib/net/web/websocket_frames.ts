/**
 * WebSocket frames (RFC 6455 §5) that carry lines, one per message (https://ircv3.net/specs/extensions/websocket).
 * Pure: bytes in, bytes out. No message is ever held: the bytes of a line are passed on as they arrive, and its end
 * where the message ends.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { Utf8Validator } from "../../base/utf8_validator.ts";

/**
 * Longest message of a client, in any number of frames. It exceeds the limit of a line (4096 bytes of tags, 510 of
 * the rest), so that a client slightly above the limit gets an error (417); one far above it is disconnected.
 */
export const MAX_MESSAGE_BYTES = 16 * 1024;
/** RFC 6455 §5.5: "All control frames MUST have a payload length of 125 bytes or less". */
const MAX_CONTROL_BYTES = 125;
/** Two bytes, eight of length, four of mask (§5.2). */
const MAX_HEAD_BYTES = 14;
/** A buffer with this much space holds every frame that must be complete before it is processed. */
export const MIN_RAW_BYTES = 256;

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** Status codes of a Close frame (§7.4.1). */
export const CLOSE = {
  normal: 1000,
  protocolError: 1002,
  badText: 1007,
  refused: 1008,
  tooBig: 1009,
} as const;

const LF = 0x0a;
const CR = 0x0d;
const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;

export type FrameEvent =
  | { readonly kind: "ping"; readonly payload: Uint8Array }
  /** The peer closes; `code`: status code for the reply. */
  | { readonly kind: "close"; readonly code: number }
  /** The input violates the protocol. */
  | { readonly kind: "fault"; readonly code: number; readonly why: string };

/** Reads the frames that clients send. */
export class FrameReader {
  /** After {@link read}: number of bytes of `raw` used, and of `out` filled. */
  used = 0;
  filled = 0;
  /** Number of frames, of all kinds, that {@link read} began. */
  frames = 0;
  #opcode: number = OPCODE.continuation;
  /** Inside a message, before its last frame. */
  #open = false;
  #final = false;
  /** Missing bytes of the current frame; -1 outside a frame. */
  #left = -1;
  #mask = 0;
  #messageBytes = 0;
  /** The message contained a line end: only line ends may follow. */
  #lineEnded = false;
  readonly #text = new Utf8Validator();

  /**
   * Takes frames from `raw` and writes their lines to `out`, each with CR LF, until either is used up: see
   * {@link used} and {@link filled}. The rest of `raw` belongs in front of the next input. Returns early with an
   * event.
   */
  read(raw: Uint8Array, out: Uint8Array): FrameEvent | undefined {
    this.used = 0;
    this.filled = 0;
    this.frames = 0;
    for (;;) {
      if (this.#left < 0) {
        const event = this.#beginFrame(raw);
        if (event === "unfinished") return undefined;
        if (event !== undefined) return event;
        if (this.#left < 0) continue; // an unsolicited pong
      }
      const why = this.#copyPayload(raw, out);
      if (why !== undefined) return why;
      if (this.#left > 0) return undefined;
      if (this.#final) {
        if (out.length - this.filled < 2) return undefined;
        const fault = this.#endMessage(out);
        if (fault !== undefined) return fault;
      }
      this.#left = -1;
    }
  }

  /** Parses the head of a frame, or a whole control frame. */
  #beginFrame(raw: Uint8Array): FrameEvent | "unfinished" | undefined {
    const at = this.used;
    const available = raw.length - at;
    if (available < 2) return "unfinished";
    const first = raw[at]!;
    const second = raw[at + 1]!;
    if (first & RESERVED) return protocolError("an extension is used that was not negotiated");
    if (!(second & MASKED)) return protocolError("a frame is not masked");
    const short = second & 127;
    const head = 6 + (short === 126 ? 2 : short === 127 ? 8 : 0);
    if (available < head) return "unfinished";
    const length = short < 126 ? short : lengthAt(raw, at + 2, head - 6);
    const opcode = first & 15;
    const mask = uint32(raw, at + head - 4);
    if (opcode >= OPCODE.close) return this.#control(raw, first, length, head, mask);
    const fault = this.#beginDataFrame(opcode, (first & FIN) !== 0, length);
    if (fault !== undefined) return fault;
    this.frames++;
    this.used += head;
    this.#left = length;
    this.#mask = mask;
    return undefined;
  }

  /** Begins a data frame, which must fit the frames before it. */
  #beginDataFrame(opcode: number, final: boolean, length: number): FrameEvent | undefined {
    if (opcode > OPCODE.binary) return protocolError(`unknown opcode ${opcode}`);
    if ((opcode === OPCODE.continuation) !== this.#open) {
      return protocolError(
        this.#open ? "a message begins inside another one" : "a continuation frame has no message",
      );
    }
    if (!this.#open) {
      this.#opcode = opcode;
      this.#messageBytes = 0;
      this.#lineEnded = false;
    }
    this.#open = !final;
    this.#final = final;
    this.#messageBytes += length;
    if (this.#messageBytes > MAX_MESSAGE_BYTES) {
      return { kind: "fault", code: CLOSE.tooBig, why: `a message has at most ${MAX_MESSAGE_BYTES} bytes` };
    }
    return undefined;
  }

  #control(
    raw: Uint8Array,
    first: number,
    length: number,
    head: number,
    mask: number,
  ): FrameEvent | "unfinished" | undefined {
    if (!(first & FIN) || length > MAX_CONTROL_BYTES) {
      return protocolError("a control frame is fragmented or too long");
    }
    const at = this.used + head;
    if (raw.length < at + length) return "unfinished";
    this.frames++;
    this.used = at + length;
    switch (first & 15) {
      case OPCODE.ping:
        return { kind: "ping", payload: unmasked(raw, at, length, mask) };
      case OPCODE.pong:
        return undefined;
      case OPCODE.close:
        return length === 1
          ? protocolError("a Close frame has half a status code")
          : { kind: "close", code: closeReplyCode(unmasked(raw, at, length, mask)) };
      default:
        return protocolError(`unknown opcode ${first & 15}`);
    }
  }

  /** Copies the part of the frame's payload that is available and fits. */
  #copyPayload(raw: Uint8Array, out: Uint8Array): FrameEvent | undefined {
    const count = Math.min(this.#left, raw.length - this.used, out.length - this.filled);
    const text = this.#opcode === OPCODE.text;
    const mask = this.#mask;
    for (let index = 0; index < count; index++) {
      const byte = raw[this.used + index]! ^ maskByte(mask, index);
      if (byte === CR || byte === LF) this.#lineEnded = true;
      else if (this.#lineEnded) {
        return { kind: "fault", code: CLOSE.refused, why: "a message must be one line, without CR or LF" };
      }
      if (text && !this.#text.push(byte)) return BAD_TEXT_FAULT;
      out[this.filled + index] = byte;
    }
    this.used += count;
    this.filled += count;
    this.#left -= count;
    this.#mask = rotated(mask, count);
    return undefined;
  }

  #endMessage(out: Uint8Array): FrameEvent | undefined {
    if (this.#opcode === OPCODE.text && !this.#text.isComplete()) return BAD_TEXT_FAULT;
    out[this.filled++] = CR;
    out[this.filled++] = LF;
    return undefined;
  }
}

const BAD_TEXT_FAULT: FrameEvent = { kind: "fault", code: CLOSE.badText, why: "a text message is not UTF-8" };

function protocolError(why: string): FrameEvent {
  return { kind: "fault", code: CLOSE.protocolError, why };
}

/** The length in `count` bytes; above 2^31 its exact value does not matter. */
function lengthAt(raw: Uint8Array, at: number, count: number): number {
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + raw[at + index]!;
  return length;
}

function uint32(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
}

function maskByte(mask: number, index: number): number {
  return mask >>> 24 - 8 * (index & 3) & 255;
}

const NO_PAYLOAD = new Uint8Array(0);

/** Copies the payload of a control frame. */
function unmasked(raw: Uint8Array, at: number, length: number, mask: number): Uint8Array {
  if (length === 0) return NO_PAYLOAD;
  const payload = new Uint8Array(length);
  for (let index = 0; index < length; index++) payload[index] = raw[at + index]! ^ maskByte(mask, index);
  return payload;
}

/** The mask for the bytes after the first `count`. */
function rotated(mask: number, count: number): number {
  const bits = 8 * (count & 3);
  return bits === 0 ? mask : mask << bits | mask >>> 32 - bits;
}

/** Status code for the reply to a Close frame: its own, if that may be sent (§7.4). */
function closeReplyCode(payload: Uint8Array): number {
  if (payload.length === 0) return CLOSE.normal;
  const code = payload[0]! << 8 | payload[1]!;
  const defined = code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 ||
    code >= 3000 && code <= 4999;
  return defined ? code : CLOSE.protocolError;
}

/** Encodes one frame of a server; these are not masked. */
export function encodeFrame(opcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(headLength(payload.length) + payload.length);
  out.set(payload, putHead(out, 0, opcode, payload.length));
  return out;
}

/** Encodes a Close frame; `reason` is cut to the size of a control frame. */
export function encodeCloseFrame(code: number, reason = ""): Uint8Array<ArrayBuffer> {
  const words = encodeUtf8(reason.replace(/[^ -~]/g, "?").slice(0, MAX_CONTROL_BYTES - 2));
  const payload = new Uint8Array(2 + words.length);
  payload.set([code >> 8, code & 255]);
  payload.set(words, 2);
  return encodeFrame(OPCODE.close, payload);
}

/** Encodes each line of `lines`, which end with CR LF, as a message. */
export function encodeLines(opcode: number, lines: Uint8Array): Uint8Array<ArrayBuffer> {
  const ends: number[] = [];
  let length = 0;
  for (let at = 0, end; (end = lines.indexOf(LF, at)) >= 0; at = end + 1) {
    ends.push(end);
    length += headLength(end - 1 - at) + end - 1 - at;
  }
  const out = new Uint8Array(length);
  let from = 0;
  let to = 0;
  for (const end of ends) {
    const line = lines.subarray(from, end - 1);
    to = putHead(out, to, opcode, line.length);
    out.set(line, to);
    to += line.length;
    from = end + 1;
  }
  return out;
}

function headLength(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65536 ? 4 : MAX_HEAD_BYTES - 4;
}

/** Writes the head of a whole message; returns the position of its payload. */
function putHead(out: Uint8Array, at: number, opcode: number, length: number): number {
  out[at] = FIN | opcode;
  const size = headLength(length) - 2;
  out[at + 1] = size === 0 ? length : size === 2 ? 126 : 127;
  for (let index = size, rest = length; index > 0; index--, rest = Math.floor(rest / 256)) {
    out[at + 1 + index] = rest & 255;
  }
  return at + 2 + size;
}
