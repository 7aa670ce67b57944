/** A simulated process: it can be paused (SIGSTOP), go on, and be killed; its clock may run faster or slower. */
import type { Timers } from "../../../lib/cluster/timers.ts";
import { assert } from "../../../lib/base/assert.ts";
import { type SimScheduler, sleep } from "./sim_scheduler.ts";

export class SimProcess {
  /** A paused process is given nothing; its clock goes on. A dead one is never given anything again. */
  #state: "running" | "paused" | "dead" = "running";
  /** What came due during the pause, in order. */
  #due: (() => void)[] = [];
  #isGiving = false;
  /** Reading of its clock at the start: monotonic clocks of two machines have nothing in common. */
  readonly #clockStart: number;

  /** `clockRate`: milliseconds of its clock in one of the simulated world's. */
  constructor(readonly scheduler: SimScheduler, readonly name: string, readonly clockRate = 1) {
    this.#clockStart = scheduler.between(0, 1_000_000) - scheduler.now * clockRate;
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  readonly timers: Timers = {
    now: () => this.#clockStart + this.scheduler.now * this.clockRate,
    sleep: (ms, signal) => sleep((run) => this.after(ms / this.clockRate, run), signal),
  };

  /** Carries `run` out in `ms` milliseconds of the simulated world, or later where the process is paused then. */
  after(ms: number, run: () => void): () => void {
    let isCancelled = false;
    const cancel = this.scheduler.after(ms, () => this.give(() => isCancelled || run()));
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Carries `run` out as soon as the process runs: what comes in from outside, such as an answer. */
  give(run: () => void): void {
    if (this.#state === "dead") return;
    if (this.#state === "running" && this.#due.length === 0) run();
    else this.#due.push(run);
  }

  /** Gives what came due, one action each, so that promises settle between them as in the event loop of a process. */
  #giveDue(): void {
    if (this.#isGiving || this.#due.length === 0) return;
    this.#isGiving = true;
    this.scheduler.after(0, () => {
      this.#isGiving = false;
      if (this.#state !== "running") return;
      const [run] = this.#due;
      run?.();
      this.#due.shift(); // only now: what comes meanwhile is later
      this.#giveDue();
    });
  }

  /** What the process is doing until its next wait it still does. */
  pause(): void {
    assert(this.#state === "running", `${this.name} is ${this.#state}`);
    this.#state = "paused";
    this.scheduler.note(`${this.name} paused`);
  }

  resume(): void {
    assert(this.#state === "paused", `${this.name} is ${this.#state}`);
    this.#state = "running";
    this.scheduler.note(`${this.name} goes on`);
    this.#giveDue();
  }

  kill(): void {
    this.#state = "dead";
    this.#due = [];
    this.scheduler.note(`${this.name} killed`);
  }
}
