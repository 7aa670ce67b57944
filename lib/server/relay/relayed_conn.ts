/** A client's connection that a front holds, as the server sees it. */
import type { LineHandler, OutputConn } from "../../net/line_conn.ts";
import { SEND_QUEUE_MAX_BYTES } from "../../net/send_queue.ts";
import type { RelayedLine } from "../../relay/line_batch.ts";

/** The front has the queue, and bounds it. */
const NO_QUEUE = { stalledMs: () => 0, heldBytes: 0, share: undefined };

/** What a relayed connection needs of the link to its front. */
export interface RelayedConnHost {
  deliver(session: number, chunks: readonly Uint8Array[]): void;
  /** The session gets no more: its connection is closed when all is written, or at once. */
  end(session: number, atOnce: boolean): void;
  /** The lines before `number` are handled. */
  answer(session: number, number: number): void;
  forget(session: number): void;
}

export class RelayedConn implements OutputConn {
  readonly queue = NO_QUEUE;
  readonly #link: RelayedConnHost;
  /** Number of the session at its front. */
  readonly #number: number;
  /** Undefined: it has been told of the end. */
  #handler: LineHandler | undefined;
  /** Settles when the last lines have been handled. */
  #handled: Promise<void> | undefined;
  #isEnding = false;

  constructor(link: RelayedConnHost, number: number) {
    this.#link = link;
    this.#number = number;
  }

  /** Called once, before any line. */
  start(handler: LineHandler): void {
    this.#handler = handler;
  }

  send(chunks: Uint8Array[]): boolean {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (bytes > SEND_QUEUE_MAX_BYTES) return false;
    if (bytes > 0 && this.#handler !== undefined) this.#link.deliver(this.#number, chunks);
    return true;
  }

  end(): Promise<void> {
    if (!this.#isEnding && this.#handler !== undefined) this.#link.end(this.#number, false);
    this.#isEnding = true;
    return Promise.resolve();
  }

  destroy(): void {
    this.#isEnding = true;
    if (this.#handler === undefined) return;
    this.#link.end(this.#number, true);
    this.handleClosed("Connection closed");
  }

  /** One read of the client; its lines are handled before the front sends the next one. */
  handleLines(lines: RelayedLine[], bytes: number, frames: number, end: number): void {
    if (this.#isEnding || this.#handler === undefined) return this.#link.answer(this.#number, end);
    this.#handled = this.#handler.handleLines(lines, bytes, frames);
    if (this.#handled === undefined) return this.#link.answer(this.#number, end);
    void this.#handled.then(() => {
      if (this.#handler !== undefined) this.#link.answer(this.#number, end);
    });
  }

  /** Lines that were read before the connection ended are handled first. */
  handleClosed(reason: string): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    this.#handler = undefined;
    this.#link.forget(this.#number);
    if (this.#handled === undefined) handler.handleClosed(reason);
    else void this.#handled.then(() => handler.handleClosed(reason));
  }
}
