/** The relay between the hub and one front: the hub's end. */
import type { FrameConn } from "../../net/frame_conn.ts";
import { DeliveryBatch } from "../../relay/delivery_batch.ts";
import { encodeDown } from "../../relay/downward.ts";
import type { DownFrame } from "../../relay/downward.ts";
import { decodeUp } from "../../relay/upward.ts";
import type { UpFrame } from "../../relay/upward.ts";
import { RelayFault } from "../../relay/wire.ts";
import { RelayedConn } from "./relayed_conn.ts";
import type { RelayedConnHost } from "./relayed_conn.ts";
import type { RelayHost } from "./relay_ports.ts";

/** Bound on the bytes that wait for a front; one that exceeds it is cut off. */
export const MAX_RELAY_QUEUE_BYTES = 64 * 1024 * 1024;
/** With more bytes waiting for a front, the hub does not begin another turn. */
const FULL_QUEUE_BYTES = 1024 * 1024;
/** Time that the hub waits for such a front, so that one that hangs does not stop the others. */
const FRONT_PATIENCE_MS = 1000;
/** A front that takes nothing for this time is cut off. */
export const FRONT_TIMEOUT_MS = 10_000;
/** Cost of a frame and of a line before they are handled, for `SocketPollBudget`: measured, rounded up. */
const FRAME_COST_MS = 3e-3;
const LINE_COST_MS = 5e-4;

export interface FrontLinkOptions {
  readonly index: number;
  readonly conn: FrameConn;
  readonly host: RelayHost;
  /** Gets the frames that concern no session. */
  readonly onFrame: (frame: UpFrame & { kind: "listening" | "failed" | "trouble" }) => void;
}

export class FrontLink implements RelayedConnHost {
  readonly #options: FrontLinkOptions;
  readonly #sessions = new Map<number, RelayedConn>();
  #lastSession = 0;
  readonly #batch = new DeliveryBatch();
  /** Frames for sessions, sent after the deliveries. */
  #closing: Uint8Array[] = [];
  #answers: [number, number][] = [];
  /** The front has not taken its output in time, and is not waited for. */
  #isLate = false;
  #isClosed = false;
  /** Bytes in the front's send queues, as it last said. */
  #queuedBytes = 0;

  constructor(options: FrontLinkOptions) {
    this.#options = options;
  }

  get index(): number {
    return this.#options.index;
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
      case "lines": {
        const end = frame.first + frame.lines.length;
        return this.#sessionOf(frame)?.handleLines([...frame.lines], frame.bytes, frame.frames, end);
      }
      case "closed": {
        const session = this.#sessionOf(frame);
        if (session !== undefined && frame.isSlow) host.countSlowClient();
        return session?.handleClosed(frame.reason);
      }
      case "load":
        this.#queuedBytes = frame.queuedBytes;
        return;
      case "refused":
        return host.countRefused(frame.why, frame.cause);
      case "forwarding":
        return host.reportForwardingHeader(frame.header, frame.host);
      default:
        return onFrame(frame);
    }
  }

  #open({ session, host, endpoint, secure, mayBeCheck }: UpFrame & { kind: "open" }): void {
    if (session <= this.#lastSession) throw new RelayFault(`session ${session} is opened twice`);
    this.#lastSession = session;
    const conn = new RelayedConn(this, session);
    const handler = this.#options.host.attachRelayed(conn, { host, endpoint, secure, mayBeCheck });
    if (typeof handler === "string") return this.tell({ kind: "refuse", session, text: handler });
    conn.start(handler);
    this.#sessions.set(session, conn);
  }

  /** Undefined: it has ended here, of which the front had not heard yet. */
  #sessionOf({ session }: { readonly session: number }): RelayedConn | undefined {
    if (session > this.#lastSession) throw new RelayFault(`session ${session} is not open`);
    return this.#sessions.get(session);
  }

  /** Sends a frame that concerns no delivery. */
  tell(frame: DownFrame): void {
    this.#send([encodeDown(frame)]);
  }

  deliver(session: number, chunks: readonly Uint8Array[]): void {
    this.#batch.add(session, chunks);
  }

  end(session: number, atOnce: boolean): void {
    this.#closing.push(encodeDown({ kind: "close", session, atOnce }));
    queueMicrotask(() => this.flush());
  }

  /** Closes the relay; its sessions end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.conn.close();
    this.lostSessions = this.#sessions.size;
    for (const conn of [...this.#sessions.values()]) conn.handleClosed("Connection reset");
  }

  /** Answers of a turn come together: they are sent when all of them are there. */
  answer(session: number, number: number): void {
    if (this.#answers.push([session, number]) === 1) queueMicrotask(() => this.flush());
  }

  forget(session: number): void {
    this.#sessions.delete(session);
  }

  /** Sends what the sessions were given. */
  flush(): void {
    const frames: Uint8Array[] = this.#batch.takeFrames();
    if (this.#answers.length > 0) frames.push(encodeDown({ kind: "answered", numbers: this.#answers }));
    frames.push(...this.#closing);
    this.#answers = [];
    this.#closing = [];
    if (frames.length > 0) this.#send(frames);
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
