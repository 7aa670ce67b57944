/**
 * The fronts of a server: welcomes those that the keeper has started, and has them listen. Fronts that an earlier hub
 * had present their sessions; a server with such fronts is started thus:
 *
 *     const fronts = await FrontSet.start(…);
 *     server.useRelay(fronts);
 *     await server.start(facts, await fronts.gather(expected));
 */
import type { Address } from "../../net/address.ts";
import type { FrameConn } from "../../net/frame_conn.ts";
import type { UnixAccess } from "../../net/listener.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { Hello } from "../../relay/handshake.ts";
import type { OpenOutcome } from "../listen/listeners.ts";
import type { RestoredSession } from "../../hub/handover/presentation.ts";
import { FrontGroup, type FrontGroupOptions } from "./front_group.ts";
import { FrontLink } from "./front_link.ts";
import { FrontLinks } from "./front_links.ts";
import type { FrontPresentation } from "./presentation_reader.ts";
import { type FrontSetup, type OpenListener, parseJson } from "./front_setup.ts";
import { HUB_SIDE, RelaySocket } from "./relay_socket.ts";
import type { RelayHost } from "./relay_ports.ts";

/** Time for a process to end after its relay. */
const END_MS = 2_000;

export interface FrontSetOptions extends FrontGroupOptions {
  readonly host: RelayHost;
  readonly dataDir: string;
  /** As in `Gathering`. */
  readonly gatherMs?: number;
}

export class FrontSet extends FrontLinks {
  readonly #options: FrontSetOptions;
  readonly #group: FrontGroup<FrontLink>;
  /** Of each front that has been connected: settles at its end with the number of clients that it had. */
  readonly #lost = new Map<number, Promise<number>>();
  #socket: RelaySocket | undefined;
  #web: HttpUpgrader | undefined;

  private constructor(options: FrontSetOptions) {
    super(options.gatherMs);
    this.#options = options;
    this.#group = new FrontGroup(options, END_MS);
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
    return this.#group.listen(address, isWeb, access, this.gathering.takeListener(address, isWeb));
  }

  protected override count(outcomes: readonly RestoredSession[]): void {
    super.count(outcomes);
    const { restored, refused, ms } = this.takeover;
    const text = `${restored} ${
      restored === 1 ? "session" : "sessions"
    } of fronts taken over, ${refused} refused`;
    this.#options.log.info("takeover", text, { restored, refused, ms });
  }

  /** As {@link FrontGroup.whenStarted}. */
  whenStarted(): ReturnType<FrontGroup<FrontLink>["whenStarted"]> {
    return this.#group.whenStarted();
  }

  /** As {@link FrontGroup.reload}. */
  reload(setup: FrontSetup): void {
    this.#group.reload(setup);
  }

  stopListening(): void {
    this.#group.stop();
  }

  /** Ends all fronts. */
  async close(): Promise<void> {
    this.stopListening();
    for (const link of this.links.values()) link.close();
    await this.#socket?.close();
  }

  /** As {@link FrontGroup.handleStarted}. */
  handleStarted(index: number, pid: number): void {
    this.#group.handleStarted(index, pid);
  }

  /** The process `pid` of front `index` has ended; `how`: in words. */
  async handleEnded(index: number, pid: number, how: string): Promise<void> {
    this.#group.handleEnded(index, pid)?.close();
    const clients = await this.#lost.get(index) ?? 0;
    this.#lost.delete(index);
    this.#group.noteEnd(index, clients, how);
  }

  #accept(conn: FrameConn, hello: Hello & { kind: "front" }): void {
    const { host, log } = this.#options;
    const { index, pid, name, isReturning, side: { program } } = hello;
    const group = this.#group;
    if (!group.isExpected(index, pid) || group.find(index) !== undefined) return conn.close();
    if (!this.welcome(conn, name, group.setup)) return;
    const link = new FrontLink({
      index,
      name,
      isReturning,
      conn,
      host,
      onFrame: (frame) => group.handle(link, frame),
      onPresented: (presentation) => this.#present(link, presentation),
    });
    this.links.set(name, link);
    if (!isReturning) this.gathering.report();
    if (program !== HUB_SIDE.program) {
      const text = `front ${
        index + 1
      } is ChatterBox ${program}, the hub ${HUB_SIDE.program}: they speak one relay`;
      log.info("front", text, { front: index + 1 });
    }
    if (group.hasStarted) log.info("front", `front ${index + 1} is connected`, { front: index + 1 });
    group.add(link, pid);
    this.#lost.set(index, this.#serve(link));
  }

  /** A front has presented its sessions. */
  #present({ name }: FrontLink, { sessions, listeners }: FrontPresentation): void {
    const isLate = this.gathering.add(name, sessions, parseJson<OpenListener[]>(listeners));
    if (isLate) void this.#options.host.restore(sessions);
  }

  /** Serves a front until it is gone; returns the number of clients that it had. */
  async #serve(link: FrontLink): Promise<number> {
    const why = await link.serve();
    this.links.delete(link.name);
    this.#group.remove(link);
    if (why !== undefined) {
      this.#options.log.error("front", `front ${link.index + 1} broke the relay: ${why}`);
    }
    return link.lostSessions;
  }
}
