/**
 * The body of a response of server-sent events (HTML Living Standard, "Server-sent events"): a queue between what
 * happens and the client that reads. A queue that is full is emptied, and its last event says so: what was dropped
 * has not been sent, so the client goes on from the last position that it has.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { formatJsonLine } from "../../cli/json_line.ts";

/** Bytes that wait for a client; beyond them the stream ends. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
/** While so many bytes wait, no further page of history is read. */
const HIGH_WATER_BYTES = 64 * 1024;

export interface StreamEvent {
  /** Left out: `message`. */
  readonly event?: string;
  /** The position behind the event. */
  readonly id?: string | undefined;
  readonly data: unknown;
}

/** One event with the empty line behind it. JSON has no line feed, so that `data` is one line. */
export function formatStreamEvent({ event, id, data }: StreamEvent): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  const position = id === undefined ? "" : `id: ${id}\n`;
  return `${name}${position}data: ${formatJsonLine(data)}\n`;
}

/** Counts the bytes that wait, beside those of other responses. */
export interface QueueShare {
  /** Counts so many more; false: they do not fit. */
  tryTake(bytes: number): boolean;
  /** So many wait no longer; left out: none waits. */
  release(bytes?: number): void;
}

export class EventQueue {
  /** The bytes in order, each piece in a chunk of its own. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #maxBytes: number;
  readonly #share: QueueShare;
  readonly #cancelled = new AbortController();
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;
  #hasEnded = false;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #isWanted = false;
  #onDrained: (() => void)[] = [];

  /** What waits is counted in `share`. */
  constructor(share: QueueShare, maxBytes = MAX_QUEUED_BYTES) {
    this.#share = share;
    this.#maxBytes = maxBytes;
    this.body = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: () => this.#cancel(),
    }, { highWaterMark: 0 });
  }

  /** Aborted when the client no longer reads. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Adds `text`; false: it does not fit, and nothing was added. */
  push(text: string): boolean {
    if (this.#hasEnded) return true;
    const bytes = encodeUtf8(text);
    if (this.#bytes + bytes.length > this.#maxBytes) return false;
    // A reader that keeps up goes on, however much waits for others.
    if (!this.#share.tryTake(bytes.length) && this.#bytes > 0) return false;
    this.#add(bytes);
    return true;
  }

  /** Adds `text` as the last piece. `drop`: what waits is dropped before. */
  end(text: string, drop = false): void {
    if (this.#hasEnded) return;
    if (drop) {
      [this.#waiting, this.#bytes] = [[], 0];
      this.#share.release();
    }
    this.#hasEnded = true;
    this.#add(encodeUtf8(text));
    this.#release();
  }

  /** Resolves when little waits, or when the queue has ended. */
  async drained(): Promise<void> {
    while (this.#bytes > HIGH_WATER_BYTES && !this.#hasEnded) {
      await new Promise<void>((resolve) => this.#onDrained.push(resolve));
    }
  }

  #add(bytes: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#isWanted) this.#pull();
  }

  #pull(): void {
    const chunk = this.#waiting.shift();
    this.#isWanted = chunk === undefined;
    if (chunk === undefined) {
      if (this.#hasEnded) this.#close();
      return;
    }
    this.#bytes -= chunk.length;
    this.#share.release(chunk.length);
    this.#controller!.enqueue(chunk);
    if (this.#bytes <= HIGH_WATER_BYTES) this.#release();
    if (this.#hasEnded && this.#waiting.length === 0) this.#close();
  }

  #close(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  #cancel(): void {
    this.#controller = undefined;
    [this.#waiting, this.#bytes, this.#hasEnded, this.#isWanted] = [[], 0, true, false];
    this.#share.release();
    this.#release();
    this.#cancelled.abort();
  }

  #release(): void {
    const waiting = this.#onDrained;
    this.#onDrained = [];
    for (const resolve of waiting) resolve();
  }
}
