/**
 * The fronts of this node, as its hub sees them whether it leads or not: they get their setup and listeners here, and
 * are told where their sessions are relayed to.
 */
import type { Address } from "../../net/address.ts";
import type { FrameConn } from "../../net/frame_conn.ts";
import type { UnixAccess } from "../../net/listener.ts";
import { type DownFrame, encodeDown } from "../../relay/downward.ts";
import { encodeWelcome, type Hello } from "../../relay/handshake.ts";
import { decodeUp, type UpFrame } from "../../relay/upward.ts";
import { RelayFault } from "../../relay/wire.ts";
import type { OpenOutcome } from "../listen/listeners.ts";
import { formatSetup, type FrontSetup } from "../relay/front_setup.ts";
import { FrontGroup, type FrontGroupOptions } from "../relay/front_group.ts";
import { HUB_SIDE } from "../relay/relay_socket.ts";
import type { ListeningFront } from "../relay/shared_listeners.ts";
import type { ServerLog } from "../server_log.ts";
import { formatTarget, type RelayTarget } from "./relay_target.ts";

/** Time for a process to end, or to connect again, after its connection. */
const END_MS = 5_000;

/** A front that is connected. */
interface ControlledFront extends ListeningFront {
  readonly conn: FrameConn;
  clients: number;
}

export class FrontControls {
  readonly #log: ServerLog;
  readonly #group: FrontGroup<ControlledFront>;
  /** What each front has last said of its clients; its connection may end before it does. */
  readonly #clients = new Map<number, number>();
  /** Undefined: this hub does not know yet; the fronts go on with what an earlier one has said. */
  #target: RelayTarget | undefined;

  constructor(options: FrontGroupOptions) {
    this.#log = options.log;
    this.#group = new FrontGroup(options, END_MS);
  }

  /** Clients of all fronts. */
  get clients(): number {
    return this.#group.links.reduce((sum, { clients }) => sum + clients, 0);
  }

  /** Fronts that run. */
  get connected(): number {
    return this.#group.connected;
  }

  /** A front has connected. */
  accept(conn: FrameConn, { index, pid }: Hello & { kind: "control" }): void {
    const group = this.#group;
    if (!group.isExpected(index, pid)) return conn.close();
    group.find(index)?.conn.close();
    conn.send([encodeWelcome({ kind: "welcome", side: HUB_SIDE, setup: formatSetup(group.setup) })]);
    const tell = (frame: DownFrame) => void conn.send([encodeDown(frame)]);
    const front: ControlledFront = { index, conn, clients: 0, tell };
    group.add(front, pid);
    if (this.#target !== undefined) tell({ kind: "target", target: formatTarget(this.#target) });
    void this.#serve(front);
  }

  /** Where the sessions of the fronts are relayed to, from now on. */
  setTarget(target: RelayTarget): void {
    const before = this.#target;
    if (before !== undefined && formatTarget(target) === formatTarget(before)) return;
    this.#target = target;
    this.#group.tellAll({ kind: "target", target: formatTarget(target) });
  }

  /** Ends the fronts that run: their clients have to go to another node. Those that are started then wait for a target. */
  dismiss(): void {
    this.#target = { kind: "none" };
    this.#group.tellAll({ kind: "target", target: formatTarget({ kind: "none", isCutOff: true }) });
  }

  /** Opens a listener in all fronts; the outcome is that of the first one. Only that one has a Unix socket. */
  listen(address: Address, isWeb: boolean, access: Partial<UnixAccess> = {}): Promise<OpenOutcome> {
    return this.#group.listen(address, isWeb, access, undefined);
  }

  /** As {@link FrontGroup.whenStarted}. */
  whenStarted(): ReturnType<FrontGroup<ControlledFront>["whenStarted"]> {
    return this.#group.whenStarted();
  }

  /** As {@link FrontGroup.reload}. */
  reload(setup: FrontSetup): void {
    this.#group.reload(setup);
  }

  /** Ends all fronts, and their clients' connections. */
  stop(): void {
    this.#group.stop();
  }

  /** As {@link FrontGroup.handleStarted}. */
  handleStarted(index: number, pid: number): void {
    this.#group.handleStarted(index, pid);
  }

  /** The process `pid` of front `index` has ended; `how`: in words. */
  handleEnded(index: number, pid: number, how: string): void {
    const clients = this.#clients.get(index) ?? 0;
    this.#clients.delete(index);
    this.#group.handleEnded(index, pid)?.conn.close();
    this.#group.noteEnd(index, clients, how);
  }

  async #serve(front: ControlledFront): Promise<void> {
    const { index, conn } = front;
    try {
      do {
        for (let frame = conn.next(); frame !== undefined; frame = conn.next()) {
          this.#handle(front, decodeUp(frame));
        }
      } while (await conn.fill());
    } catch (error) {
      if (!(error instanceof RelayFault)) throw error;
      this.#log.error("front", `front ${index + 1} broke the relay: ${error.message}`);
    }
    conn.close();
    this.#group.remove(front);
  }

  #handle(front: ControlledFront, frame: UpFrame): void {
    switch (frame.kind) {
      case "listening":
      case "failed":
      case "trouble":
        return this.#group.handle(front, frame);
      case "clients":
        front.clients = frame.count;
        this.#clients.set(front.index, frame.count);
        return;
      default:
        throw new RelayFault(`${frame.kind} is for the hub that leads`);
    }
  }
}
