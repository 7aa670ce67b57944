/** A connection that carries the frames of a relay (`relay/frame.ts`), read in order and written within bounds. */
import { RelayFrameReader } from "../relay/frame.ts";
import { closeQuietly, type Conn } from "./conn.ts";
import { SendQueue } from "./send_queue.ts";

const READ_BYTES = 64 * 1024;

export class FrameConn {
  readonly conn: Conn;
  /** Filled by {@link send}. */
  readonly queue: SendQueue;
  readonly #buffer = new Uint8Array(READ_BYTES);
  /** Bytes that were read and not used. */
  #unused: Uint8Array = this.#buffer.subarray(0, 0);
  #reader: RelayFrameReader;
  /** How often something was read. */
  reads = 0;

  /** `maxFrameBytes`: bound on the frames of the peer. */
  constructor(conn: Conn, maxFrameBytes: number, maxQueueBytes: number) {
    this.conn = conn;
    this.#reader = new RelayFrameReader(maxFrameBytes);
    this.queue = new SendQueue(conn, maxQueueBytes, () => this.close());
  }

  /** Queues whole frames; false if the peer does not read and the queue is full. */
  send(frames: Uint8Array[]): boolean {
    return this.queue.push(frames);
  }

  /** Sets another bound on the next frames. */
  set maxFrameBytes(bytes: number) {
    this.#reader = new RelayFrameReader(bytes);
  }

  /**
   * The next frame in what was read so far; undefined: {@link fill} reads more. Throws a `RelayFault` if the peer sends
   * none.
   */
  next(): Uint8Array<ArrayBuffer> | undefined {
    while (this.#unused.length > 0) {
      this.#unused = this.#unused.subarray(this.#reader.take(this.#unused));
      if (this.#reader.frame !== undefined) return this.#reader.frame;
    }
    return undefined;
  }

  /** Reads once; false at the end, or if the connection breaks. */
  async fill(): Promise<boolean> {
    const length = await this.conn.read(this.#buffer).catch(() => null);
    this.#unused = this.#buffer.subarray(0, length ?? 0);
    this.reads++;
    return length !== null;
  }

  /** The next frame; undefined at the end. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      const frame = this.next();
      if (frame !== undefined) return frame;
      if (!await this.fill()) return undefined;
    }
  }

  /** Bytes that were read after the last frame: a copy. */
  takeRest(): Uint8Array<ArrayBuffer> {
    const rest = new Uint8Array(this.#unused);
    this.#unused = this.#buffer.subarray(0, 0);
    return rest;
  }

  /** Closes at once; queued frames are lost. */
  close(): void {
    this.queue.discard();
    closeQuietly(this.conn);
  }
}
