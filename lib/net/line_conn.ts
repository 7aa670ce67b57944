/** A connection that speaks lines: chunks in, lines out to a handler; buffers in, written in order and bounded. */
import { MAX_CLIENT_TAGS_BYTES, MAX_LINE_BYTES } from "../irc/limits.ts";
import { LineSplitter } from "../irc/line_splitter.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import { closeQuietly, type Conn } from "./conn.ts";
import { fitReadBuffer, READ_IDLE_BYTES } from "./read_buffer.ts";
import type { SendShare } from "./send_budget.ts";
import { SEND_QUEUE_MAX_BYTES, SendQueue } from "./send_queue.ts";
import type { WriteScheduler } from "./write_scheduler.ts";

/** After the last line is written, the peer has this long to close its side before we close ours. */
const LINGER_MS = 500;
/** What it sends meanwhile is read and dropped, up to so many reads: then it is no peer that reads its farewell. */
const MAX_LINGER_READS = 64;
/**
 * What input costs before its lines are worked on, for `SocketPolls`; measured, and rather too high. A line that is not UTF-8
 * takes 0.0004 ms, a WebSocket ping 0.0009.
 */
const READ_COST_MS = 0.01;
const BYTE_COST_MS = 1.5e-5;
const LINE_COST_MS = 5e-4;
const FRAME_COST_MS = 1e-3;

const LIMITS = { tagsBytes: MAX_CLIENT_TAGS_BYTES, restBytes: MAX_LINE_BYTES };

export interface LineHandler {
  /**
   * What one read has brought: whole lines, in order, or none; so many bytes, and of a protocol with frames so many frames.
   * The promise, where one is returned, holds the next ones back.
   */
  handleLines(lines: (string | LineFault)[], bytes: number, frames: number): Promise<void> | undefined;
  /** Called once: the peer has closed, or reading or writing has failed. */
  handleClosed(reason: string): void;
}

export class LineConn {
  readonly #conn: Conn;
  readonly #writeScheduler: WriteScheduler;
  /** What waits to be written; changed by {@link send} only. */
  readonly queue: SendQueue;
  readonly #splitter = new LineSplitter(LIMITS);
  #handler: LineHandler | undefined;
  /** Settles when the lines handed over last have been worked on. */
  #handled: Promise<void> | undefined;
  #ending = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /** `turns` is shared by all connections of a server, `share` by those of one address. */
  constructor(conn: Conn, turns: WriteScheduler, maxQueueBytes = SEND_QUEUE_MAX_BYTES, share?: SendShare) {
    this.#conn = conn;
    this.#writeScheduler = turns;
    if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
    this.queue = new SendQueue(
      conn,
      maxQueueBytes,
      (error) => this.#handleLost(describeConnectionError(error)),
      turns,
      share,
    );
  }

  /** Reads until the connection ends; lines and the end go to `handler`. */
  async serve(handler: LineHandler): Promise<void> {
    this.#handler = handler;
    const { polls } = this.#writeScheduler;
    let buffer = new Uint8Array(READ_IDLE_BYTES);
    let lingerReads = 0;
    try {
      for (;;) {
        const length = await this.#conn.read(buffer);
        this.#writeScheduler.spend();
        if (this.#handled !== undefined) await this.#handled; // one read ahead of what is worked on, and no more
        this.#handled = undefined;
        if (length === null) return this.#handleLost("Connection closed");
        if (this.#ending) { // what a peer says after its farewell is read and dropped
          if (++lingerReads > MAX_LINGER_READS) return this.#handleLost("Connection closed");
        } else this.#handleInput(handler, buffer, length);
        buffer = fitReadBuffer(buffer, length);
        const unpolled = polls.overduePoll;
        if (unpolled !== undefined) await unpolled;
      }
    } catch (error) {
      this.#handleLost(describeConnectionError(error));
      await this.#handled;
    }
  }

  /** Not in the loop of {@link serve}, which would hold the last lines as long as it waits for the next. */
  #handleInput(handler: LineHandler, buffer: Uint8Array, length: number): void {
    const lines: (string | LineFault)[] = [];
    this.#splitter.push(buffer.subarray(0, length), lines);
    const { frames = 0 } = this.#conn;
    this.#writeScheduler.polls.spend(
      READ_COST_MS + length * BYTE_COST_MS + lines.length * LINE_COST_MS + frames * FRAME_COST_MS,
    );
    this.#handled = handler.handleLines(lines, length, frames);
  }

  /** Queues `chunks`, and keeps the array; `false` when the peer reads too slowly for the bound. */
  send(chunks: Uint8Array[]): boolean {
    return this.queue.push(chunks);
  }

  /** Writes what is queued, tells the peer that there is no more, and closes; at the latest after `lingerMs`. */
  async end(lingerMs = LINGER_MS): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#linger = setTimeout(() => this.destroy(), lingerMs);
    await this.queue.flushed();
    try {
      await this.#conn.closeWrite();
    } catch { // the peer was faster
      this.destroy();
    }
  }

  /** Closes at once; what is queued is lost. */
  destroy(): void {
    this.#ending = true;
    clearTimeout(this.#linger);
    this.queue.discard();
    closeQuietly(this.#conn);
  }

  /** What the peer said before is worked on first, though the peer be gone: it has been read. */
  #handleLost(reason: string): void {
    this.destroy();
    const handler = this.#handler;
    this.#handler = undefined;
    if (this.#handled === undefined) handler?.handleClosed(reason);
    else void this.#handled.then(() => handler?.handleClosed(reason));
  }
}

function describeConnectionError(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
    return "Connection reset";
  }
  if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
    return "Connection closed";
  }
  return error instanceof Error ? error.message : String(error);
}
