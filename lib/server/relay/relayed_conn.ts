/** A client's connection that a front holds, as the server sees it. */
import type { LineHandler, OutputConn } from "../../net/line_conn.ts";
import { SEND_QUEUE_MAX_BYTES } from "../../net/send_queue.ts";
import type { RelayedLine } from "../../relay/line_batch.ts";
import { RelayFault } from "../../relay/wire.ts";

/** The front has the queue, and bounds it. */
const NO_QUEUE = { stalledMs: () => 0, heldBytes: 0, share: undefined };

/** What a relayed connection needs of the link to its front. */
export interface RelayedConnHost {
  deliver(session: number, chunks: readonly Uint8Array[]): void;
  /** The session gets no more: its connection is closed when all is written, or at once. */
  end(session: number, atOnce: boolean): void;
  /** The lines of the last read are handled. */
  ready(session: number): void;
  forget(session: number): void;
}

export class RelayedConn implements OutputConn {
  readonly queue = NO_QUEUE;
  readonly #link: RelayedConnHost;
  /** Number of the session at its front. */
  readonly #number: number;
  #nextLine: number;
  /** Undefined: it has been told of the end. */
  #handler: LineHandler | undefined;
  /** Settles when the last lines have been handled. */
  #handled: Promise<void> | undefined;
  #isEnding = false;

  /** `nextLine`: number of the next line that the front sends. */
  constructor(link: RelayedConnHost, number: number, nextLine = 1) {
    this.#link = link;
    this.#number = number;
    this.#nextLine = nextLine;
  }

  /** The front is told that the hub ends it. */
  get isEnding(): boolean {
    return this.#isEnding;
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

  /** One read of the client, of which `first` is the first line; they are handled before the front sends the next one. */
  handleLines(lines: RelayedLine[], bytes: number, frames: number, first: number): void {
    if (first !== this.#nextLine) {
      throw new RelayFault(
        `session ${this.#number} goes on with line ${first} in place of ${this.#nextLine}`,
      );
    }
    this.#nextLine += lines.length;
    this.#handle(lines, bytes, frames);
  }

  /** The lines that were sent to an earlier hub and that this one handles. */
  resume(lines: RelayedLine[]): void {
    if (lines.length > 0) this.#handle(lines, 0, 0);
    else this.#link.ready(this.#number);
  }

  #handle(lines: RelayedLine[], bytes: number, frames: number): void {
    if (this.#isEnding || this.#handler === undefined) return this.#link.ready(this.#number);
    this.#handled = this.#handler.handleLines(lines, bytes, frames);
    if (this.#handled === undefined) return this.#link.ready(this.#number);
    void this.#handled.then(() => {
      if (this.#handler !== undefined) this.#link.ready(this.#number);
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
