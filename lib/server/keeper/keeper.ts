/**
 * The keeper of `serve --fronts`: the process that was started. It starts a hub and the fronts, and again what has
 * ended, so that clients, which are connected to the fronts, outlive the hub. It has no other part in the chat.
 */
import { systemStopwatch } from "../../base/clock.ts";
import type { Stopwatch } from "../../base/clock.ts";
import { delay } from "../../base/delay.ts";
import type { ServerLog } from "../server_log.ts";
import { describeEnd } from "./child_process.ts";
import type { ProcessEnd, RunningProcess } from "./child_process.ts";
import { FrontProcesses } from "./front_processes.ts";
import { HubLink } from "./hub_link.ts";
import { HubWatch } from "./hub_watch.ts";
import { HANDED_OVER_CODE, KEEPER_VERSION, START_AGAIN_CODE } from "./keeper_protocol.ts";
import type { HubReport, HubStart, KeeperOrder } from "./keeper_protocol.ts";

/** Pauses before a hub that ended is started again: the first, and the longest. */
const RESTART_MS = 100;
const MAX_RESTART_MS = 5_000;
/** A hub that has run for this time is started again after the first pause. */
const STEADY_MS = 60_000;

export const STOP_SIGNALS = ["SIGINT", "SIGQUIT", "SIGTERM"] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** How a server ended. */
export type KeeperEnd =
  /** The hub ended it, or could not start, and has said why. */
  | { readonly kind: "ended"; readonly code: number }
  /** The hub died before it had started. */
  | { readonly kind: "not_started"; readonly how: string }
  /** The server was stopped, and the hub died before it had saved everything. */
  | { readonly kind: "unsaved"; readonly how: string }
  /** A signal ended it at once. */
  | { readonly kind: "signalled"; readonly signal: StopSignal };

export interface KeeperOptions {
  readonly fronts: number;
  readonly dataDir: string;
  readonly startHub: (start: HubStart) => RunningProcess;
  readonly startFront: (relay: string, index: number) => RunningProcess;
  readonly log: ServerLog;
  /** Called when a hub has ended, which may not have restored the terminal. */
  readonly onHubEnded: (end: ProcessEnd) => void;
  /** For tests. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly stopwatch?: Stopwatch;
}

/** A hub that runs. */
interface RunningHub {
  readonly process: RunningProcess;
  /** Undefined: it is not connected yet. */
  link: HubLink | undefined;
  hasStarted: boolean;
  watch: HubWatch | undefined;
  /** What it is told once it has started: before, it may have read its files, and have been loaded, already. */
  readonly due: Set<"reload" | "hand_over">;
}

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #fronts: FrontProcesses;
  #hub: RunningHub | undefined;
  readonly #run = crypto.randomUUID();
  /** Some hub has started. */
  #hasStarted = false;
  /** Aborted when the server is to end. */
  readonly #stopping = new AbortController();
  /** The signal that asked for it; undefined: the hub itself. */
  #signal: StopSignal | undefined;
  readonly #atOnce = Promise.withResolvers<KeeperEnd>();
  /** Resolves when a hub is connected, with the path of its socket for fronts. */
  #connected = Promise.withResolvers<string>();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#fronts = new FrontProcesses({
      count: options.fronts,
      start: options.startFront,
      whenHub: () => this.#connected.promise,
      tellHub: (order) => this.#tellHub(order),
      log: options.log,
    });
  }

  /** Runs the server to its end, at which none of its processes is left. */
  async run(): Promise<KeeperEnd> {
    this.#fronts.start();
    const end = await Promise.race([this.#keepHub(), this.#atOnce.promise]);
    if (end.kind === "ended" && this.#hasStarted) this.#fronts.stop();
    else this.#fronts.killAll(); // they were not told to end
    await Promise.all([this.#fronts.whenEnded(), this.#hub?.process.ended]);
    return end;
  }

  /** Stops the server in order; at the second call, at once. */
  stop(signal: StopSignal): void {
    if (this.#signal !== undefined) {
      this.#hub?.process.kill("SIGKILL");
      return this.#atOnce.resolve({ kind: "signalled", signal });
    }
    this.#signal = signal;
    this.#stopping.abort();
    this.#fronts.stop();
    // A hub that is not connected has not read anything from a client.
    if (!this.#tellHub({ kind: "stop" })) this.#hub?.process.kill("SIGTERM");
  }

  /** Has the hub reload its files. */
  reload(): void {
    this.#tellStartedHub("reload");
  }

  /** Has the hub hand over to a new process, of the program that is on disk then. */
  handOver(): void {
    this.#tellStartedHub("hand_over");
  }

  /** Without a hub there is nothing to tell: the next one reads its files, and is the program on disk. */
  #tellStartedHub(kind: "reload" | "hand_over"): void {
    const hub = this.#hub;
    if (hub?.hasStarted) hub.link?.order({ kind });
    else hub?.due.add(kind);
  }

  /** The server has started, and no hub works at present: it is started again, or hangs and will be. */
  get isWithoutHub(): boolean {
    const isUp = this.#hub?.hasStarted === true && this.#hub.watch?.isSilent !== true;
    return this.#hasStarted && !isUp;
  }

  #tellHub(order: KeeperOrder): boolean {
    this.#hub?.link?.order(order);
    return this.#hub?.link !== undefined;
  }

  /** Runs hubs, one after the other, until one of them ends the server. */
  async #keepHub(): Promise<KeeperEnd> {
    const { sleep = delay, stopwatch = systemStopwatch } = this.#options;
    for (let pause = RESTART_MS;;) {
      const startedAt = stopwatch();
      const end = await this.#runHub();
      this.#options.onHubEnded(end);
      if (this.#stopping.signal.aborted || !this.#hasStarted) return this.#lastEnd(end);
      if (stopwatch() - startedAt >= STEADY_MS) pause = RESTART_MS;
      if (end.code === HANDED_OVER_CODE) {
        this.#options.log.info("hub", "the hub has handed over; the next one is started");
        continue;
      }
      if (end.code === START_AGAIN_CODE) continue;
      const text = `the hub ended (${describeEnd(end)}); it is started again in ${pause / 1000} s`;
      this.#options.log.error("hub", text);
      await sleep(pause, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return { kind: "unsaved", how: describeEnd(end) };
      pause = Math.min(2 * pause, MAX_RESTART_MS);
    }
  }

  #lastEnd(end: ProcessEnd): KeeperEnd {
    if (end.signal === undefined && end.fault === undefined) return { kind: "ended", code: end.code };
    const how = describeEnd(end);
    if (this.#hasStarted) return { kind: "unsaved", how };
    // Before it could hold signals: it had nothing to save, and a server is stopped with 0.
    if (STOP_SIGNALS.some((signal) => signal === end.signal)) return { kind: "ended", code: 0 };
    return { kind: "not_started", how };
  }

  /** Runs a hub to its end. */
  async #runHub(): Promise<ProcessEnd> {
    const { fronts, startHub, dataDir } = this.#options;
    const process = startHub({
      version: KEEPER_VERSION,
      keeper: Deno.pid,
      fronts,
      living: this.#fronts.living,
      isRestart: this.#hasStarted,
      run: this.#run,
    });
    const hub: RunningHub = this.#hub = {
      process,
      link: undefined,
      hasStarted: false,
      watch: undefined,
      due: new Set(),
    };
    const ended = new AbortController();
    const served = this.#serve(hub, dataDir, ended.signal);
    const end = await process.ended;
    ended.abort();
    await served; // its last report may say that it ends for good
    this.#hub = undefined;
    return end;
  }

  /** Takes the reports of `hub` until it ends. */
  async #serve(hub: RunningHub, dataDir: string, ended: AbortSignal): Promise<void> {
    for (;;) {
      const link = hub.link = await HubLink.connect(dataDir, hub.process.pid, ended);
      if (link === undefined) return;
      for (const front of this.#fronts.living) link.order({ kind: "front_started", ...front });
      this.#connected.resolve(link.relay);
      const watch = hub.watch = new HubWatch((silentMs) => this.#killHung(hub, silentMs));
      for await (const report of link.reports()) this.#handle(report, hub, watch);
      watch.stop();
      this.#connected = Promise.withResolvers();
    }
  }

  #killHung({ process }: RunningHub, silentMs: number): void {
    this.#options.log.error("hub", `the hub hangs: no sign of life for ${silentMs / 1000} s; it is killed`);
    process.kill("SIGKILL");
  }

  #handle(report: HubReport, hub: RunningHub, watch: HubWatch): void {
    switch (report.kind) {
      case "started":
        this.#hasStarted = hub.hasStarted = true;
        for (const kind of hub.due) hub.link?.order({ kind });
        return hub.due.clear();
      case "alive":
        return watch.note(report.hangMs);
      case "stopping":
        this.#fronts.stop();
        return this.#stopping.abort();
      case "kill_front":
        return this.#fronts.kill(report.pid);
    }
  }
}
