/** The fronts as processes: started when there is a hub for them, and again when they have ended. */
import { delay } from "../../base/delay.ts";
import type { ServerLog } from "../server_log.ts";
import { describeEnd } from "./child_process.ts";
import type { RunningProcess } from "./child_process.ts";
import type { KeeperOrder, LivingFront } from "./keeper_protocol.ts";

/** Pauses before a front that ended is started again: the first, and the longest. */
const RESTART_MS = 100;
const MAX_RESTART_MS = 5_000;
/** A front that has run for this time is started again after the first pause. */
const STEADY_MS = 30_000;
/** Of the words about an end; a fault of the system has no bound. */
const END_LENGTH = 500;
/** Time for the fronts to end after their hub; those of a cluster's node pass their sessions on before. */
const END_MS = 7_000;

export interface FrontProcessesOptions {
  readonly count: number;
  /** `relay`: path of the hub's socket for fronts. */
  readonly start: (relay: string, index: number) => RunningProcess;
  /** Resolves when there is a hub that takes fronts, with the path of its socket for them. */
  readonly whenHub: () => Promise<string>;
  /** Tells the hub; false: there is none. */
  readonly tellHub: (order: KeeperOrder) => boolean;
  readonly log: ServerLog;
}

export class FrontProcesses {
  readonly #options: FrontProcessesOptions;
  readonly #processes = new Map<number, RunningProcess>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor(options: FrontProcessesOptions) {
    this.#options = options;
  }

  start(): void {
    for (let index = 0; index < this.#options.count; index++) this.#running.push(this.#keepRunning(index));
  }

  get living(): LivingFront[] {
    return Array.from(this.#processes, ([index, { pid }]) => ({ index, pid }));
  }

  /** Ends the front with process `pid`, if it is still one; it is started again. */
  kill(pid: number): void {
    for (const process of this.#processes.values()) if (process.pid === pid) process.kill("SIGKILL");
  }

  /** No front is started any more. */
  stop(): void {
    this.#stopping.abort();
  }

  killAll(): void {
    this.stop();
    for (const process of this.#processes.values()) process.kill("SIGKILL");
  }

  /** After {@link stop}: resolves when all have ended, by themselves or, if they take too long, killed. */
  async whenEnded(): Promise<void> {
    const late = setTimeout(() => this.killAll(), END_MS);
    await Promise.all(this.#running);
    clearTimeout(late);
  }

  async #keepRunning(index: number): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = new Promise<undefined>((resolve) =>
      signal.addEventListener("abort", () => resolve(undefined))
    );
    for (let pause = RESTART_MS;; pause = Math.min(2 * pause, MAX_RESTART_MS)) {
      const relay = await Promise.race([this.#options.whenHub(), stopped]);
      if (relay === undefined || signal.aborted) return;
      const startedAt = performance.now();
      await this.#run(relay, index);
      if (signal.aborted) return;
      if (performance.now() - startedAt >= STEADY_MS) pause = RESTART_MS;
      await delay(pause, signal);
    }
  }

  /** Runs a process of front `index` to its end. */
  async #run(relay: string, index: number): Promise<void> {
    const { start, tellHub } = this.#options;
    const process = start(relay, index);
    this.#processes.set(index, process);
    tellHub({ kind: "front_started", index, pid: process.pid });
    const end = await process.ended;
    this.#processes.delete(index);
    this.#handleEnd({ index, pid: process.pid }, describeEnd(end).slice(0, END_LENGTH));
  }

  /** The hub knows how many clients it was, and logs it; without a hub it is logged here. */
  #handleEnd(front: LivingFront, how: string): void {
    const { tellHub, log } = this.#options;
    if (tellHub({ kind: "front_ended", ...front, how }) || this.#stopping.signal.aborted) return;
    const text = `front ${front.index + 1} ended (${how}) while there was no hub; it is started again`;
    log.error("front", text, { front: front.index + 1 });
  }
}
