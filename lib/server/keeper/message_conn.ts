/** A connection between keeper and hub (`keeper_protocol.ts`), from either end. */
import { encodeUtf8 } from "../../base/bytes.ts";
import { closeQuietly, writeAll } from "../../net/conn.ts";
import { LineCutter } from "../console/admin_protocol.ts";
import { formatMessage, MAX_KEEPER_LINE_BYTES, parseMessage } from "./keeper_protocol.ts";
import type { HubReport, KeeperOrder } from "./keeper_protocol.ts";

/** Size of one read. */
const READ_BYTES = 4096;

export class MessageConn<In extends HubReport | KeeperOrder, Out extends HubReport | KeeperOrder> {
  readonly #conn: Deno.Conn;
  /** The last write: messages keep their order. */
  #written: Promise<void> = Promise.resolve();

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Sends a message; it is lost if the other side has ended, which {@link messages} tells. */
  send(message: Out): void {
    const bytes = encodeUtf8(formatMessage(message));
    this.#written = this.#written.then(() => writeAll(this.#conn, bytes)).catch(() => this.close());
  }

  /** Resolves when all messages so far are written, or lost. */
  flushed(): Promise<void> {
    return this.#written;
  }

  /** What the other side says, until it ends or says something else than messages. */
  async *messages(): AsyncGenerator<In> {
    const cutter = new LineCutter(MAX_KEEPER_LINE_BYTES);
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (let count = await this.#read(buffer); count !== null; count = await this.#read(buffer)) {
        for (const line of cutter.push(buffer.subarray(0, count)) ?? [""]) {
          const message = parseMessage<In>(line);
          if (message === undefined) return;
          yield message;
        }
      }
    } finally {
      this.close();
    }
  }

  /** Bytes read; null: the end. */
  #read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.#conn.read(buffer).catch(() => null);
  }

  close(): void {
    closeQuietly(this.#conn);
  }
}
