/**
 * A front: holds listeners and client connections, and relays lines to the hub and deliveries back. It knows no chat.
 */
import { AddressSet } from "../base/ip.ts";
import { nextLoopIteration } from "../base/event_loop.ts";
import { encodeUtf8 } from "../base/bytes.ts";
import type { Conn } from "../net/conn.ts";
import type { FrameConn } from "../net/frame_conn.ts";
import { LineConn } from "../net/line_conn.ts";
import { RefusedConnections } from "../net/refused_connections.ts";
import type { RefusalKind } from "../net/refused_connections.ts";
import { SEND_BUDGET_BYTES, SEND_SHARE_BYTES, SendBudget } from "../net/send_budget.ts";
import { SEND_QUEUE_MAX_BYTES, WRITE_TIMEOUT_MS } from "../net/send_queue.ts";
import { WriteScheduler } from "../net/write_scheduler.ts";
import { decodeDeliveries } from "../relay/delivery_batch.ts";
import { decodeDown, hasDeliveries } from "../relay/downward.ts";
import type { DownFrame } from "../relay/downward.ts";
import { encodeUp, FRONT_REFUSALS } from "../relay/upward.ts";
import type { UpFrame } from "../relay/upward.ts";
import { Acceptor } from "../server/listen/acceptor.ts";
import { AddressLimits } from "../server/listen/address_limits.ts";
import type { AdmittedClient } from "../server/listen/address_limits.ts";
import type { TlsAcceptor } from "../server/listen/certificate.ts";
import type { ClientOrigin } from "../server/listen/client_origin.ts";
import type { FrontSetup } from "../server/relay/front_setup.ts";
import { SendBudgetEnforcer } from "../server/send_budget_enforcer.ts";
import { FrontListeners } from "./front_listeners.ts";
import { FrontSession } from "./front_session.ts";
import type { FrontSessionHost } from "./front_session.ts";

/** With more bytes waiting for the hub, no client is read. */
const FULL_QUEUE_BYTES = 1024 * 1024;
/** Interval of the checks of the send queues, while there are clients. */
const TICK_MS = 1_000;
/** Refused clients that have time to read the reason; others are closed without it. */
const MAX_REFUSED = 256;

/** Refused connections, which the hub counts. */
class FrontRefusals extends RefusedConnections {
  constructor(readonly tell: (frame: UpFrame) => void) {
    super();
  }

  override countRefusal(why: string, _now: number, kind: RefusalKind): void {
    const cause = FRONT_REFUSALS.find((each) => each === kind);
    if (cause !== undefined) this.tell({ kind: "refused", why, cause });
  }
}

export class Front implements FrontSessionHost {
  readonly #relay: FrameConn;
  readonly #setup: FrontSetup;
  readonly #tls: TlsAcceptor | undefined;
  readonly #sessions = new Map<number, FrontSession>();
  readonly #conns = new Map<number, LineConn>();
  readonly #admissions = new Map<number, AdmittedClient>();
  #lastNumber = 0;
  readonly #writeScheduler = new WriteScheduler();
  readonly #budget: SendBudget;
  readonly #addresses: AddressLimits;
  readonly #refusals = new FrontRefusals((frame) => this.tell(frame));
  readonly #enforcer: SendBudgetEnforcer;
  readonly #listeners: FrontListeners;
  /** Frames for the hub, sent together in the next turn of the event loop. */
  #frames: Uint8Array[] = [];
  #refused = 0;
  #reportedBytes = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;

  /** `socketPath`: of the hub's relay. */
  constructor(relay: FrameConn, socketPath: string, setup: FrontSetup, tls: TlsAcceptor | undefined) {
    this.#relay = relay;
    this.#setup = setup;
    this.#tls = tls;
    const share = Math.max(SEND_SHARE_BYTES / setup.fronts, SEND_QUEUE_MAX_BYTES);
    this.#budget = new SendBudget(SEND_BUDGET_BYTES / setup.fronts, share);
    this.#addresses = new AddressLimits(setup.limits, new AddressSet(setup.exempt), this.#budget);
    this.#enforcer = new SendBudgetEnforcer(
      this.#budget,
      this.#writeScheduler,
      this.#conns,
      (number, _conn, why) => this.#disconnect(number, why),
    );
    const acceptor = new Acceptor({
      serverName: setup.serverName,
      monotonic: { now: () => performance.now() },
      addresses: this.#addresses,
      refusals: this.#refusals,
      proxies: setup.proxies && new AddressSet(setup.proxies),
      findBan: () => undefined, // the hub knows them
      reportForwardingHeader: (header, host) => this.tell({ kind: "forwarding", header, host }),
      attach: (conn, origin, admission, within) => this.#attach(conn, origin, admission, within),
      release: (admission) => this.#release(admission),
      onRecoverableError: (error) => this.tell({ kind: "trouble", why: describe(error) }),
    });
    this.#listeners = new FrontListeners({
      acceptor,
      setup,
      tls,
      socketPath,
      tell: (frame) => this.tell(frame),
    });
  }

  /** Runs until the relay ends; the clients lose their connections then. */
  async serve(): Promise<void> {
    try {
      await this.#readFrames();
    } finally {
      clearInterval(this.#ticker);
      this.#listeners.close();
      for (const line of this.#conns.values()) line.destroy();
      this.#relay.close();
    }
  }

  /** Frames of one read are handled together; the next ones when writing of what they deliver has begun. */
  async #readFrames(): Promise<void> {
    do {
      for (let frame = this.#relay.next(); frame !== undefined; frame = this.#relay.next()) {
        if (!hasDeliveries(frame)) this.#handle(decodeDown(frame));
        else {
          this.#deliver(frame);
          const begun = this.#writeScheduler.whenAllBegun;
          if (begun !== undefined) await begun;
        }
      }
    } while (await this.#relay.fill());
  }

  tell(frame: UpFrame): void {
    if (this.#frames.push(encodeUp(frame)) === 1) void nextLoopIteration().then(() => this.#flush());
  }

  get whenWritable(): Promise<void> | undefined {
    const { queue } = this.#relay;
    return queue.bytes <= FULL_QUEUE_BYTES ? undefined : queue.flushed();
  }

  forget({ number }: FrontSession): void {
    this.#sessions.delete(number);
    this.#conns.delete(number);
    this.#release(this.#admissions.get(number)!);
    this.#admissions.delete(number);
  }

  #flush(): void {
    const frames = this.#frames;
    this.#frames = [];
    if (!this.#relay.send(frames)) this.#relay.close(); // the hub hangs
  }

  #attach(conn: Conn, origin: ClientOrigin, admission: AdmittedClient, within?: () => Conn): () => number {
    if (this.#sessions.size >= this.#setup.maxClients) {
      this.#release(admission);
      this.#refusals.refuse(conn, "the server is full", performance.now(), "full", within && "");
      return () => 0;
    }
    const number = ++this.#lastNumber;
    const { host, endpoint, secure, mayBeCheck = false } = origin;
    this.tell({ kind: "open", session: number, host, endpoint, secure, mayBeCheck });
    const share = this.#addresses.share(admission);
    const line = new LineConn(within?.() ?? conn, this.#writeScheduler, SEND_QUEUE_MAX_BYTES, share);
    const session = new FrontSession(this, number, line);
    this.#sessions.set(number, session);
    this.#conns.set(number, line);
    this.#admissions.set(number, admission);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
    void line.serve(session);
    return () => 0;
  }

  #release(admission: AdmittedClient): void {
    if (admission.kind === "counted") this.#addresses.release(admission.site);
  }

  #deliver(frame: Uint8Array): void {
    for (const { chunks, sessions } of decodeDeliveries(frame)) {
      for (const number of sessions) {
        const line = this.#conns.get(number);
        if (line !== undefined && !line.send(chunks.slice())) this.#disconnect(number, "Send queue exceeded");
      }
    }
    if (this.#budget.isExceeded) void this.#enforcer.enforce();
  }

  #handle(frame: DownFrame): void {
    switch (frame.kind) {
      case "answered":
        for (const [number, to] of frame.numbers) this.#sessions.get(number)?.handleAnswer(to);
        return;
      case "close":
        return this.#close(frame.session, frame.atOnce);
      case "refuse":
        return this.#refuse(frame.session, frame.text);
      case "listen":
        return void this.#listeners.open(frame.request, frame.what);
      case "reload":
        return void this.#reload();
      case "stop":
        return this.#listeners.close();
    }
  }

  /** The hub has ended a session. */
  #close(number: number, atOnce: boolean): void {
    const session = this.#sessions.get(number);
    if (session === undefined) return;
    session.finish();
    if (atOnce) session.line.destroy();
    else void session.line.end();
  }

  #refuse(number: number, text: string): void {
    const session = this.#sessions.get(number);
    if (session === undefined) return;
    const { line } = session;
    session.finish();
    if (++this.#refused > MAX_REFUSED) line.destroy();
    else {
      line.send([encodeUtf8(text)]);
      void line.end();
    }
    setTimeout(() => this.#refused--, TICK_MS);
  }

  /** Closes a connection that reads too slowly. */
  #disconnect(number: number, why: string): void {
    const session = this.#sessions.get(number);
    session?.end(why, true);
    session?.line.destroy();
  }

  #tick(): void {
    const now = performance.now();
    for (const [number, line] of this.#conns) {
      if (line.queue.stalledMs(now) >= WRITE_TIMEOUT_MS) {
        this.#disconnect(number, `Write timeout: ${WRITE_TIMEOUT_MS / 1000} seconds`);
      }
    }
    const { bytes } = this.#budget;
    if (bytes !== this.#reportedBytes) this.tell({ kind: "load", queuedBytes: bytes });
    this.#reportedBytes = bytes;
    if (this.#conns.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  async #reload(): Promise<void> {
    const read = await this.#tls?.reload();
    if (read?.kind === "bad") this.tell({ kind: "trouble", why: `${read.path}: ${read.why}` });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
