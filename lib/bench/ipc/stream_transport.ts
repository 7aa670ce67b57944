/** Records over a connection: TCP or a Unix socket. A batch is one write. */
import { preciseNow } from "../process_usage.ts";
import { FrameBuffer, FrameSplitter } from "./frames.ts";
import { describeEnd } from "./transport.ts";
import type { OnRecord, RecordReceiver, RecordSender } from "./transport.ts";

export class StreamSender implements RecordSender {
  readonly #conn: Deno.Conn;
  readonly #frames = new FrameBuffer();

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  async sendBatch(count: number, next: () => Uint8Array): Promise<void> {
    const frames = this.#frames;
    frames.clear();
    for (let nth = 0; nth < count; nth++) frames.add(next());
    const { bytes } = frames;
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }
}

export class StreamReceiver implements RecordReceiver {
  readonly #listener: Deno.Listener;
  readonly #frames = new FrameSplitter();

  /** Takes the first connection to `listener`. */
  constructor(listener: Deno.Listener) {
    this.#listener = listener;
  }

  get partialBytes(): number {
    return this.#frames.partialBytes;
  }

  async receive(onRecord: OnRecord): Promise<string> {
    const conn = await this.#listener.accept();
    try {
      for (;;) {
        const count = await conn.read(this.#frames.free);
        if (count === null) return "end of stream";
        this.#frames.take(count, preciseNow(), onRecord);
      }
    } catch (error) {
      return describeEnd(error);
    }
  }
}
