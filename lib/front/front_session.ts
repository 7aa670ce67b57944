/**
 * A client's connection at a front: its lines go to the hub, one read at a time. The session keeps what the next hub
 * needs if this one ends: its newest state, and the lines that were not answered, which are those of one read.
 */
import type { LineFault } from "../irc/line_splitter.ts";
import { parseMessage } from "../irc/message.ts";
import type { LineConn, LineHandler } from "../net/line_conn.ts";
import { lineLength } from "../relay/line_batch.ts";
import { MAX_LINE_TRIES } from "../relay/tries.ts";
import { RelayFault } from "../relay/wire.ts";
import type { UpFrame } from "../relay/upward.ts";

/** Tries are not counted further: the number has one byte in its frame. */
const LAST_TRY = 255;

/** What a session needs of its front. */
export interface FrontSessionHost {
  tell(frame: UpFrame): void;
  /** The hub knows the sessions, and takes their lines; otherwise they wait here. */
  readonly isRelayed: boolean;
  /** Settles when the relay takes more lines; undefined: now. */
  readonly whenWritable: Promise<void> | undefined;
  /** The connection is closed: the front no longer needs it. */
  release(session: FrontSession): void;
  /** The client has left: the session is kept until a hub has carried out its end. */
  keepEnded(session: FrontSession): void;
  /** The session has ended, and no hub is told of it any more. */
  forget(session: FrontSession): void;
}

/** Where the client has connected. */
export interface FrontOrigin {
  readonly host: string;
  readonly endpoint: string;
  readonly secure: boolean;
  readonly mayBeCheck: boolean;
}

/** The state of a session, with the position of the turn that it came with. */
interface KeptState {
  readonly state: Uint8Array;
  readonly seq: number;
}

/** Why a connection has ended; `isSlow`: because the client reads too slowly. */
interface SessionEnd {
  readonly reason: string;
  readonly isSlow: boolean;
}

export class FrontSession implements LineHandler {
  /** Set by the front; another one when the session is new to a further hub. */
  number = 0;
  readonly line: LineConn;
  readonly #host: FrontSessionHost;
  readonly #origin: FrontOrigin;
  #isOpen = false;
  #state: KeptState | undefined;
  /** The last line that was answered, and those after it. */
  #answered = 0;
  #lines: (string | LineFault)[] = [];
  /** As in `PresentedSession`. */
  #tries = 0;
  /** The hub has lines to answer, or the session to restore: it counts as a try if it ends. */
  #isTried = false;
  /** The last line that was sent to the hub that is connected. */
  #sent = 0;
  /** Of the reads that were not sent to it. */
  #unsent: { bytes: number; frames: number } | undefined;
  /** Reads that the hub works on: one, or none. A session that was presented is as one. */
  #reads = 0;
  /** Set while the next read waits. */
  #ready: PromiseWithResolvers<void> | undefined;
  #end: SessionEnd | undefined;
  /** The hub sends no more. */
  #isFinished = false;
  /** The hub that takes over knows of it that the client has left. */
  #isEndPresented = false;

  constructor(host: FrontSessionHost, line: LineConn, origin: FrontOrigin) {
    this.#host = host;
    this.line = line;
    this.#origin = origin;
  }

  /** Tells the hub of the session, if it is connected; otherwise {@link resume} does. */
  open(): void {
    if (this.#isOpen || this.#isFinished || !this.#host.isRelayed) return;
    this.#isOpen = true;
    this.#host.tell({ kind: "open", session: this.number, ...this.#origin });
  }

  /** The next read follows when the hub has handled the lines of this one. */
  handleLines(lines: (string | LineFault)[], bytes: number, frames: number): Promise<void> | undefined {
    if (this.#end !== undefined || this.#isFinished) return undefined;
    for (const line of lines) this.#lines.push(line);
    const { bytes: ownBytes, frames: ownFrames } = this.#unsent ?? { bytes: 0, frames: 0 };
    this.#unsent = { bytes: ownBytes + bytes, frames: ownFrames + frames };
    this.#ready ??= Promise.withResolvers();
    const { whenWritable } = this.#host;
    if (whenWritable === undefined) this.#send();
    else void whenWritable.then(() => this.#send());
    return this.#ready.promise;
  }

  handleClosed(reason: string): void {
    this.end(reason, false);
  }

  /** The hub has handled the lines of the last read. */
  handleReady(): void {
    if (this.#end !== undefined || this.#isFinished) return;
    if (--this.#reads < 0) throw new RelayFault(`session ${this.number} has no lines that could be handled`);
    if (this.#reads === 0 && this.#unsent === undefined) this.#letRead();
  }

  /** The answer of all lines up to `line` is here. */
  handleAnswered(line: number): void {
    const count = line - this.#answered;
    if (count < 0 || line > this.#sent) {
      throw new RelayFault(`line ${line} of session ${this.number} is answered, which was not sent`);
    }
    this.#lines.splice(0, count);
    this.#answered = line;
    this.#tries = 0;
    if (line === this.#sent) this.#isTried = false;
  }

  /** A state, to be kept in place of the last one. */
  keep(state: Uint8Array, seq: number): void {
    this.#state = { state, seq };
  }

  /** The hub sends no more, and has ended the session: nothing that the client says is passed on. */
  finish(): void {
    this.#isFinished = true;
    this.#letRead();
    if (this.#end !== undefined) this.#host.forget(this);
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Notes that the connection has ended, and tells the hub. `isSlow`: because the client reads too slowly. */
  end(reason: string, isSlow: boolean): void {
    if (this.#end !== undefined) return;
    this.#end = { reason, isSlow };
    this.#letRead();
    this.#host.release(this);
    this.#send(); // what was read before, and waits for the relay
    if (this.#host.isRelayed) this.#tellEnd();
    if (this.isPresentable) this.#host.keepEnded(this);
    else this.#host.forget(this);
  }

  /** Length of what is kept for the next hub. */
  get keptBytes(): number {
    return (this.#state?.state.length ?? 0) + lineLength(this.#lines);
  }

  /** Whether another hub can restore the session. */
  get isPresentable(): boolean {
    return this.#isOpen && this.#state !== undefined && !this.#isFinished;
  }

  /**
   * The hub has ended. `presentable`: another one can restore the session. `new`: to the next one it is a new client, as
   * nothing was answered, and nothing can be in the log. `lost`: neither. `over`: it was about to end.
   */
  loseHub(): "presentable" | "new" | "lost" | "over" {
    if (this.#isTried) this.#tries = Math.min(this.#tries + 1, LAST_TRY);
    this.#isTried = false;
    if (this.isPresentable) return "presentable";
    this.#isOpen = false; // the next hub hears nothing of it
    if (this.#isFinished) return "over";
    if (this.#answered > 0 || this.#lines.slice(0, this.#sent).some(mayAppend)) return "lost";
    if (this.#tries >= MAX_LINE_TRIES) return "lost";
    if (this.#sent > 0 || this.#reads > 0) this.#unsent ??= { bytes: 0, frames: 0 };
    this.#sent = this.#reads = 0;
    return "new";
  }

  /** What a hub that takes over needs; undefined: it is not told of the session. */
  present(): UpFrame | undefined {
    if (!this.isPresentable) return undefined;
    const { state, seq } = this.#state!;
    this.#sent = this.#answered + this.#lines.length;
    this.#unsent = undefined;
    this.#reads = 1;
    this.#isEndPresented = this.#end !== undefined;
    return {
      kind: "present",
      session: this.number,
      endReason: this.#end?.reason,
      state,
      stateSeq: seq,
      answered: this.#answered,
      tries: this.#tries,
      lines: [...this.#lines],
    };
  }

  /** The hub begins with what was presented: it counts if it ends before it has restored and answered that. */
  handleRestoring(): void {
    if (this.isPresentable) this.#isTried = true;
  }

  /** The hub has taken over: it is told what it does not know yet. */
  resume(): void {
    if (this.#lines.length === 0) { // it is restored, and nothing is to be answered
      this.#tries = 0;
      this.#isTried = false;
    }
    this.open();
    this.#send();
    if (this.#end !== undefined && !this.#isEndPresented) this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#isOpen) this.#host.tell({ kind: "closed", session: this.number, ...this.#end! });
  }

  #letRead(): void {
    this.#ready?.resolve();
    this.#ready = undefined;
  }

  #send(): void {
    if (!this.#host.isRelayed || this.#isFinished || this.#unsent === undefined) return;
    const first = this.#sent + 1;
    const lines = this.#lines.slice(this.#sent - this.#answered);
    const { bytes, frames } = this.#unsent;
    this.#unsent = undefined;
    this.#sent += lines.length;
    this.#isTried = true;
    this.#reads++;
    this.#host.tell({ kind: "lines", session: this.number, first, bytes, frames, lines });
  }
}

/** Commands of a client that registers; they leave nothing behind when its session ends. */
const OPENING_COMMANDS = new Set(["CAP", "NICK", "USER", "PASS", "PING", "PONG", "CLAIM", "AUTHENTICATE"]);

/** Whether a line of a client that is new may have had an effect that its end does not undo. */
function mayAppend(line: string | LineFault): boolean {
  const command = typeof line === "string" ? parseMessage(line)?.command : undefined;
  return command !== undefined && !OPENING_COMMANDS.has(command);
}
