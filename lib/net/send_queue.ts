/**
 * What waits to be written to one connection. At most one write is in flight; all that gathers behind it goes out as the
 * next one. The queue is bounded: a reader too slow for it is let go, and costs nobody else anything.
 */
import { concat } from "../base/bytes.ts";
import type { WriteTurns } from "./write_turns.ts";

/** Bytes that may wait for one connection (the "SendQ" of other servers). */
export const SEND_QUEUE_MAX_BYTES = 4 * 1024 * 1024;
/** Waiting chunks are joined up to this size, so that one write carries many lines. */
const WRITE_MAX_BYTES = 256 * 1024;

/** An empty queue, as most are, holds no list of its own. Never changed. */
const NOTHING: Uint8Array[] = [];

/** What has to wait does not hold on to a buffer that is so many times as large. */
const MAX_BUFFER_SHARE = 4;

export interface Writer {
  write(bytes: Uint8Array): Promise<number>;
}

export class SendQueue {
  #waiting: Uint8Array[] = NOTHING;
  #bytes = 0;
  /** The write in flight. */
  #current: Uint8Array | undefined;
  /** A write has been asked for and has not begun. */
  #listed = false;
  #failed = false;
  #idle: (() => void)[] | undefined;
  // One pair for the life of the queue: a write makes no closures.
  readonly #onWritten = (written: number) => this.#written(written);
  readonly #onFailed = (error: unknown) => this.#fail(error);

  /**
   * `onError` is called at most once, when a write fails; nothing is written after it. Without `turns` writes begin at
   * once.
   */
  constructor(
    readonly writer: Writer,
    readonly maxBytes: number,
    readonly onError: (error: unknown) => void,
    readonly turns?: WriteTurns,
  ) {}

  /** Bytes accepted and not yet taken by the kernel. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Queues `chunks` and starts to write; `false`, and nothing queued, when that would exceed the bound. The array is the
   * queue's own from here on: none is made for each receiver and write.
   */
  push(chunks: Uint8Array[]): boolean {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (this.#bytes + bytes > this.maxBytes) return false;
    if (this.#failed || bytes === 0) return true;
    this.#bytes += bytes;
    if (this.#current !== undefined) disown(chunks);
    if (this.#waiting.length === 0) this.#waiting = chunks;
    else for (const chunk of chunks) this.#waiting.push(chunk);
    if (this.#current === undefined) this.#ask();
    return true;
  }

  /** Settles once nothing waits any more, or a write has failed. */
  async flushed(): Promise<void> {
    if (this.#bytes > 0) await new Promise<void>((resolve) => (this.#idle ??= []).push(resolve));
  }

  /** Starts the next write, if there is one to start. For {@link WriteTurns}. */
  write(): void {
    this.#listed = false;
    const buffer = this.#take();
    if (buffer === undefined) return;
    this.#current = buffer;
    this.writer.write(buffer).then(this.#onWritten, this.#onFailed);
  }

  #ask(): void {
    if (this.#listed) return;
    this.#listed = true;
    if (this.turns === undefined) this.write();
    else this.turns.add(this);
  }

  #written(written: number): void {
    const buffer = this.#current!;
    this.#bytes -= written;
    if (written < buffer.length) this.#waiting = [buffer.subarray(written), ...this.#waiting];
    this.#next();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#waiting = NOTHING;
    this.#bytes = 0;
    this.onError(error);
    this.#next();
  }

  #next(): void {
    this.#current = undefined;
    if (this.#waiting.length > 0) return this.#ask();
    for (const resolve of this.#idle?.splice(0) ?? []) resolve();
  }

  /** The next write: one chunk as it is, or several joined. */
  #take(): Uint8Array | undefined {
    const waiting = this.#waiting;
    if (waiting.length === 0) return undefined;
    let count = 1;
    for (let bytes = waiting[0]!.length; count < waiting.length; count++) {
      bytes += waiting[count]!.length;
      if (bytes > WRITE_MAX_BYTES) break;
    }
    this.#waiting = count === waiting.length ? NOTHING : waiting.slice(count);
    return count === 1 ? waiting[0] : concat(waiting.slice(0, count));
  }
}

/** Small parts of large buffers get buffers of their own. */
function disown(chunks: Uint8Array[]): void {
  for (const [at, chunk] of chunks.entries()) {
    if (chunk.length * MAX_BUFFER_SHARE < chunk.buffer.byteLength) chunks[at] = chunk.slice();
  }
}
