/**
 * Virtual time. Everything that happens is an action with a time; {@link SimScheduler.run} carries them out in order,
 * those of one time in the order in which they were entered, and lets promises settle after each. The code under test
 * gets {@link Timers}, and whatever else it waits for has to be made of them and of promises: with a real clock, real
 * input, or work on other threads (Web Crypto) a run would no longer be a function of its seed.
 */
import { setImmediate } from "node:timers";
import type { Timers } from "../../../lib/cluster/timers.ts";
import { AssertionFailure } from "../../../lib/base/assert.ts";
import { Random } from "../../irc/property.ts";

/** Most actions of one run: more are a loop that does not end. */
const MAX_ACTIONS = 2_000_000;
/** Entries of the trace that a failure shows. */
const SHOWN_TRACE = 200;

interface Action {
  readonly at: number;
  /** Order among those of one time. */
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

export class SimScheduler {
  readonly random: Random;
  /** What was entered with {@link note}, with its time. */
  readonly trace: string[] = [];
  readonly #actions: Action[] = []; // a binary heap, the first one next
  #now = 0;
  #order = 0;
  #carriedOut = 0;

  constructor(readonly seed: number) {
    this.random = new Random(seed);
  }

  /** Virtual milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.random.below(most - least + 1);
  }

  /** True with the given probability, 0 to 1. */
  happens(probability: number): boolean {
    return probability > 0 && this.random.below(1_000_000) < probability * 1_000_000;
  }

  note(text: string): void {
    this.trace.push(`${this.#now.toFixed(0).padStart(7)} ${text}`);
  }

  /** The last entries of the trace, with the seed: for the message of a failure. */
  lastTrace(): string {
    return `seed ${this.seed}\n${this.trace.slice(-SHOWN_TRACE).join("\n")}`;
  }

  /** Carries `run` out in `ms` milliseconds unless the returned function is called before. */
  after(ms: number, run: () => void): () => void {
    const action = { at: this.#now + Math.max(0, ms), order: this.#order++, run, cancelled: false };
    push(this.#actions, action);
    return () => {
      action.cancelled = true;
    };
  }

  /** Time without faults of its own: see {@link SimProcess} for a process that stops. */
  readonly timers: Timers = {
    now: () => this.#now,
    sleep: (ms, signal) => sleep((run) => this.after(ms, run), signal),
  };

  /**
   * Lets things happen until `task` is settled, and gives its result.
   * @throws what it threw; AssertionFailure if nothing is left that could happen, or too much has.
   */
  async run<T>(task: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    task.then(settle, settle);
    while (await settlePromises(), !isSettled) {
      if (this.#step()) continue;
      throw new AssertionFailure(`nothing is left that could happen\n${this.lastTrace()}`);
    }
    return await task;
  }

  /** Lets things happen for `ms` milliseconds, or until nothing is left that could. */
  async runFor(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settlePromises();
    while ((this.#next()?.at ?? Infinity) <= end) {
      this.#step();
      await settlePromises();
    }
    this.#now = end;
  }

  /** Lets things happen until nothing is left that could. */
  async runUntilIdle(): Promise<void> {
    do await settlePromises(); while (this.#step());
  }

  /** Carries out the next action; false: there is none. */
  #step(): boolean {
    const action = this.#next();
    if (action === undefined) return false;
    if (++this.#carriedOut > MAX_ACTIONS) {
      throw new AssertionFailure(`more than ${MAX_ACTIONS} actions\n${this.lastTrace()}`);
    }
    pop(this.#actions);
    this.#now = action.at;
    action.run();
    return true;
  }

  #next(): Action | undefined {
    while (this.#actions[0]?.cancelled) pop(this.#actions);
    return this.#actions[0];
  }
}

/** Resolves after every promise that can settle has settled: immediates come after all microtasks. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A sleep on top of a scheduler's `enter`. */
export function sleep(enter: (run: () => void) => () => void, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = enter(end);
    signal?.addEventListener("abort", end, { once: true });
  });
}

function comesBefore(a: Action, b: Action): boolean {
  return a.at < b.at || a.at === b.at && a.order < b.order;
}

function push(heap: Action[], action: Action): void {
  let at = heap.push(action) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (comesBefore(heap[parent]!, action)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = action;
}

/** Removes the first one. */
function pop(heap: Action[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && comesBefore(heap[child + 1]!, heap[child]!)) child++;
    if (comesBefore(last, heap[child]!)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
