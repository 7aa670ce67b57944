/**
 * The fronts of a server: welcomes those that the keeper has started, and has them listen. Fronts that an earlier hub
 * had present their sessions; a server with such fronts is started thus:
 *
 *     const fronts = await FrontSet.start(…);
 *     server.useRelay(fronts);
 *     await server.start(facts, await fronts.gather(expected));
 */
import { callAfter } from "../../base/deadlines.ts";
import type { Address } from "../../net/address.ts";
import type { FrameConn } from "../../net/frame_conn.ts";
import type { UnixAccess } from "../../net/listener.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { Hello } from "../../relay/handshake.ts";
import type { UpFrame } from "../../relay/upward.ts";
import type { OpenOutcome } from "../listen/listeners.ts";
import type { ServerLog } from "../server_log.ts";
import type { RestoredSession } from "../../hub/handover/presentation.ts";
import { FrontLink } from "./front_link.ts";
import { FrontLinks } from "./front_links.ts";
import type { FrontPresentation } from "./presentation_reader.ts";
import { type FrontSetup, type OpenListener, parseJson } from "./front_setup.ts";
import { SharedListeners } from "./shared_listeners.ts";
import { HUB_SIDE, RelaySocket } from "./relay_socket.ts";
import type { FrontKeeper, RelayHost } from "./relay_ports.ts";

/** Time for a started process to connect. */
const START_MS = 20_000;
/** Time for a process to end after its relay. */
const END_MS = 2_000;
export interface FrontSetOptions {
  readonly host: RelayHost;
  readonly dataDir: string;
  readonly setup: FrontSetup;
  readonly keeper: FrontKeeper;
  /** There has been a hub before: a front that cannot be started is no reason to end the server. */
  readonly isRestart: boolean;
  readonly log: ServerLog;
  /** As in `Gathering`. */
  readonly gatherMs?: number;
}

export class FrontSet extends FrontLinks {
  readonly #options: FrontSetOptions;
  readonly #byIndex = new Map<number, FrontLink>();
  /** Of each front that has been connected: settles at its end with the number of clients that it had. */
  readonly #lost = new Map<number, Promise<number>>();
  /** Process of each front that runs. */
  readonly #pids = new Map<number, number>();
  readonly #listeners: SharedListeners<FrontLink>;
  #socket: RelaySocket | undefined;
  #web: HttpUpgrader | undefined;
  #isStopping = false;
  /** Resolved when all fronts listen everywhere, or one ends before that. */
  #onChange: (() => void) | undefined;
  #hasStarted = false;
  #startFailure: string | undefined;

  private constructor(options: FrontSetOptions) {
    super(options.gatherMs);
    this.#options = options;
    this.#listeners = new SharedListeners({
      fronts: options.setup.fronts,
      links: () => this.links.values(),
      onChange: () => this.#onChange?.(),
      onFailure: (link, why) => this.#handleFailure(link, why),
    });
  }

  /** Opens the relay socket. */
  static async start(options: FrontSetOptions): Promise<FrontSet | { readonly why: string }> {
    const fronts = new FrontSet(options);
    const socket = await RelaySocket.open({
      dataDir: options.dataDir,
      onFront: (conn, hello) => fronts.#accept(conn, hello),
      onTunnel: (conn, origin) => {
        if (fronts.#web === undefined) conn.close();
        else options.host.acceptTunnel(conn, origin, fronts.#web);
      },
      onTrouble: (why) => options.log.warning("front", why),
    });
    if (!(socket instanceof RelaySocket)) return socket;
    fronts.#socket = socket;
    return fronts;
  }

  /** Path of the relay socket. */
  get path(): string {
    return this.#socket!.path;
  }

  /** Opens a listener in all fronts; the outcome is that of the first one. Only that one has a Unix socket. */
  listen(
    address: Address,
    web: HttpUpgrader | undefined,
    access: Partial<UnixAccess> = {},
  ): Promise<OpenOutcome> {
    this.#web ??= web;
    const isWeb = web !== undefined;
    return this.#listeners.listen(address, isWeb, access, this.gathering.takeListener(address, isWeb));
  }

  protected override count(outcomes: readonly RestoredSession[]): void {
    super.count(outcomes);
    const { restored, refused, ms } = this.takeover;
    const text = `${restored} ${
      restored === 1 ? "session" : "sessions"
    } of fronts taken over, ${refused} refused`;
    this.#options.log.info("takeover", text, { restored, refused, ms });
  }

  /** Resolves when all fronts listen, with their processes; or with why one does not. */
  async whenStarted(): Promise<{ readonly pids: readonly number[] } | { readonly why: string }> {
    while (this.#startFailure === undefined && !this.#isComplete) {
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
    if (this.#startFailure !== undefined) return { why: this.#startFailure };
    this.#hasStarted = true;
    return {
      pids: Array.from(this.#byIndex.keys()).sort((a, b) => a - b).map((index) => this.#pids.get(index)!),
    };
  }

  get #isComplete(): boolean {
    return this.links.size === this.#options.setup.fronts && this.#listeners.areComplete;
  }

  /** Has all fronts reload the certificate. */
  reload(): void {
    for (const link of this.links.values()) link.tell({ kind: "reload" });
  }

  stopListening(): void {
    this.#isStopping = true;
    for (const link of this.links.values()) link.tell({ kind: "stop" });
  }

  /** Ends all fronts. */
  async close(): Promise<void> {
    this.stopListening();
    for (const link of this.links.values()) link.close();
    await this.#socket?.close();
  }

  /** The keeper has started the process `pid` of front `index`, or had done so before this hub. */
  handleStarted(index: number, pid: number): void {
    this.#pids.set(index, pid);
    callAfter(START_MS, () => this.#killLost(index, pid));
  }

  /** The process `pid` of front `index` has ended; `how`: in words. */
  async handleEnded(index: number, pid: number, how: string): Promise<void> {
    if (this.#pids.get(index) === pid) {
      this.#pids.delete(index);
      this.#byIndex.get(index)?.close();
    }
    const clients = await this.#lost.get(index) ?? 0;
    this.#lost.delete(index);
    if (this.#isStopping) return;
    if (!this.#hasStarted && !this.#options.isRestart) {
      return this.#fail(`front ${index + 1} could not be started: ${how}`);
    }
    const lost = clients === 1 ? "1 client has" : `${clients} clients have`;
    const text = `front ${index + 1} ended (${how}): ${lost} lost the connection; it is started again`;
    this.#options.log.error("front", text, { front: index + 1, clients });
  }

  /** Kills the front if it still runs and has no relay. */
  #killLost(index: number, pid: number): void {
    if (this.#pids.get(index) === pid && !this.#byIndex.has(index)) this.#kill(pid);
  }

  #kill(pid: number): void {
    if (!this.#isStopping) this.#options.keeper.killFront(pid);
  }

  #fail(why: string): void {
    this.#startFailure ??= why;
    this.#listeners.fail(why);
    this.#onChange?.();
  }

  #accept(conn: FrameConn, hello: Hello & { kind: "front" }): void {
    const { host, log, setup } = this.#options;
    const { index, pid, name, isReturning, side: { program } } = hello;
    // The keeper may say of this process only later that it is a front; so a front tries more than once.
    if (this.#pids.get(index) !== pid || this.#byIndex.has(index) || this.#isStopping) return conn.close();
    if (!this.welcome(conn, name, setup)) return;
    const link = new FrontLink({
      index,
      name,
      isReturning,
      conn,
      host,
      onFrame: (frame) => this.#handle(link, frame),
      onPresented: (presentation) => this.#present(link, presentation),
    });
    this.#byIndex.set(index, link);
    this.links.set(name, link);
    if (!isReturning) this.gathering.report();
    if (program !== HUB_SIDE.program) {
      const text = `front ${
        index + 1
      } is ChatterBox ${program}, the hub ${HUB_SIDE.program}: they speak one relay`;
      log.info("front", text, { front: index + 1 });
    }
    if (this.#hasStarted) log.info("front", `front ${index + 1} is connected`, { front: index + 1 });
    this.#listeners.askAll(link);
    const lost = this.#serve(link);
    this.#lost.set(index, lost);
    void lost.then(() => this.#endProcess(index, pid));
  }

  /** A front has presented its sessions. */
  #present({ name }: FrontLink, { sessions, listeners }: FrontPresentation): void {
    const isLate = this.gathering.add(name, sessions, parseJson<OpenListener[]>(listeners));
    if (isLate) void this.#options.host.restore(sessions);
  }

  /** Serves a front until it is gone; returns the number of clients that it had. */
  async #serve(link: FrontLink): Promise<number> {
    const why = await link.serve();
    this.#byIndex.delete(link.index);
    this.links.delete(link.name);
    this.#listeners.forget(link.index);
    if (why !== undefined) {
      this.#options.log.error("front", `front ${link.index + 1} broke the relay: ${why}`);
    }
    return link.lostSessions;
  }

  /** A process that has lost its relay ends, by itself or not. */
  #endProcess(index: number, pid: number): void {
    callAfter(END_MS, () => this.#killLost(index, pid));
  }

  #handle(link: FrontLink, frame: UpFrame & { kind: "listening" | "failed" | "trouble" }): void {
    if (frame.kind !== "trouble") return this.#listeners.handle(link, frame);
    this.#options.log.warning("front", `front ${link.index + 1}: ${frame.why}`);
  }

  /** A front cannot listen where the first one does. */
  #handleFailure(link: FrontLink, why: string): void {
    this.#options.log.error("front", `front ${link.index + 1}: ${why}`);
    const pid = this.#pids.get(link.index);
    // It tries again when it is started again.
    if (pid !== undefined && (this.#hasStarted || this.#options.isRestart)) this.#kill(pid);
    else this.#fail(`front ${link.index + 1}: ${why}`);
  }
}
