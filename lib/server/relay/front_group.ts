/**
 * The processes of the fronts that a hub has started by its keeper: which run, are connected and listen. `Link`: the
 * connection of a front, to which sessions are relayed (`front_set.ts`), or the one by which a cluster's node tells its
 * fronts what to do (`front_controls.ts`).
 */
import { callAfter } from "../../base/deadlines.ts";
import type { Address } from "../../net/address.ts";
import type { UnixAccess } from "../../net/listener.ts";
import type { DownFrame } from "../../relay/downward.ts";
import type { UpFrame } from "../../relay/upward.ts";
import type { OpenOutcome } from "../listen/listeners.ts";
import type { ServerLog } from "../server_log.ts";
import { formatSetup, type FrontSetup } from "./front_setup.ts";
import type { FrontKeeper } from "./relay_ports.ts";
import { type ListeningFront, SharedListeners } from "./shared_listeners.ts";

/** Time for a started process to connect. */
const START_MS = 20_000;

export interface FrontGroupOptions {
  readonly setup: FrontSetup;
  readonly keeper: FrontKeeper;
  /** There has been a hub before: a front that cannot be started is no reason to end the server. */
  readonly isRestart: boolean;
  readonly log: ServerLog;
}

export class FrontGroup<Link extends ListeningFront> {
  readonly #options: FrontGroupOptions;
  /** Time for a process to end, or to connect again, after its connection. */
  readonly #endMs: number;
  /** Process of each front that runs. */
  readonly #pids = new Map<number, number>();
  /** Fronts that are connected. */
  readonly #connected = new Map<number, { readonly link: Link; readonly pid: number }>();
  readonly #listeners: SharedListeners<Link>;
  #setup: FrontSetup;
  #isStopping = false;
  #hasStarted = false;
  #startFailure: string | undefined;
  /** Called when all fronts may listen everywhere, or one has ended. */
  #onChange: (() => void) | undefined;

  constructor(options: FrontGroupOptions, endMs: number) {
    this.#options = options;
    this.#endMs = endMs;
    this.#setup = options.setup;
    this.#listeners = new SharedListeners({
      fronts: options.setup.fronts,
      links: () => this.links,
      onChange: () => this.#onChange?.(),
      onFailure: (link, why) => this.#handleFailure(link, why),
    });
  }

  /** What a front is told when it connects. */
  get setup(): FrontSetup {
    return this.#setup;
  }

  /** All fronts have been listening everywhere. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Of the fronts that are connected. */
  get links(): IteratorObject<Link> {
    return this.#connected.values().map(({ link }) => link);
  }

  get connected(): number {
    return this.#connected.size;
  }

  /** The connection of front `index`; undefined: there is none. */
  find(index: number): Link | undefined {
    return this.#connected.get(index)?.link;
  }

  /** Whether the process `pid` is front `index`. The keeper may say so only later, so a front tries more than once. */
  isExpected(index: number, pid: number): boolean {
    return this.#pids.get(index) === pid && !this.#isStopping;
  }

  /** A front has connected, and knows its setup: it is asked to listen. */
  add(link: Link, pid: number): void {
    this.#connected.set(link.index, { link, pid });
    this.#listeners.askAll(link);
    this.#onChange?.();
  }

  /** The connection has ended; its process ends, or connects again. */
  remove(link: Link): void {
    const { index } = link;
    const known = this.#connected.get(index);
    if (known?.link !== link) return;
    this.#connected.delete(index);
    this.#listeners.forget(index);
    callAfter(this.#endMs, () => this.#killLost(index, known.pid));
  }

  tellAll(frame: DownFrame): void {
    for (const link of this.links) link.tell(frame);
  }

  /** Has all fronts, also those that are started later, take over `setup`, and read the certificate again. */
  reload(setup: FrontSetup): void {
    this.#setup = setup;
    this.tellAll({ kind: "reload", setup: formatSetup(setup) });
  }

  /** Ends all fronts, and their clients' connections. */
  stop(): void {
    this.#isStopping = true;
    this.tellAll({ kind: "stop" });
  }

  /** As {@link SharedListeners.listen}. */
  listen(
    address: Address,
    isWeb: boolean,
    access: Partial<UnixAccess>,
    known: Address | undefined,
  ): Promise<OpenOutcome> {
    return this.#listeners.listen(address, isWeb, access, known);
  }

  /** Resolves when all fronts listen, with their processes; or with why one does not. */
  async whenStarted(): Promise<{ readonly pids: readonly number[] } | { readonly why: string }> {
    const isComplete = () => this.connected === this.#setup.fronts && this.#listeners.areComplete;
    while (this.#startFailure === undefined && !isComplete()) {
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
    if (this.#startFailure !== undefined) return { why: this.#startFailure };
    this.#hasStarted = true;
    const all = Array.from(this.#connected).sort(([a], [b]) => a - b);
    return { pids: all.map(([, { pid }]) => pid) };
  }

  /** What a front says of its listeners, or of a trouble. */
  handle(link: Link, frame: UpFrame & { kind: "listening" | "failed" | "trouble" }): void {
    if (frame.kind !== "trouble") return this.#listeners.handle(link, frame);
    this.#options.log.warning("front", `front ${link.index + 1}: ${frame.why}`);
  }

  /** The keeper has started the process `pid` of front `index`, or had done so before this hub. */
  handleStarted(index: number, pid: number): void {
    this.#pids.set(index, pid);
    callAfter(START_MS, () => this.#killLost(index, pid));
  }

  /** The process `pid` of front `index` has ended. Returns its connection, if there is one. */
  handleEnded(index: number, pid: number): Link | undefined {
    if (this.#pids.get(index) !== pid) return undefined;
    this.#pids.delete(index);
    return this.find(index);
  }

  /** Logs that front `index`, which had `clients`, has ended; `how`: in words. */
  noteEnd(index: number, clients: number, how: string): void {
    const { log, isRestart } = this.#options;
    if (this.#isStopping) return;
    if (!this.#hasStarted && !isRestart) return this.#fail(`front ${index + 1} could not be started: ${how}`);
    const lost = clients === 1 ? "1 client has" : `${clients} clients have`;
    const text = `front ${index + 1} ended (${how}): ${lost} lost the connection; it is started again`;
    log.error("front", text, { front: index + 1, clients });
  }

  /** Kills the front if it still runs and is not connected. */
  #killLost(index: number, pid: number): void {
    if (this.#pids.get(index) === pid && this.#connected.get(index)?.pid !== pid) this.#kill(pid);
  }

  #kill(pid: number): void {
    if (!this.#isStopping) this.#options.keeper.killFront(pid);
  }

  #fail(why: string): void {
    this.#startFailure ??= why;
    this.#listeners.fail(why);
    this.#onChange?.();
  }

  /** A front cannot listen where the first one does. */
  #handleFailure({ index }: Link, why: string): void {
    this.#options.log.error("front", `front ${index + 1}: ${why}`);
    const pid = this.#pids.get(index);
    // It tries again when it is started again.
    if (pid !== undefined && (this.#hasStarted || this.#options.isRestart)) this.#kill(pid);
    else this.#fail(`front ${index + 1}: ${why}`);
  }
}
