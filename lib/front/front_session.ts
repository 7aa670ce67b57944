/** A client's connection at a front: its lines go to the hub, one read at a time. */
import type { LineFault } from "../irc/line_splitter.ts";
import type { LineConn, LineHandler } from "../net/line_conn.ts";
import { RelayFault } from "../relay/wire.ts";
import type { UpFrame } from "../relay/upward.ts";

/** What a session needs of its front. */
export interface FrontSessionHost {
  tell(frame: UpFrame): void;
  /** Settles when the relay takes more lines; undefined: now. */
  readonly whenWritable: Promise<void> | undefined;
  /** The session has ended, and the hub has been told of it. */
  forget(session: FrontSession): void;
}

export class FrontSession implements LineHandler {
  readonly number: number;
  readonly line: LineConn;
  readonly #host: FrontSessionHost;
  /** Number of the next line. */
  #next = 0;
  /** Set while the hub works on the lines of a read. */
  #answered: PromiseWithResolvers<void> | undefined;
  #hasEnded = false;

  constructor(host: FrontSessionHost, number: number, line: LineConn) {
    this.#host = host;
    this.number = number;
    this.line = line;
  }

  /** The next read follows when the hub has handled the lines of this one. */
  handleLines(lines: (string | LineFault)[], bytes: number, frames: number): Promise<void> | undefined {
    if (this.#hasEnded) return undefined;
    const { whenWritable } = this.#host;
    this.#answered = Promise.withResolvers();
    if (whenWritable === undefined) this.#send(lines, bytes, frames);
    else void whenWritable.then(() => this.#send(lines, bytes, frames));
    return this.#answered.promise;
  }

  handleClosed(reason: string): void {
    this.end(reason, false);
  }

  /** The hub has handled all lines before `number`. */
  handleAnswer(number: number): void {
    if (number !== this.#next) {
      throw new RelayFault(`lines to ${number} in place of ${this.#next} are answered`);
    }
    this.#answered?.resolve();
    this.#answered = undefined;
  }

  /** The hub sends no more: nothing that the client says is passed on. */
  finish(): void {
    this.#answered?.resolve();
    this.#answered = undefined;
  }

  /** Tells the hub that the connection has ended. `isSlow`: because the client reads too slowly. */
  end(reason: string, isSlow: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.finish();
    this.#host.tell({ kind: "closed", session: this.number, reason, isSlow });
    this.#host.forget(this);
  }

  #send(lines: (string | LineFault)[], bytes: number, frames: number): void {
    if (this.#hasEnded) return;
    const first = this.#next;
    this.#next += lines.length;
    this.#host.tell({ kind: "lines", session: this.number, first, bytes, frames, lines });
  }
}
