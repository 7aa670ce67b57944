/**
 * Bytes to be written to one connection. At most one write is in flight; everything queued meanwhile goes into the
 * next one. The queue is bounded: a peer that reads too slowly is disconnected and does not affect others.
 */
import { assert } from "../base/assert.ts";
import { concatBytes } from "../base/bytes.ts";
import type { SendShare } from "./send_budget.ts";
import type { WriteScheduler } from "./write_scheduler.ts";

/** Bound on the bytes that wait for one connection (the "SendQ" of other servers). */
export const SEND_QUEUE_MAX_BYTES = 4 * 1024 * 1024;
/** Waiting chunks are joined up to this size, so that one write carries many lines. */
const WRITE_MAX_BYTES = 256 * 1024;
/** With more chunks they are joined: each takes some 200 bytes beside its content, which no bound counts. */
const MAX_CHUNKS = 256;
/**
 * A connection is closed if its peer has accepted nothing of a write for this time, even if it sends (like nginx's
 * `send_timeout`).
 */
export const WRITE_TIMEOUT_MS = 60_000;

/** Shared by all empty queues, which most are. Never modified. */
const NO_CHUNKS: Uint8Array[] = [];

/** A waiting chunk is copied if its buffer is more than this many times as large. */
const MAX_BUFFER_SHARE = 4;

export interface Writer {
  write(bytes: Uint8Array): Promise<number>;
  /** See `Conn`. */
  readonly taken?: number;
  readonly copies?: number;
}

export class SendQueue {
  #waiting: Uint8Array[] = NO_CHUNKS;
  #bytes = 0;
  /** The write in flight. */
  #current: Uint8Array | undefined;
  /** A write was requested and has not begun. */
  #listed = false;
  #failed = false;
  #flushWaiters: (() => void)[] | undefined;
  readonly #copies: number;
  /** Bytes reported to {@link share}. */
  #held = 0;
  /**
   * The write in flight when {@link stalledMs} last saw progress, the bytes the network had accepted then, and the
   * time.
   */
  #watched: Uint8Array | undefined;
  #watchedTaken = 0;
  #stalledSince = 0;
  // Created once per queue, so that a write allocates no closures.
  readonly #onWritten = (written: number) => this.#written(written);
  readonly #onFailed = (error: unknown) => this.#fail(error);

  /**
   * `onError` is called at most once, when a write fails; nothing is written afterwards. Without `turns` writes begin
   * at once. `share`: counts all queues of one address.
   */
  constructor(
    readonly writer: Writer,
    readonly maxBytes: number,
    readonly onError: (error: unknown) => void,
    readonly turns?: WriteScheduler,
    readonly share?: SendShare,
  ) {
    this.#copies = writer.copies ?? 0;
  }

  /** Bytes queued and not yet accepted by the kernel. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes in memory: {@link bytes}, and the connection's copies of the write in flight. */
  get heldBytes(): number {
    return this.#bytes + (this.#current?.length ?? 0) * this.#copies;
  }

  /**
   * Milliseconds since the write in flight last made progress, as observed by calls of this method; 0 if there is
   * none.
   */
  stalledMs(now: number): number {
    const current = this.#current;
    if (current === undefined) return 0;
    const { taken = 0 } = this.writer;
    if (this.#watched !== current || this.#watchedTaken !== taken) {
      this.#watched = current;
      this.#watchedTaken = taken;
      this.#stalledSince = now;
    }
    return now - this.#stalledSince;
  }

  /**
   * Queues `chunks` and starts to write; false, with nothing queued, if that would exceed the bound. The queue takes
   * ownership of the array, so that none is allocated per receiver and write.
   */
  push(chunks: Uint8Array[]): boolean {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (this.#bytes + bytes > this.maxBytes) return false;
    if (this.#failed || bytes === 0) return true;
    this.#bytes += bytes;
    if (this.#current !== undefined) copySmallParts(chunks);
    if (this.#waiting.length === 0) this.#waiting = chunks;
    else for (const chunk of chunks) this.#waiting.push(chunk);
    if (this.#waiting.length > MAX_CHUNKS) this.#waiting = joinChunks(this.#waiting);
    if (this.#current === undefined) this.#requestWrite();
    this.#updateShare();
    return true;
  }

  /** Settles once the queue is empty or a write has failed. */
  async flushed(): Promise<void> {
    if (this.#bytes > 0) await new Promise<void>((resolve) => (this.#flushWaiters ??= []).push(resolve));
  }

  /** Drops the queue; nothing is written any more. The connection is being closed. */
  discard(): void {
    this.#failed = true;
    this.#waiting = NO_CHUNKS;
    this.#bytes = 0;
    this.#current = undefined;
    this.#watched = undefined;
    this.#updateShare();
    this.#release();
  }

  /** Starts the next write, if any. For {@link WriteScheduler}. */
  write(): void {
    this.#listed = false;
    const buffer = this.#takeNextWrite();
    if (buffer === undefined) return;
    this.#current = buffer;
    if (this.#copies > 0) this.#updateShare();
    this.writer.write(buffer).then(this.#onWritten, this.#onFailed);
  }

  #requestWrite(): void {
    if (this.#listed) return;
    this.#listed = true;
    if (this.turns === undefined) this.write();
    else this.turns.add(this);
  }

  #written(written: number): void {
    if (this.#failed) return;
    const buffer = this.#current!;
    assert(written >= 0 && written <= buffer.length, "the network takes no more bytes than it is given");
    this.#bytes -= written;
    if (written < buffer.length) this.#waiting = [buffer.subarray(written), ...this.#waiting];
    this.#current = undefined;
    this.#watched = undefined;
    this.#updateShare();
    if (this.#waiting.length > 0) this.#requestWrite();
    else this.#release();
  }

  #fail(error: unknown): void {
    this.discard();
    this.onError(error);
  }

  #release(): void {
    for (const resolve of this.#flushWaiters?.splice(0) ?? []) resolve();
  }

  /** Reports a change of {@link heldBytes} to {@link share}. */
  #updateShare(): void {
    if (this.share === undefined) return;
    const bytes = this.heldBytes;
    this.share.add(bytes - this.#held);
    this.#held = bytes;
  }

  /** The next write: a single chunk, or several joined. */
  #takeNextWrite(): Uint8Array | undefined {
    const waiting = this.#waiting;
    if (waiting.length === 0) return undefined;
    const count = chunksInWrite(waiting);
    this.#waiting = count === waiting.length ? NO_CHUNKS : waiting.slice(count);
    return count === 1 ? waiting[0] : concatBytes(waiting.slice(0, count));
  }
}

/** Copies chunks that are small parts of large buffers. */
function copySmallParts(chunks: Uint8Array[]): void {
  for (const [at, chunk] of chunks.entries()) {
    if (chunk.length * MAX_BUFFER_SHARE < chunk.buffer.byteLength) chunks[at] = chunk.slice();
  }
}

/** The same bytes in as few chunks as there will be writes. Chunks end at line ends. */
function joinChunks(chunks: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let from = 0; from < chunks.length;) {
    const count = chunksInWrite(chunks, from);
    out.push(count === 1 ? chunks[from]! : concatBytes(chunks.slice(from, from + count)));
    from += count;
  }
  return out;
}

/** Number of chunks from `from` on that go into one write: one, or as many as fit. */
function chunksInWrite(chunks: readonly Uint8Array[], from = 0): number {
  let count = 1;
  for (let bytes = chunks[from]!.length; from + count < chunks.length; count++) {
    bytes += chunks[from + count]!.length;
    if (bytes > WRITE_MAX_BYTES) break;
  }
  return count;
}
