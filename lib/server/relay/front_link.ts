/** The relay between the hub and one front: the hub's end. */
import type { RestoredSession } from "../../hub/handover/presentation.ts";
import type { FrameConn } from "../../net/frame_conn.ts";
import { errorLine } from "../../net/refused_connections.ts";
import { DeliveryBatch } from "../../relay/delivery_batch.ts";
import { encodeDown } from "../../relay/downward.ts";
import type { DownFrame } from "../../relay/downward.ts";
import { encodeStates, encodeTurnEnd, MAX_TURN_BYTES } from "../../relay/turn.ts";
import type { SessionEnd, StateUpdate } from "../../relay/turn.ts";
import { decodeUp } from "../../relay/upward.ts";
import type { UpFrame } from "../../relay/upward.ts";
import { RelayFault } from "../../relay/wire.ts";
import { PresentationReader } from "./presentation_reader.ts";
import type { FrontPresentation, PresentFrame } from "./presentation_reader.ts";
import { RelayedConn } from "./relayed_conn.ts";
import type { RelayedConnHost } from "./relayed_conn.ts";
import type { AttachRestored, RelayHost } from "./relay_ports.ts";

/** Bound on the bytes that wait for a front; one that exceeds it is cut off. */
export const MAX_RELAY_QUEUE_BYTES = MAX_TURN_BYTES;
/** With more bytes waiting for a front, the hub does not begin another turn. */
const FULL_QUEUE_BYTES = 1024 * 1024;
/** Time that the hub waits for such a front, so that one that hangs does not stop the others. */
const FRONT_PATIENCE_MS = 1000;
/** A front that takes nothing for this time is cut off. */
export const FRONT_TIMEOUT_MS = 10_000;
/** A front that gets nothing else is told the position of the log in this time. */
export const POSITION_MS = 500;
/** Cost of a frame and of a line before they are handled, for `SocketPollBudget`: measured, rounded up. */
const FRAME_COST_MS = 3e-3;
const LINE_COST_MS = 5e-4;

export interface FrontLinkOptions {
  readonly index: number;
  /** Another one for each process. */
  readonly name: string;
  /** The front has sessions of an earlier hub, and presents them first. */
  readonly isReturning?: boolean;
  readonly conn: FrameConn;
  readonly host: RelayHost;
  /** Gets the frames that concern no session. */
  readonly onFrame: (frame: UpFrame & { kind: "listening" | "failed" | "trouble" }) => void;
  /** Called once if the front is returning; {@link FrontLink.resume} is the answer. */
  readonly onPresented?: (presentation: FrontPresentation) => void;
}

export class FrontLink implements RelayedConnHost {
  readonly #options: FrontLinkOptions;
  readonly #sessions = new Map<number, RelayedConn>();
  #lastSession = 0;
  /** What the front presents; undefined: it has had no other hub, or its sessions are restored. */
  #presents: PresentationReader | undefined;
  /**
   * The turn that has restored what it has presented; Infinity: none has yet. Earlier ones may be told later, when they are
   * as safe as that takes, and their position counts what its clients have not got.
   */
  #resumedIn = 0;
  /** What the front is told of its sessions, before that turn. */
  #outcomes: Uint8Array[] = [];
  /** Sessions of clients that have left, as the front has said: it is told when the hub has carried out their end. */
  readonly #leaving = new Set<number>();
  #gone: number[] = [];
  readonly #counted = Promise.withResolvers<void>();
  readonly #batch = new DeliveryBatch();
  #states: StateUpdate[] = [];
  #answered: [number, number][] = [];
  #ended: SessionEnd[] = [];
  #ready: number[] = [];
  /** Position that the front was last told, and when. */
  #seq = 0;
  #toldAt = -Infinity;
  /** The front has not taken its output in time, and is not waited for. */
  #isLate = false;
  #isClosed = false;
  /** Bytes in the front's send queues, as it last said. */
  #queuedBytes = 0;

  constructor(options: FrontLinkOptions) {
    this.#options = options;
    if (!options.isReturning) return;
    this.#presents = new PresentationReader(options.name, () => options.host.nextSessionId());
    this.#resumedIn = Infinity;
  }

  get index(): number {
    return this.#options.index;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Number of clients that the front had when its relay ended. */
  lostSessions = 0;

  get queuedBytes(): number {
    return this.#queuedBytes + this.#options.conn.queue.bytes;
  }

  /** Reads until the front is gone. Returns the reason if it broke the protocol. All its sessions have ended then. */
  async serve(): Promise<string | undefined> {
    try {
      await this.#readFrames();
      return undefined;
    } catch (error) {
      if (error instanceof RelayFault) return error.message;
      throw error;
    } finally {
      this.close();
    }
  }

  async #readFrames(): Promise<void> {
    const { conn, host: { polls } } = this.#options;
    do {
      for (let frame = conn.next(); frame !== undefined; frame = conn.next()) {
        const up = decodeUp(frame);
        polls.spend(FRAME_COST_MS + (up.kind === "lines" ? up.lines.length * LINE_COST_MS : 0));
        this.#handle(up);
      }
      const unpolled = polls.overduePoll;
      if (unpolled !== undefined) await unpolled;
    } while (await conn.fill());
  }

  #handle(frame: UpFrame): void {
    const { host, onFrame } = this.#options;
    switch (frame.kind) {
      case "open":
        return this.#open(frame);
      case "present":
        return this.#present(frame);
      case "presented":
        if (this.#presents?.isComplete !== false) {
          throw new RelayFault("the front presents its sessions twice");
        }
        return this.#options.onPresented?.(this.#presents.complete(frame));
      case "counted":
        return this.#counted.resolve();
      case "lines":
        return this.#sessionOf(frame)?.handleLines([...frame.lines], frame.bytes, frame.frames, frame.first);
      case "closed": {
        const session = this.#sessionOf(frame);
        if (session === undefined) return;
        if (frame.isSlow) host.countSlowClient();
        if (!session.isEnding) this.#leaving.add(frame.session);
        return session.handleClosed(frame.reason);
      }
      case "load":
        this.#queuedBytes = frame.queuedBytes;
        return;
      case "refused":
        return host.countRefused(frame.why, frame.cause);
      case "forwarding":
        return host.reportForwardingHeader(frame.header, frame.host);
      case "clients":
        throw new RelayFault("a front counts its clients for another hub");
      default:
        return onFrame(frame);
    }
  }

  #present(frame: PresentFrame): void {
    if (this.#presents?.isComplete !== false) throw new RelayFault("the front presents a session too late");
    if (frame.session <= this.#lastSession) {
      throw new RelayFault(`session ${frame.session} is presented twice`);
    }
    this.#lastSession = frame.session;
    this.#presents.add(frame);
  }

  /**
   * Tells the front that the hub begins to restore what it has presented. Settles when the front counts the hub, or is
   * gone, or does not answer in time.
   */
  async beginRestoring(): Promise<void> {
    this.tell({ kind: "restoring" });
    if (this.#isClosed) return;
    const patience = setTimeout(this.#counted.resolve, FRONT_PATIENCE_MS);
    await this.#counted.promise;
    clearTimeout(patience);
  }

  /**
   * Connects the sessions that were restored, tells the front which were not, and works on the lines that are left.
   * Called within the turn that has restored them.
   */
  resume(outcomes: readonly RestoredSession[], attach: AttachRestored): void {
    const attached: [RelayedConn, RestoredSession & { kind: "restored" }][] = [];
    for (const outcome of outcomes) {
      const { session } = outcome.presented;
      if (outcome.kind === "refused") {
        this.#outcomes.push(encodeDown({ kind: "refuse", session, text: errorLine(outcome.why) }));
        continue;
      }
      const { answered, lines } = outcome.presented;
      const conn = new RelayedConn(this, session, answered + lines.length + 1);
      conn.start(attach(outcome.session, conn));
      this.#sessions.set(session, conn);
      attached.push([conn, outcome]);
    }
    this.#resumedIn = this.#options.host.turn;
    this.#outcomes.push(encodeDown({ kind: "resumed" }));
    for (const [conn, { presented: { session }, lines }] of attached) {
      conn.resume(lines.map(({ line }) => line));
      const endReason = this.#presents?.endReasonOf(session);
      if (endReason === undefined) continue;
      this.#leaving.add(session);
      conn.handleClosed(endReason);
    }
    this.#presents = undefined;
  }

  #open({ session, host, endpoint, secure, mayBeCheck }: UpFrame & { kind: "open" }): void {
    if (session <= this.#lastSession) throw new RelayFault(`session ${session} is opened twice`);
    this.#lastSession = session;
    const conn = new RelayedConn(this, session);
    const origin = { host, endpoint, secure, mayBeCheck };
    const handler = this.#options.host.attachRelayed(conn, origin, { front: this.name, session });
    if (typeof handler === "string") return this.tell({ kind: "refuse", session, text: handler });
    conn.start(handler);
    this.#sessions.set(session, conn);
  }

  /** Undefined: it has ended here, of which the front had not heard yet. */
  #sessionOf({ session }: { readonly session: number }): RelayedConn | undefined {
    if (session > this.#lastSession) throw new RelayFault(`session ${session} is not open`);
    return this.#sessions.get(session);
  }

  /** Sends a frame that is not of a turn. */
  tell(frame: DownFrame): void {
    this.#send([encodeDown(frame)]);
  }

  deliver(session: number, chunks: readonly Uint8Array[]): void {
    this.#batch.add(session, chunks);
  }

  /** The newest state of a session, as of this turn. */
  keepState(session: number, state: Uint8Array): void {
    this.#states.push({ session, state });
  }

  /** The lines of a session up to `line` are answered in this turn. */
  noteAnswered(session: number, line: number): void {
    this.#answered.push([session, line]);
  }

  /** The end of a session was carried out in this turn. */
  noteClosed(session: number): void {
    if (this.#leaving.delete(session)) this.#gone.push(session);
  }

  end(session: number, atOnce: boolean): void {
    this.#ended.push({ session, atOnce });
    this.#flushSoon();
  }

  /** Closes the relay; its sessions end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#counted.resolve();
    this.#options.conn.close();
    this.lostSessions = this.#sessions.size;
    for (const conn of [...this.#sessions.values()]) conn.handleClosed("Connection reset");
  }

  ready(session: number): void {
    this.#ready.push(session);
    this.#flushSoon();
  }

  forget(session: number): void {
    this.#sessions.delete(session);
  }

  /** Sends what the sessions were given in a turn, with the position `seq` after it. */
  flush(seq: number, turn: number): void {
    if (turn < this.#resumedIn) return;
    const frames = [...this.#outcomes, ...encodeStates(this.#states), ...this.#batch.takeFrames()];
    this.#outcomes = [];
    const isEmpty = frames.length + this.#answered.length + this.#ended.length + this.#gone.length === 0;
    if (isEmpty && (seq === this.#seq || performance.now() - this.#toldAt < POSITION_MS)) return;
    frames.push(encodeTurnEnd({ seq, answered: this.#answered, gone: this.#gone, ended: this.#ended }));
    this.#states = [];
    this.#answered = [];
    this.#gone = [];
    this.#ended = [];
    this.#seq = seq;
    this.#toldAt = performance.now();
    this.#send(frames);
  }

  /** Whether the front does not know that the log has come to `seq`. */
  isBehind(seq: number): boolean {
    return this.#seq !== seq && this.#resumedIn !== Infinity;
  }

  /** What comes outside of turns is sent together. */
  #flushSoon(): void {
    if (this.#ready.length + this.#ended.length === 1) queueMicrotask(() => this.#flushRest());
  }

  #flushRest(): void {
    const frames = this.#ended.map((end) => encodeDown({ kind: "close", ...end }));
    if (this.#ready.length > 0) frames.push(encodeDown({ kind: "ready", sessions: this.#ready }));
    this.#ended = [];
    this.#ready = [];
    if (this.#outcomes.length > 0) this.#outcomes.push(...frames);
    else if (frames.length > 0) this.#send(frames);
  }

  #send(frames: Uint8Array[]): void {
    if (!this.#isClosed && !this.#options.conn.send(frames)) this.close();
  }

  /** Settles when the front has taken enough of its output for another turn; undefined: it is not behind. */
  get whenDrained(): Promise<void> | undefined {
    const { queue } = this.#options.conn;
    if (queue.bytes <= FULL_QUEUE_BYTES) this.#isLate = false;
    return this.#isLate || queue.bytes <= FULL_QUEUE_BYTES ? undefined : this.#waitForQueue();
  }

  async #waitForQueue(): Promise<void> {
    const { queue } = this.#options.conn;
    let late: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => late = setTimeout(resolve, FRONT_PATIENCE_MS));
    await Promise.race([queue.flushed(), patience]);
    clearTimeout(late);
    this.#isLate = queue.bytes > FULL_QUEUE_BYTES;
  }

  /** Closes the relay if the front takes nothing. */
  tick(now: number): void {
    if (this.#options.conn.queue.stalledMs(now) >= FRONT_TIMEOUT_MS) this.close();
  }
}
