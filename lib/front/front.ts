/**
 * A front: holds listeners and client connections, and relays lines to the hub and deliveries back. It knows no chat.
 * Without a hub it holds its clients, until it is given the relay to the next one.
 */
import { delay } from "../base/delay.ts";
import { nextLoopIteration } from "../base/event_loop.ts";
import type { Conn } from "../net/conn.ts";
import type { FrameConn } from "../net/frame_conn.ts";
import { LineConn } from "../net/line_conn.ts";
import { errorLine } from "../net/refused_connections.ts";
import { SEND_QUEUE_MAX_BYTES, WRITE_TIMEOUT_MS } from "../net/send_queue.ts";
import { WriteScheduler } from "../net/write_scheduler.ts";
import { decodeDown, type DownFrame } from "../relay/downward.ts";
import { isOfTurn, type RelayedTurn, TurnReader } from "../relay/turn.ts";
import { encodeUp, type UpFrame } from "../relay/upward.ts";
import { RelayFault } from "../relay/wire.ts";
import type { AdmittedClient } from "../server/listen/address_limits.ts";
import type { TlsAcceptor } from "../server/listen/certificate.ts";
import type { ClientOrigin } from "../server/listen/client_origin.ts";
import { type FrontSetup, parseSetup } from "../server/relay/front_setup.ts";
import { SendBudgetEnforcer } from "../server/send_budget_enforcer.ts";
import { type ClusterHubs, FrontListeners, makeAcceptor } from "./front_listeners.ts";
import { FrontSettings } from "./front_settings.ts";
import { FrontRefusals, LAST_WORDS_MS, LOST_TEXT } from "./front_refusals.ts";
import { presentSessions } from "./present_sessions.ts";
import { SessionTable } from "./session_table.ts";
import { StoringNotice } from "./storing_notice.ts";
import { FrontSession, type FrontSessionHost } from "./front_session.ts";

/** With more bytes waiting for the hub, no client is read. */
const FULL_QUEUE_BYTES = 1024 * 1024;
/** Interval of the checks of the send queues, while there are clients. */
const TICK_MS = 1_000;
/** Reports to the hub that are kept while there is none. */
const MAX_KEPT_REPORTS = 256;

/** `relayed`: the hub knows the sessions. `presenting`: it is told of them. `held`: there is no hub. */
type FrontPhase = "relayed" | "presenting" | "held";

export class Front implements FrontSessionHost {
  /** Undefined: there has been no hub yet. */
  #relay: FrameConn | undefined;
  readonly #settings: FrontSettings;
  readonly #sessions = new SessionTable((admission) => this.#release(admission));
  readonly #writeScheduler = new WriteScheduler();
  readonly #refusals = new FrontRefusals((frame) => this.#report(frame));
  readonly #enforcer: SendBudgetEnforcer;
  readonly #listeners: FrontListeners;
  #phase: FrontPhase;
  #turns = new TurnReader();
  /** The hub has ended in order, and with it the front. */
  #isStopped = false;
  /** When something last came from the hub, in milliseconds of `performance.now`. */
  heardAt = 0;
  /** Position of the last turn that came. */
  #deliveredSeq = 0;
  /** Reports that wait for the next hub. */
  #kept: UpFrame[] = [];
  /** Frames for the hub, sent together in the next turn of the event loop. */
  #frames: Uint8Array[] = [];
  readonly #storing: StoringNotice;
  #ticker: ReturnType<typeof setInterval> | undefined;

  /** `relay`: to the first hub; `hubs`: path of the socket of each hub, or how they are reached in a cluster. */
  constructor(
    relay: FrameConn | undefined,
    hubs: string | ClusterHubs,
    setup: FrontSetup,
    tls: TlsAcceptor | undefined,
  ) {
    this.#relay = relay;
    this.#phase = relay === undefined ? "held" : "relayed";
    this.#settings = new FrontSettings(setup);
    this.#storing = new StoringNotice(setup.serverName);
    this.#enforcer = new SendBudgetEnforcer(
      this.#settings.budget,
      this.#writeScheduler,
      this.#sessions.conns,
      (number, _conn, why) => this.#disconnect(number, why),
    );
    const report = (frame: UpFrame) => this.#report(frame);
    const acceptor = makeAcceptor(setup, {
      addresses: this.#settings.addresses,
      proxies: this.#settings.proxies,
      refusals: this.#refusals,
      attach: (conn, origin, admission, within) => this.#attach(conn, origin, admission, within),
      release: (admission) => this.#release(admission),
    }, report);
    this.#listeners = new FrontListeners({
      acceptor,
      report,
      setup,
      tls,
      connect: typeof hubs === "string"
        ? () => Deno.connect({ transport: "unix", path: hubs }).catch(() => undefined)
        : hubs.connect,
      tell: typeof hubs === "string" ? (frame) => this.tell(frame) : hubs.tellOwn,
      isRelayed: () => this.isRelayed,
    });
  }

  /**
   * Relays until the relay ends. Returns whether the clients are held for another hub; otherwise this one has ended in
   * order. Throws a `RelayFault` if it broke the relay.
   */
  async serve(): Promise<boolean> {
    const relay = this.#relay!;
    await this.#readFrames(relay);
    relay.close();
    if (!this.#isStopped) this.#hold();
    return !this.#isStopped;
  }

  /** As {@link serve}, with the next hub, which is presented the sessions first. */
  async resume(relay: FrameConn): Promise<boolean> {
    this.#relay = relay;
    this.#phase = "presenting";
    this.#frames = [];
    const [, isHeld] = await Promise.all([this.#present(relay), this.serve()]);
    return isHeld;
  }

  /** Takes over what a hub has changed of the setup, and reads the certificate again. */
  reload(setup: FrontSetup): void {
    this.#settings.replace(setup);
    void this.#listeners.reload();
  }

  /** Ends {@link serve}: the front is no longer needed. */
  stop(): void {
    this.#isStopped = true;
    this.#relay?.close();
  }

  /** Connections of clients. */
  get clients(): number {
    return this.#sessions.conns.size;
  }

  /** Closes listeners and clients, which get `words` as their last line. */
  async close(words?: string): Promise<void> {
    clearInterval(this.#ticker);
    this.#listeners.close();
    this.#relay?.close();
    this.#phase = "held";
    const lines = [...this.#sessions.conns.values()];
    if (words !== undefined) {
      for (const line of lines) this.#refusals.end(line, errorLine(words));
      await Promise.race([Promise.all(lines.map((line) => line.queue.flushed())), delay(LAST_WORDS_MS)]);
    }
    for (const line of lines) line.destroy();
  }

  /** Ends the clients, with `words` as their last line; the front goes on. */
  dismiss(words: string): void {
    for (const session of this.#sessions.all()) this.#refuse(session.number, errorLine(words));
  }

  get isRelayed(): boolean {
    return this.#phase === "relayed";
  }

  /** Keeps the clients without a hub. Sessions that were not registered cannot be restored. */
  #hold(): void {
    this.#phase = "held";
    this.#turns = new TurnReader(); // what came of a turn is not delivered
    for (const session of this.#sessions.all()) {
      const fate = session.loseHub();
      if (fate === "lost") this.#refuse(session.number, errorLine(LOST_TEXT));
      if (fate === "new") this.#sessions.renew(session);
    }
  }

  /** Presents the sessions to a hub that takes over. */
  async #present(relay: FrameConn): Promise<void> {
    const isCurrent = () => relay === this.#relay && this.#phase === "presenting";
    if (!await presentSessions(relay, this.#sessions.all(), isCurrent)) return relay.close();
    const listeners = JSON.stringify(this.#listeners.open);
    relay.send([encodeUp({ kind: "presented", deliveredSeq: this.#deliveredSeq, listeners })]);
  }

  /** The hub has taken over. */
  #resumeSessions(): void {
    if (this.#phase !== "presenting") throw new RelayFault("the hub resumes what was not presented");
    this.#phase = "relayed";
    this.#sessions.endWaiting();
    for (const session of this.#sessions.all()) session.resume();
    this.tellStoring(true);
    for (const frame of this.#kept.splice(0)) this.tell(frame);
  }

  /** Frames of one read are handled together; the next ones when writing of what they deliver has begun. */
  async #readFrames(relay: FrameConn): Promise<void> {
    do {
      this.heardAt = performance.now();
      for (let frame = relay.next(); frame !== undefined; frame = relay.next()) {
        if (!isOfTurn(frame)) {
          this.handle(decodeDown(frame));
          continue;
        }
        const turn = this.#turns.take(frame);
        if (turn === undefined) continue;
        this.#deliver(turn);
        const begun = this.#writeScheduler.whenAllBegun;
        if (begun !== undefined) await begun;
      }
    } while (await relay.fill());
  }

  tell(frame: UpFrame): void {
    if (this.#phase === "held") return;
    if (this.#frames.push(encodeUp(frame)) === 1) void nextLoopIteration().then(() => this.#flush());
  }

  /** Tells the hub what is in the send queues: in a cluster a sign of life, too. */
  tellLoad(): void {
    this.tell({ kind: "load", queuedBytes: this.#settings.budget.bytes });
  }

  /** Tells the hub, or the next one, something that concerns no session. */
  #report(frame: UpFrame): void {
    if (this.isRelayed) this.tell(frame);
    else if (this.#kept.length < MAX_KEPT_REPORTS) this.#kept.push(frame);
  }

  get whenWritable(): Promise<void> | undefined {
    const queue = this.#relay?.queue;
    return queue === undefined || queue.bytes <= FULL_QUEUE_BYTES ? undefined : queue.flushed();
  }

  readonly release = (session: FrontSession) => this.#sessions.release(session);
  readonly keepEnded = (session: FrontSession) => this.#sessions.keepEnded(session);
  readonly forget = (session: FrontSession) => this.#sessions.forget(session);

  #flush(): void {
    const frames = this.#frames.splice(0);
    if (frames.length > 0 && !this.#relay!.send(frames)) this.#relay!.close(); // the hub hangs
  }

  #attach(conn: Conn, origin: ClientOrigin, admission: AdmittedClient, within?: () => Conn): () => number {
    const isHeld = !this.isRelayed;
    const why = this.#sessions.whyFull(this.#settings.maxClients, isHeld);
    if (why !== undefined) {
      this.#release(admission);
      this.#refusals.refuse(conn, why, performance.now(), "full", within && "");
      return () => 0;
    }
    const { host, endpoint, secure, mayBeCheck = false } = origin;
    const share = this.#settings.addresses.share(admission);
    const line = new LineConn(within?.() ?? conn, this.#writeScheduler, SEND_QUEUE_MAX_BYTES, share);
    const session = new FrontSession(this, line, { host, endpoint, secure, mayBeCheck });
    this.#sessions.add(session, admission);
    if (isHeld) this.#sessions.wait(session);
    session.open();
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
    void line.serve(session);
    return () => 0;
  }

  #release(admission: AdmittedClient): void {
    if (admission.kind === "counted") this.#settings.addresses.release(admission.site);
  }

  /** Takes a whole turn. */
  #deliver({ seq, states, deliveries, answered, gone, ended }: RelayedTurn): void {
    if (!this.isRelayed) throw new RelayFault("a turn comes before the sessions are resumed");
    for (const { session, state } of states) this.#sessions.get(session)?.keep(state, seq);
    for (const { chunks, sessions } of deliveries) {
      for (const number of sessions) {
        const line = this.#sessions.conns.get(number);
        if (line !== undefined && !line.send(chunks.slice())) this.#disconnect(number, "Send queue exceeded");
      }
    }
    for (const [number, line] of answered) this.#sessions.get(number)?.handleAnswered(line);
    for (const number of gone) this.#sessions.get(number)?.finish();
    for (const { session, atOnce } of ended) this.#close(session, atOnce);
    this.#deliveredSeq = seq;
    if (this.#settings.budget.isExceeded) void this.#enforcer.enforce();
  }

  /** Does what a hub says, outside of turns. */
  handle(frame: DownFrame): void {
    switch (frame.kind) {
      case "ready":
        for (const number of frame.sessions) this.#sessions.get(number)?.handleReady();
        return;
      case "restoring":
        if (this.#phase !== "presenting") throw new RelayFault("the hub restores what was not presented");
        for (const session of this.#sessions.all()) session.handleRestoring();
        return this.tell({ kind: "counted" });
      case "resumed":
        return this.#resumeSessions();
      case "close":
        return this.#close(frame.session, frame.atOnce);
      case "refuse":
        return this.#refuse(frame.session, frame.text);
      case "listen":
        return void this.#listeners.listen(frame.request, frame.what);
      case "reload":
        return this.reload(parseSetup(frame.setup));
      case "stop":
        this.#isStopped = true;
        return this.#listeners.close();
      case "storing":
        return this.tellStoring(frame.isPossible);
      case "target":
        throw new RelayFault("a hub that has sessions names another one");
    }
  }

  /** Tells the clients whether the cluster can store messages, if that has changed. */
  tellStoring(isPossible: boolean): void {
    this.#storing.tell(isPossible, this.#sessions.all());
  }

  /** The hub has ended a session. */
  #close(number: number, atOnce: boolean): void {
    const session = this.#sessions.get(number);
    session?.finish();
    if (atOnce) session?.line.destroy();
    else void session?.line.end();
  }

  #refuse(number: number, text: string): void {
    const session = this.#sessions.get(number);
    if (session === undefined || session.isFinished) return;
    session.finish();
    if (this.#sessions.conns.has(number)) this.#refusals.end(session.line, text);
  }

  /** Closes a connection that reads too slowly. */
  #disconnect(number: number, why: string): void {
    const session = this.#sessions.get(number);
    session?.end(why, true);
    session?.line.destroy();
  }

  #tick(): void {
    const now = performance.now();
    for (const [number, line] of this.#sessions.conns) {
      if (line.queue.stalledMs(now) >= WRITE_TIMEOUT_MS) {
        this.#disconnect(number, `Write timeout: ${WRITE_TIMEOUT_MS / 1000} seconds`);
      }
    }
    this.tellLoad();
    if (this.#sessions.conns.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}
