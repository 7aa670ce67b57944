/**
 * Input of a connection that carries one HTTP request after another: bytes that were read and not used belong to what
 * follows. While a response is made it reads ahead, within a bound, and so learns that the peer is gone.
 */
import type { Conn } from "../conn.ts";

/** Bytes of later requests that are read while a response is made; further ones wait in the network. */
export const MAX_READ_AHEAD_BYTES = 16 * 1024;
const READ_BYTES = 4096;

const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);

export class HttpInput {
  readonly #conn: Pick<Conn, "read">;
  /** Read and not used. */
  #bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  /** The read in progress: a connection has at most one. */
  #reading: Promise<boolean> | undefined;
  #hasEnded = false;

  constructor(conn: Pick<Conn, "read">) {
    this.#conn = conn;
  }

  /** Bytes that were read and not used; they stay until {@link skip}. */
  get available(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Marks the first `count` of the {@link available} bytes as used. */
  skip(count: number): void {
    this.#bytes = count === this.#bytes.length ? NO_BYTES : this.#bytes.subarray(count);
  }

  /** Reads at least one byte more; false at the end of the input, or if the connection breaks. */
  readMore(): Promise<boolean> {
    if (this.#hasEnded) return Promise.resolve(false);
    return this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  /** Reads ahead until `signal` is aborted; calls `onEnd` if the input ends before. */
  async watch(signal: AbortSignal, onEnd: () => void): Promise<void> {
    while (!signal.aborted && this.#bytes.length < MAX_READ_AHEAD_BYTES) {
      if (!await this.readMore()) return onEnd();
    }
  }

  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(READ_BYTES);
    try {
      let length: number | null;
      do length = await this.#conn.read(buffer); while (length === 0);
      if (length !== null) {
        this.#append(buffer.subarray(0, length));
        return true;
      }
    } catch {
      // the connection broke
    }
    this.#hasEnded = true;
    return false;
  }

  #append(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#bytes.length === 0) {
      this.#bytes = bytes;
      return;
    }
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
  }
}
