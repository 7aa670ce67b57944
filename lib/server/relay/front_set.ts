/** The fronts of a server: starts their processes, starts one that died again, and has them listen. */
import { delay } from "../../base/delay.ts";
import type { Address } from "../../net/address.ts";
import type { FrameConn } from "../../net/frame_conn.ts";
import type { UnixAccess } from "../../net/listener.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import { encodeWelcome, type Hello } from "../../relay/handshake.ts";
import type { UpFrame } from "../../relay/upward.ts";
import type { OpenOutcome } from "../listen/listeners.ts";
import type { ServerLog } from "../server_log.ts";
import { FrontLink } from "./front_link.ts";
import type { FrontProcess, StartFront } from "./front_process.ts";
import { formatSetup, type FrontSetup, type ListenRequest, parseJson } from "./front_setup.ts";
import { HUB_SIDE, RelaySocket } from "./relay_socket.ts";
import type { RelayHost, ServerRelay } from "./relay_ports.ts";

/** Time for a started process to connect. */
const START_MS = 20_000;
/** Time for a process to end after its relay. */
const END_MS = 2_000;
/** Pauses before a front that died is started again: the first, and the longest. */
const RESTART_MS = 100;
const MAX_RESTART_MS = 5_000;
/** A front that has run for this time is started again after the first pause. */
const STEADY_MS = 30_000;

export interface FrontSetOptions {
  readonly host: RelayHost;
  readonly dataDir: string;
  readonly setup: FrontSetup;
  readonly start: StartFront;
  readonly log: ServerLog;
}

/** A listener that all fronts have, or are to have. */
interface SharedListener {
  request: ListenRequest;
  /** Fronts that have it open. */
  readonly open: Set<number>;
  /** Settles with the outcome of the first front. */
  readonly first: PromiseWithResolvers<OpenOutcome>;
  /** The first front could not open it. */
  hasFailed: boolean;
}

export class FrontSet implements ServerRelay {
  readonly #options: FrontSetOptions;
  readonly #links = new Map<number, FrontLink>();
  /** Of each front that has been connected: settles at its end with the number of clients that it had. */
  readonly #lost = new Map<number, Promise<number>>();
  readonly #processes = new Map<number, FrontProcess>();
  readonly #listeners: SharedListener[] = [];
  #socket: RelaySocket | undefined;
  #web: HttpUpgrader | undefined;
  #isStopping = false;
  readonly #running: Promise<void>[] = [];
  /** Resolved when all fronts listen everywhere, or one ends before that. */
  #onChange: (() => void) | undefined;
  #hasStarted = false;
  #startFailure: string | undefined;

  private constructor(options: FrontSetOptions) {
    this.#options = options;
  }

  /** Opens the relay socket and starts the processes. */
  static async start(options: FrontSetOptions): Promise<FrontSet | { readonly why: string }> {
    const fronts = new FrontSet(options);
    const socket = await RelaySocket.open({
      dataDir: options.dataDir,
      onFront: (conn, hello) => fronts.#welcome(conn, hello),
      onTunnel: (conn, origin) => {
        if (fronts.#web === undefined) conn.close();
        else options.host.acceptTunnel(conn, origin, fronts.#web);
      },
      onTrouble: (why) => options.log.warning("front", why),
    });
    if (!(socket instanceof RelaySocket)) return socket;
    fronts.#socket = socket;
    for (let index = 0; index < options.setup.fronts; index++) fronts.#running.push(fronts.#run(index));
    return fronts;
  }

  /** Opens a listener in all fronts; the outcome is that of the first one. Only that one has a Unix socket. */
  listen(
    address: Address,
    web: HttpUpgrader | undefined,
    access: Partial<UnixAccess> = {},
  ): Promise<OpenOutcome> {
    this.#web ??= web;
    const request: ListenRequest = { address, isWeb: web !== undefined, access, sharing: "first" };
    const listener = {
      request,
      open: new Set<number>(),
      first: Promise.withResolvers<OpenOutcome>(),
      hasFailed: false,
    };
    this.#listeners.push(listener);
    if (this.#startFailure !== undefined) {
      listener.first.resolve({ kind: "failed", why: this.#startFailure });
    } else {
      const link = this.#links.get(0);
      if (link !== undefined) this.#ask(link, this.#listeners.length - 1);
    }
    return listener.first.promise;
  }

  /** Resolves when all fronts listen, with their processes; or with why one does not. */
  async whenStarted(): Promise<{ readonly pids: readonly number[] } | { readonly why: string }> {
    while (this.#startFailure === undefined && !this.#isComplete) {
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
    if (this.#startFailure !== undefined) return { why: this.#startFailure };
    this.#hasStarted = true;
    return { pids: Array.from(this.#processes.values(), ({ pid }) => pid) };
  }

  get #isComplete(): boolean {
    return this.#links.size === this.#options.setup.fronts &&
      this.#listeners.every(({ request: { address }, open, hasFailed }) =>
        hasFailed || open.size === (address.kind === "unix" ? 1 : this.#options.setup.fronts)
      );
  }

  /** Has all fronts reload the certificate. */
  reload(): void {
    for (const link of this.#links.values()) link.tell({ kind: "reload" });
  }

  flush(): void {
    for (const link of this.#links.values()) link.flush();
  }

  get whenDrained(): Promise<void> | undefined {
    let waits: Promise<void>[] | undefined;
    for (const link of this.#links.values()) {
      const wait = link.whenDrained;
      if (wait !== undefined) (waits ??= []).push(wait);
    }
    return waits && Promise.all(waits).then(() => {});
  }

  get queuedBytes(): number {
    return this.#links.values().reduce((sum, link) => sum + link.queuedBytes, 0);
  }

  /** Number of fronts that are connected. */
  get connected(): number {
    return this.#links.size;
  }

  tick(now: number): void {
    for (const link of this.#links.values()) link.tick(now);
  }

  stopListening(): void {
    this.#isStopping = true;
    for (const link of this.#links.values()) link.tell({ kind: "stop" });
  }

  /** Ends all fronts. */
  async close(): Promise<void> {
    this.stopListening();
    for (const link of this.#links.values()) link.close();
    await this.#socket?.close();
    const late = setTimeout(() => this.#processes.forEach((process) => process.kill()), END_MS);
    await Promise.all(this.#running);
    clearTimeout(late);
  }

  /** Keeps front `index` running. */
  async #run(index: number): Promise<void> {
    for (let pause = RESTART_MS; !this.#isStopping;) {
      const startedAt = performance.now();
      const why = await this.#runProcess(index);
      if (this.#isStopping) return;
      if (!this.#hasStarted) return this.#fail(`front ${index + 1} could not be started: ${why}`);
      if (performance.now() - startedAt >= STEADY_MS) pause = RESTART_MS;
      await delay(pause);
      pause = Math.min(2 * pause, MAX_RESTART_MS);
    }
  }

  /** Runs a process of front `index` to its end; returns how it ended. */
  async #runProcess(index: number): Promise<string> {
    const { start, log } = this.#options;
    let process: FrontProcess;
    try {
      process = start(this.#socket!.path, index);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.#processes.set(index, process);
    const late = setTimeout(() => this.#links.has(index) || process.kill(), START_MS);
    const how = await process.ended;
    clearTimeout(late);
    this.#processes.delete(index);
    this.#links.get(index)?.close();
    const clients = await this.#lost.get(index) ?? 0;
    this.#lost.delete(index);
    if (!this.#isStopping && this.#hasStarted) {
      const lost = clients === 1 ? "1 client has" : `${clients} clients have`;
      log.error(
        "front",
        `front ${index + 1} ended (${how}): ${lost} lost the connection; it is started again`,
        {
          front: index + 1,
          clients,
        },
      );
    }
    return how;
  }

  #fail(why: string): void {
    this.#startFailure ??= why;
    for (const { first } of this.#listeners) first.resolve({ kind: "failed", why });
    this.#onChange?.();
  }

  #welcome(conn: FrameConn, { index, pid }: Hello & { kind: "front" }): void {
    const { host, log, setup } = this.#options;
    const process = this.#processes.get(index);
    if (process?.pid !== pid || this.#links.has(index) || this.#isStopping) return conn.close();
    conn.send([encodeWelcome({ kind: "welcome", side: HUB_SIDE, setup: formatSetup(setup) })]);
    const link = new FrontLink({ index, conn, host, onFrame: (frame) => this.#handle(link, frame) });
    this.#links.set(index, link);
    if (this.#hasStarted) log.info("front", `front ${index + 1} is connected`, { front: index + 1 });
    this.#listeners.forEach((_, request) => this.#ask(link, request));
    this.#lost.set(index, this.#serve(link));
    void this.#lost.get(index)!.then(() => this.#endProcess(process));
  }

  /** Serves a front until it is gone; returns the number of clients that it had. */
  async #serve(link: FrontLink): Promise<number> {
    const why = await link.serve();
    this.#links.delete(link.index);
    for (const { open } of this.#listeners) open.delete(link.index);
    if (why !== undefined) {
      this.#options.log.error("front", `front ${link.index + 1} broke the relay: ${why}`);
    }
    return link.lostSessions;
  }

  /** A process that has lost its relay ends, by itself or not. */
  async #endProcess(process: FrontProcess): Promise<void> {
    if (this.#isStopping) return;
    const late = setTimeout(() => process.kill(), END_MS);
    await process.ended;
    clearTimeout(late);
  }

  /** Asks a front to listen, where the first front does already or this is the first one. */
  #ask(link: FrontLink, number: number): void {
    const { request, open, hasFailed } = this.#listeners[number]!;
    const isFirst = link.index === 0;
    if (!isFirst && (request.sharing === "first" || request.address.kind === "unix")) return;
    if (hasFailed || open.has(link.index)) return;
    link.tell({ kind: "listen", request: number, what: JSON.stringify(request) });
  }

  #handle(link: FrontLink, frame: UpFrame & { kind: "listening" | "failed" | "trouble" }): void {
    const { log } = this.#options;
    if (frame.kind === "trouble") return log.warning("front", `front ${link.index + 1}: ${frame.why}`);
    const listener = this.#listeners[frame.request];
    if (listener === undefined) return;
    if (frame.kind === "failed") return this.#handleFailure(link, listener, frame);
    const address = parseJson<Address>(frame.address);
    listener.open.add(link.index);
    if (listener.request.sharing === "first") {
      listener.request = { ...listener.request, address, sharing: "further" };
      for (const other of this.#links.values()) this.#ask(other, frame.request);
      listener.first.resolve({ kind: "listening", address });
    }
    this.#onChange?.();
  }

  #handleFailure(
    link: FrontLink,
    listener: SharedListener,
    { why, inUse }: UpFrame & { kind: "failed" },
  ): void {
    if (listener.request.sharing === "first") {
      listener.hasFailed = true;
      return listener.first.resolve(inUse ? { kind: "failed", why, inUse } : { kind: "failed", why });
    }
    this.#options.log.error("front", `front ${link.index + 1}: ${why}`);
    if (this.#hasStarted) this.#processes.get(link.index)?.kill(); // it tries again when it is started again
    else this.#fail(`front ${link.index + 1}: ${why}`);
  }
}
