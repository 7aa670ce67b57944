/** Bytes of one connection passed on to another one, in both directions. */
import { concatBytes } from "../base/bytes.ts";
import { closeQuietly, type Conn, writeAll } from "./conn.ts";

const BUFFER_BYTES = 16 * 1024;

/** A connection with bytes that were read from it already: they come first. */
export class PrefixedConn implements Conn {
  readonly #conn: Conn;
  #first: Uint8Array;

  constructor(conn: Conn, first: Uint8Array) {
    this.#conn = conn;
    this.#first = first;
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const count = Math.min(buffer.length, this.#first.length);
    if (count === 0) return this.#conn.read(buffer);
    buffer.set(this.#first.subarray(0, count));
    this.#first = this.#first.subarray(count);
    return Promise.resolve(count);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }
}

/** A connection that keeps what is read from it. */
export class RecordingConn implements Pick<Conn, "read"> {
  readonly #conn: Pick<Conn, "read">;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(conn: Pick<Conn, "read">) {
    this.#conn = conn;
  }

  /** All bytes that were read. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const length = await this.#conn.read(buffer);
    if (length !== null) this.#bytes = concatBytes([this.#bytes, buffer.subarray(0, length)]);
    return length;
  }
}

/** Passes on the bytes of both until both have ended or one breaks; closes them. */
export async function joinConns(one: Conn, other: Conn): Promise<void> {
  const close = () => {
    closeQuietly(one);
    closeQuietly(other);
  };
  await Promise.all([passOn(one, other).catch(close), passOn(other, one).catch(close)]);
  close();
}

/** Passes on what `from` sends, and its end. */
async function passOn(from: Conn, to: Conn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
    await writeAll(to, buffer.subarray(0, length));
  }
  await to.closeWrite();
}
