/**
 * Lines over WebSocket after the handshake (`http_upgrade.ts`): for its user a connection like any other, a byte
 * stream with CR LF after each line. The platform's own WebSocket would deliver messages of up to 64 MiB however
 * slowly they are handled; this one reads on request and never holds a whole message.
 */
import { fitReadBuffer } from "../read_buffer.ts";
import { closeQuietly, type Conn } from "../conn.ts";
import {
  CLOSE,
  encodeCloseFrame,
  encodeFrame,
  encodeLines,
  FrameReader,
  MIN_RAW_BYTES,
  OPCODE,
} from "./websocket_frames.ts";
import type { FrameEvent } from "./websocket_frames.ts";
import type { WebSocketForm } from "./websocket_handshake.ts";

/** Time that a peer has to read the reason and to close by itself. */
const LINGER_MS = 500;
/** Reads dropped meanwhile. */
const MAX_LINGER_READS = 64;

const NO_BYTES = new Uint8Array(0);

/** Puts lines into frames, for all connections of one form: lines sent to many are framed once. */
export class LineFramer {
  readonly #opcode: number;
  #last: Uint8Array | undefined;
  #framed: Uint8Array = NO_BYTES;

  constructor(form: WebSocketForm) {
    this.#opcode = OPCODE[form];
  }

  /** `lines` are never modified, and each ends with CR LF. */
  frameLines(lines: Uint8Array): Uint8Array {
    if (lines !== this.#last) {
      this.#framed = encodeLines(this.#opcode, lines);
      this.#last = lines;
    }
    return this.#framed;
  }
}

export class WebSocketServerConn implements Conn {
  frames = 0;
  readonly #conn: Conn;
  readonly #framer: LineFramer;
  readonly #reader = new FrameReader();
  #raw = new Uint8Array(MIN_RAW_BYTES);
  /** The unused input in {@link #raw}. */
  #from = 0;
  #to = 0;
  /** The write in progress, or the last of those that wait. */
  #writing: Promise<void> | undefined;
  /** Payload of the next pong: that of the latest ping if there were several (RFC 6455 §5.5.3). */
  #pong: Uint8Array | undefined;
  /** The event that ended the input. */
  #endEvent: (FrameEvent & { kind: "close" | "fault" }) | undefined;
  /** A Close frame was requested: nothing is sent after it. */
  #closing = false;
  /** Bytes accepted by the connection beneath. */
  #taken = 0;

  /** `rest`: bytes received after the handshake. */
  constructor(conn: Conn, framer: LineFramer, rest: Uint8Array = NO_BYTES) {
    this.#conn = conn;
    this.#framer = framer;
    for (let size = MIN_RAW_BYTES; size < rest.length;) this.#raw = new Uint8Array(size *= 4);
    this.#raw.set(rest);
    this.#to = rest.length;
  }

  /**
   * `buffer` has at least two bytes. Reads the connection beneath at most once, so that control frames alone block
   * nothing.
   */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    this.frames = 0;
    for (let hasRead = false; this.#endEvent === undefined;) {
      const event = this.#reader.read(this.#raw.subarray(this.#from, this.#to), buffer);
      const { used, filled, frames } = this.#reader;
      this.#from += used;
      this.frames += frames;
      if (event?.kind === "ping") this.#answerPing(event.payload);
      else this.#endEvent = event; // reported after the data before it
      if (filled > 0) return filled;
      if (event !== undefined) continue;
      if (hasRead) return 0;
      hasRead = true;
      if (!await this.#readRaw()) return null;
    }
    return await this.#finish(this.#endEvent);
  }

  async write(lines: Uint8Array): Promise<number> {
    if (!this.#closing) await this.#enqueueWrite(this.#framer.frameLines(lines));
    return lines.length;
  }

  get taken(): number {
    return this.#taken + (this.#conn.taken ?? 0);
  }

  /** The frames, and the copies of the connection beneath. */
  get copies(): number {
    return 1 + (this.#conn.copies ?? 0);
  }

  async closeWrite(): Promise<void> {
    await this.#close(CLOSE.normal);
  }

  close(): void {
    this.#conn.close();
  }

  /** False at the end. */
  async #readRaw(): Promise<boolean> {
    const rest = this.#to - this.#from;
    this.#raw.copyWithin(0, this.#from, this.#to); // at most a frame's head or a short control frame
    const length = await this.#conn.read(this.#raw.subarray(rest));
    if (length === null) return false;
    this.#from = 0;
    this.#to = rest + length;
    const next = fitReadBuffer(this.#raw, this.#to, MIN_RAW_BYTES);
    if (next !== this.#raw) {
      next.set(this.#raw.subarray(0, this.#to));
      this.#raw = next;
    }
    return true;
  }

  /** Writes one after the other. */
  #enqueueWrite(bytes: Uint8Array): Promise<void> {
    const before = this.#writing;
    const written = before === undefined ? this.#writeAll(bytes) : before.then(() => this.#writeAll(bytes));
    this.#writing = written;
    const over = () => {
      if (this.#writing === written) this.#writing = undefined;
    };
    written.then(over, over);
    return written;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) {
      const taken = await this.#conn.write(bytes.subarray(sent));
      sent += taken;
      this.#taken += taken;
    }
  }

  #answerPing(payload: Uint8Array): void {
    const asked = this.#pong !== undefined;
    this.#pong = payload;
    if (asked) return;
    const answer = () => {
      const pong = this.#pong!;
      this.#pong = undefined;
      return this.#closing ? undefined : this.#enqueueWrite(encodeFrame(OPCODE.pong, pong));
    };
    (this.#writing ?? Promise.resolve()).then(answer).catch(() => {}); // the reader learns that the connection broke
  }

  async #close(code: number, reason?: string): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await this.#enqueueWrite(encodeCloseFrame(code, reason));
  }

  /**
   * Ends the connection, on the peer's request or after a fault; further input of the peer must not cut off the
   * reason.
   */
  async #finish(event: FrameEvent & { kind: "close" | "fault" }): Promise<null> {
    const late = setTimeout(() => closeQuietly(this.#conn), LINGER_MS);
    try {
      await this.#close(event.code, event.kind === "fault" ? event.why : "");
      if (event.kind === "fault") {
        await this.#conn.closeWrite();
        for (let reads = 0; reads < MAX_LINGER_READS && await this.#conn.read(this.#raw) !== null; reads++);
      }
    } catch {
      // the peer closed first
    } finally {
      clearTimeout(late);
    }
    if (event.kind === "close") return null;
    throw new WebSocketError(event.why);
  }
}

/** The input violates the WebSocket protocol. */
class WebSocketError extends Error {
  override readonly name = "WebSocketError";
}
