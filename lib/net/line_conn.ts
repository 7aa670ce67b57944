/**
 * A connection that carries lines: splits received chunks into lines for a handler, and writes buffers in order and
 * within bounds.
 */
import { MAX_CLIENT_TAGS_BYTES, MAX_LINE_BYTES } from "../irc/limits.ts";
import { LineSplitter } from "../irc/line_splitter.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import { closeQuietly, type Conn } from "./conn.ts";
import { fitReadBuffer, READ_IDLE_BYTES } from "./read_buffer.ts";
import type { QueueLoad, SendShare } from "./send_budget.ts";
import { SEND_QUEUE_MAX_BYTES, SendQueue } from "./send_queue.ts";
import type { WriteScheduler } from "./write_scheduler.ts";

/** Time that the peer has to close its side after the last line before this side closes. */
const LINGER_MS = 500;
/** Reads dropped meanwhile; a peer that sends more does not react to the last line. */
const MAX_LINGER_READS = 64;
/**
 * Cost of input before its lines are handled, for {@link SocketPollBudget}: measured, rounded up. A line that is not
 * UTF-8 takes 0.0004 ms, a WebSocket ping 0.0009.
 */
const READ_COST_MS = 0.01;
const BYTE_COST_MS = 1.5e-5;
const LINE_COST_MS = 5e-4;
const FRAME_COST_MS = 1e-3;

const LIMITS = { tagsBytes: MAX_CLIENT_TAGS_BYTES, restBytes: MAX_LINE_BYTES };

export interface LineHandler {
  /**
   * Handles the result of one read: complete lines in order, possibly none; the number of bytes, and of frames if the
   * protocol has them. A returned promise holds back the next call.
   */
  handleLines(lines: (string | LineFault)[], bytes: number, frames: number): Promise<void> | undefined;
  /** Called once, when the peer has closed or a read or write has failed. */
  handleClosed(reason: string): void;
}

/** Output of a client's connection: {@link LineConn}, or a session at a front. */
export interface OutputConn {
  /** Queues `chunks` and takes ownership of the array; false if the peer reads too slowly and the queue is full. */
  send(chunks: Uint8Array[]): boolean;
  /** Writes what is queued, and closes. */
  end(): Promise<void>;
  /** Closes at once; queued bytes are lost. */
  destroy(): void;
  readonly queue: QueueLoad & {
    /** Milliseconds since the write in flight last made progress. */
    stalledMs(now: number): number;
  };
}

export class LineConn implements OutputConn {
  readonly #conn: Conn;
  readonly #writeScheduler: WriteScheduler;
  /** Queue of bytes to write; filled by {@link send} only. */
  readonly queue: SendQueue;
  readonly #splitter = new LineSplitter(LIMITS);
  #handler: LineHandler | undefined;
  /** Settles when the last lines have been handled. */
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

  /** Reads until the connection ends; `handler` gets the lines and the end. */
  async serve(handler: LineHandler): Promise<void> {
    this.#handler = handler;
    const { polls } = this.#writeScheduler;
    let buffer = new Uint8Array(READ_IDLE_BYTES);
    let lingerReads = 0;
    try {
      for (;;) {
        const length = await this.#conn.read(buffer);
        this.#writeScheduler.spend();
        if (this.#handled !== undefined) await this.#handled; // at most one read ahead of the lines being handled
        this.#handled = undefined;
        if (length === null) return this.#handleLost("Connection closed");
        if (this.#ending) { // input after the last line is dropped
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

  /**
   * Separate from the loop in {@link serve}, which would keep the last lines in memory while it waits for the next.
   */
  #handleInput(handler: LineHandler, buffer: Uint8Array, length: number): void {
    const lines: (string | LineFault)[] = [];
    this.#splitter.push(buffer.subarray(0, length), lines);
    const { frames = 0 } = this.#conn;
    this.#writeScheduler.polls.spend(
      READ_COST_MS + length * BYTE_COST_MS + lines.length * LINE_COST_MS + frames * FRAME_COST_MS,
    );
    this.#handled = handler.handleLines(lines, length, frames);
  }

  /** Queues `chunks` and takes ownership of the array; false if the peer reads too slowly and the queue is full. */
  send(chunks: Uint8Array[]): boolean {
    return this.queue.push(chunks);
  }

  /** Writes the queue, tells the peer that nothing follows, and closes; after `lingerMs` at the latest. */
  async end(lingerMs = LINGER_MS): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#linger = setTimeout(() => this.destroy(), lingerMs);
    await this.queue.flushed();
    try {
      await this.#conn.closeWrite();
    } catch { // the peer closed first
      this.destroy();
    }
  }

  /** Closes at once; queued bytes are lost. */
  destroy(): void {
    this.#ending = true;
    clearTimeout(this.#linger);
    this.queue.discard();
    closeQuietly(this.#conn);
  }

  /** Lines that were read before the connection was lost are handled first. */
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
