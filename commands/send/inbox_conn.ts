/** A connection to a server on this machine that writes through the server's inbox once it has a token. */
import { callAfter } from "../../lib/base/deadlines.ts";
import type { Conn } from "../../lib/net/conn.ts";
import type { InboxWriter } from "../../lib/shm/inbox.ts";

/** Bytes of one record, without the token. */
const CHUNK_BYTES = 16 * 1024;
/** Pauses before the next attempt, while the inbox is full or held by another writer. */
const FIRST_PAUSE_MS = 1, LAST_PAUSE_MS = 20;
/** An empty line, which causes the server to read. */
const WAKE = new Uint8Array([0x0a]);

export class InboxConn implements Conn {
  readonly #conn: Conn;
  #inbox: { readonly writer: Pick<InboxWriter, "tryPut">; readonly token: Uint8Array } | undefined;
  #isClosed = false;
  #isBroken = false;

  constructor(conn: Conn) {
    this.#conn = conn;
  }

  /** Writes through the inbox from now on, as the session of `token`. */
  useInbox(writer: Pick<InboxWriter, "tryPut">, token: Uint8Array): void {
    this.#inbox = { writer, token };
  }

  /** The inbox takes nothing more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.#inbox === undefined) return await this.#conn.write(bytes);
    const { writer, token } = this.#inbox;
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      await this.#put(writer, new Uint8Array([...token, ...bytes.subarray(at, at + CHUNK_BYTES)]));
      await this.#conn.write(WAKE);
    }
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#isClosed = true;
    this.#conn.close();
  }

  /**
   * Puts one record in, as soon as there is room and no other writer is at it; ends with the connection. An inbox that is
   * full may hold records of clients of which no connection is read: any read of the server takes all out.
   */
  async #put(writer: Pick<InboxWriter, "tryPut">, record: Uint8Array): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS)) {
      const outcome = writer.tryPut(record);
      if (outcome === "put") return;
      if (outcome !== "full" && outcome !== "busy") {
        this.#isBroken = true;
        throw new Error("the inbox takes nothing more");
      }
      if (outcome === "full") await this.#conn.write(WAKE);
      await new Promise<void>((resolve) => callAfter(pauseMs, resolve));
      if (this.#isClosed) throw new Deno.errors.Interrupted("closed");
    }
  }
}
