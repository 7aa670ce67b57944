/**
 * The fronts of this node, as its hub sees them whether it leads or not: they get their setup and listeners here, and
 * are told where their sessions are relayed to.
 */
import { callAfter } from "../../base/deadlines.ts";
import type { Address } from "../../net/address.ts";
import type { FrameConn } from "../../net/frame_conn.ts";
import type { UnixAccess } from "../../net/listener.ts";
import { type DownFrame, encodeDown } from "../../relay/downward.ts";
import { encodeWelcome, type Hello } from "../../relay/handshake.ts";
import { decodeUp, type UpFrame } from "../../relay/upward.ts";
import { RelayFault } from "../../relay/wire.ts";
import type { OpenOutcome } from "../listen/listeners.ts";
import { formatSetup, type FrontSetup } from "../relay/front_setup.ts";
import type { FrontKeeper } from "../relay/relay_ports.ts";
import { HUB_SIDE } from "../relay/relay_socket.ts";
import { type ListeningFront, SharedListeners } from "../relay/shared_listeners.ts";
import type { ServerLog } from "../server_log.ts";
import { formatTarget, type RelayTarget } from "./relay_target.ts";

/** Time for a started process to connect. */
const START_MS = 20_000;
/** Time for a process to end, or to connect again, after its connection. */
const END_MS = 5_000;

export interface FrontControlsOptions {
  readonly setup: FrontSetup;
  readonly keeper: FrontKeeper;
  /** There has been a hub before: a front that cannot be started is no reason to end the server. */
  readonly isRestart: boolean;
  readonly log: ServerLog;
}

/** A front that is connected. */
interface ControlledFront extends ListeningFront {
  readonly pid: number;
  readonly conn: FrameConn;
  clients: number;
}

export class FrontControls {
  readonly #options: FrontControlsOptions;
  #setup: FrontSetup;
  readonly #fronts = new Map<number, ControlledFront>();
  /** Process of each front that runs. */
  readonly #pids = new Map<number, number>();
  /** What each front has last said of its clients; its connection may end before it does. */
  readonly #clients = new Map<number, number>();
  readonly #listeners: SharedListeners<ControlledFront>;
  /** Undefined: this hub does not know yet; the fronts go on with what an earlier one has said. */
  #target: RelayTarget | undefined;
  #isStopping = false;
  #hasStarted = false;
  #startFailure: string | undefined;
  /** Called when all fronts may listen everywhere, or one has ended. */
  #onChange: (() => void) | undefined;

  constructor(options: FrontControlsOptions) {
    this.#options = options;
    this.#setup = options.setup;
    this.#listeners = new SharedListeners({
      fronts: options.setup.fronts,
      links: () => this.#fronts.values(),
      onChange: () => this.#onChange?.(),
      onFailure: (front, why) => this.#handleFailure(front, why),
    });
  }

  /** Clients of all fronts. */
  get clients(): number {
    return this.#fronts.values().reduce((sum, { clients }) => sum + clients, 0);
  }

  /** Fronts that run. */
  get connected(): number {
    return this.#fronts.size;
  }

  /** A front has connected. */
  accept(conn: FrameConn, { index, pid }: Hello & { kind: "control" }): void {
    // The keeper may say of this process only later that it is a front; so a front tries more than once.
    if (this.#pids.get(index) !== pid || this.#isStopping) return conn.close();
    this.#fronts.get(index)?.conn.close();
    conn.send([encodeWelcome({ kind: "welcome", side: HUB_SIDE, setup: formatSetup(this.#setup) })]);
    const tell = (frame: DownFrame) => void conn.send([encodeDown(frame)]);
    const front: ControlledFront = { index, pid, conn, clients: 0, tell };
    this.#fronts.set(index, front);
    this.#listeners.askAll(front);
    if (this.#target !== undefined) tell({ kind: "target", target: formatTarget(this.#target) });
    void this.#serve(front);
    this.#onChange?.();
  }

  /** Where the sessions of the fronts are relayed to, from now on. */
  setTarget(target: RelayTarget): void {
    const before = this.#target;
    if (before !== undefined && formatTarget(target) === formatTarget(before)) return;
    this.#target = target;
    this.#tellAll({ kind: "target", target: formatTarget(target) });
  }

  /** Ends the fronts that run: their clients have to go to another node. Those that are started then wait for a target. */
  dismiss(): void {
    this.#target = { kind: "none" };
    this.#tellAll({ kind: "target", target: formatTarget({ kind: "none", isCutOff: true }) });
  }

  /** Opens a listener in all fronts; the outcome is that of the first one. Only that one has a Unix socket. */
  listen(address: Address, isWeb: boolean, access: Partial<UnixAccess> = {}): Promise<OpenOutcome> {
    return this.#listeners.listen(address, isWeb, access, undefined);
  }

  /** Resolves when all fronts listen, with their processes; or with why one does not. */
  async whenStarted(): Promise<{ readonly pids: readonly number[] } | { readonly why: string }> {
    const isComplete = () => this.#fronts.size === this.#options.setup.fronts && this.#listeners.areComplete;
    while (this.#startFailure === undefined && !isComplete()) {
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
    if (this.#startFailure !== undefined) return { why: this.#startFailure };
    this.#hasStarted = true;
    return { pids: Array.from(this.#fronts.values(), ({ pid }) => pid) };
  }

  /** Has all fronts, also those that are started later, take over `setup`, and read the certificate again. */
  reload(setup: FrontSetup): void {
    this.#setup = setup;
    this.#tellAll({ kind: "reload", setup: formatSetup(setup) });
  }

  /** Ends all fronts, and their clients' connections. */
  stop(): void {
    this.#isStopping = true;
    this.#tellAll({ kind: "stop" });
  }

  /** The keeper has started the process `pid` of front `index`, or had done so before this hub. */
  handleStarted(index: number, pid: number): void {
    this.#pids.set(index, pid);
    callAfter(START_MS, () => this.#killLost(index, pid));
  }

  /** The process `pid` of front `index` has ended; `how`: in words. */
  handleEnded(index: number, pid: number, how: string): void {
    const { log, isRestart } = this.#options;
    const clients = this.#clients.get(index) ?? 0;
    this.#clients.delete(index);
    if (this.#pids.get(index) === pid) {
      this.#pids.delete(index);
      this.#fronts.get(index)?.conn.close();
    }
    if (this.#isStopping) return;
    if (!this.#hasStarted && !isRestart) return this.#fail(`front ${index + 1} could not be started: ${how}`);
    const lost = clients === 1 ? "1 client has" : `${clients} clients have`;
    const text = `front ${index + 1} ended (${how}): ${lost} lost the connection; it is started again`;
    log.error("front", text, { front: index + 1, clients });
  }

  #tellAll(frame: DownFrame): void {
    for (const { tell } of this.#fronts.values()) tell(frame);
  }

  async #serve(front: ControlledFront): Promise<void> {
    const { index, pid, conn } = front;
    try {
      do {
        for (let frame = conn.next(); frame !== undefined; frame = conn.next()) {
          this.#handle(front, decodeUp(frame));
        }
      } while (await conn.fill());
    } catch (error) {
      if (!(error instanceof RelayFault)) throw error;
      this.#options.log.error("front", `front ${index + 1} broke the relay: ${error.message}`);
    }
    conn.close();
    if (this.#fronts.get(index) !== front) return;
    this.#fronts.delete(index);
    this.#listeners.forget(index);
    callAfter(END_MS, () => this.#killLost(index, pid));
  }

  #handle(front: ControlledFront, frame: UpFrame): void {
    switch (frame.kind) {
      case "listening":
      case "failed":
        return this.#listeners.handle(front, frame);
      case "clients":
        front.clients = frame.count;
        this.#clients.set(front.index, frame.count);
        return;
      case "trouble":
        return this.#options.log.warning("front", `front ${front.index + 1}: ${frame.why}`);
      default:
        throw new RelayFault(`${frame.kind} is for the hub that leads`);
    }
  }

  /** Kills the front if it still runs and is not connected. */
  #killLost(index: number, pid: number): void {
    if (this.#pids.get(index) === pid && this.#fronts.get(index)?.pid !== pid && !this.#isStopping) {
      this.#options.keeper.killFront(pid);
    }
  }

  #fail(why: string): void {
    this.#startFailure ??= why;
    this.#listeners.fail(why);
    this.#onChange?.();
  }

  /** A front cannot listen where the first one does. */
  #handleFailure({ index, pid }: ControlledFront, why: string): void {
    this.#options.log.error("front", `front ${index + 1}: ${why}`);
    // It tries again when it is started again.
    if (this.#hasStarted || this.#options.isRestart) this.#options.keeper.killFront(pid);
    else this.#fail(`front ${index + 1}: ${why}`);
  }
}
