/**
 * The sync task as the server uses it: brings the ring file up to the ring, every interval and on request. The
 * durable watermark is in the ring itself ({@link Ring.durableSeq}).
 *
 * It runs in a worker, so that the disk blocks no other work. With `always` nothing is sent before its fsync has
 * finished, so there is nothing to block, and the task runs in the appending thread: handing a batch to another
 * thread and back costs as much as the fsync.
 */
import type { Ring } from "../../log/ring.ts";
import { LOG_LOCK } from "../../log/log_lock.ts";
import type { LogLock } from "../../log/log_lock.ts";
import { unreachable } from "../../base/assert.ts";
import type { SavedFact } from "../../log/fact.ts";
import { SyncLoop } from "./sync_loop.ts";
import type { FactStoreLocation, SyncReport, SyncRequest } from "./sync_messages.ts";

export interface SyncOptions {
  readonly ring: Ring;
  /** The ring file that `ring` was opened from. */
  readonly path: string;
  /** Milliseconds between passes, or after every batch. */
  readonly intervalMs: number | "always";
  /**
   * Called when a failure begins, and when its reason changes to one not reported since. The task retries every
   * interval, unless it has `ended`, which is always reported, and reported last.
   */
  readonly onError: (failure: SyncFailure) => void;
  /** Called when a pass succeeds after a failure. */
  readonly onRecovered?: () => void;
  readonly lockName?: string;
  /** The lock as the appending thread keeps it; if given, `always` runs in that thread. */
  readonly lock?: LogLock;
  /** Where facts are saved; absent: they are not saved. */
  readonly state?: FactStoreLocation;
  /** Creates the worker. */
  readonly spawn?: () => Worker;
}

export type SyncFailure =
  /** The disk failed; records from {@link Ring.durableSeq} on are not durable until a later pass succeeds. */
  | { readonly kind: "failed"; readonly path: string; readonly why: string }
  /** The worker died. A new one takes over; `ended`: it died repeatedly, and nothing is synced any more. */
  | { readonly kind: "crashed"; readonly path: string; readonly why: string; readonly ended: boolean };

export interface SyncOutcome {
  /** Every record below this number is on disk. */
  readonly durableSeq: number;
  /** Why the request was not fulfilled, in words; undefined if it was. */
  readonly trouble: string | undefined;
}

export interface SyncTask {
  /** Why nothing is being saved at present, in words. */
  readonly trouble: string | undefined;
  /** Brings everything appended so far to disk, in one pass with all requests that arrive meanwhile. */
  syncNow(): Promise<SyncOutcome>;
  /** Saves facts, each once its record is durable; failures are reported like those of the log. */
  saveFacts(facts: readonly SavedFact[]): void;
  /** Some facts passed to {@link saveFacts} are not known to be on disk. */
  readonly hasUnsavedFacts: boolean;
  /**
   * Brings the facts passed to {@link saveFacts} so far to disk, in one pass with all requests that arrive meanwhile.
   * Resolves with the reason if that failed.
   */
  syncFacts(): Promise<string | undefined>;
  /** Runs a last pass; the caller appends nothing more. Resolves like {@link syncNow}. */
  stop(): Promise<SyncOutcome>;
}

/** Number of times that a dead worker is replaced without a successful pass in between. */
const MAX_RESTARTS = 3;
/** Number of different reasons reported of one failure. */
const MAX_REASONS = 8;

export function startSync(options: SyncOptions): SyncTask {
  return new SupervisedSync(options);
}

function spawnWorker(): Worker {
  return new Worker(new URL("./sync_worker.ts", import.meta.url), { type: "module", name: "sync" });
}

/** A worker, or its stand-in in this thread. */
interface SyncEngine {
  postMessage(message: SyncRequest): void;
  terminate(): void;
}

class SupervisedSync implements SyncTask {
  readonly #options: SyncOptions;
  #worker: SyncEngine | undefined;
  #crashes = 0;
  /** Reason of the failure that has not ended. */
  #trouble: string | undefined;
  /** Reasons reported of it. */
  readonly #told = new Set<string>();
  /**
   * By kind and key: facts not known to be on disk, with the number of their message. A new worker has to save them.
   */
  readonly #unsaved = new Map<string, { readonly fact: SavedFact; readonly number: number }>();
  #lastNumber = 0;
  /** Callers that wait for the report of the current request. */
  #asking: (() => void)[] = [];
  /** Callers that came after the current request was sent: the next one is for all of them. */
  #waiting: (() => void)[] = [];
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#spawn();
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  syncNow(): Promise<SyncOutcome> {
    const { ring } = this.#options;
    const wanted = ring.syncLimit.seq;
    if (ring.durableSeq >= wanted || this.#worker === undefined) {
      return Promise.resolve(this.#outcome(wanted));
    }
    const { promise, resolve } = Promise.withResolvers<SyncOutcome>();
    this.#waiting.push(() => resolve(this.#outcome(wanted)));
    this.#ask();
    return promise;
  }

  saveFacts(facts: readonly SavedFact[]): void {
    if (this.#options.state === undefined) return;
    const number = ++this.#lastNumber;
    for (const fact of facts) this.#unsaved.set(`${fact.kind}\0${fact.key}`, { fact, number });
    this.#post({ kind: "facts", facts, number });
  }

  get hasUnsavedFacts(): boolean {
    return this.#unsaved.size > 0;
  }

  syncFacts(): Promise<string | undefined> {
    if (this.#worker === undefined) return Promise.resolve(this.#trouble ?? "the log is closed");
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#waiting.push(() =>
      resolve(this.#trouble ?? (this.#worker === undefined ? "the log is closed" : undefined))
    );
    this.#ask();
    return promise;
  }

  async stop(): Promise<SyncOutcome> {
    if (this.#stopped === undefined) {
      this.#stopped = Promise.withResolvers();
      if (this.#worker === undefined) this.#stopped.resolve();
      else this.#post({ kind: "stop" });
    }
    await this.#stopped.promise;
    return this.#outcome(this.#options.ring.nextSeq);
  }

  /** Outcome for a caller that wanted the records below `wanted` on disk. */
  #outcome(wanted: number): SyncOutcome {
    const { durableSeq } = this.#options.ring;
    const trouble = durableSeq >= wanted ? undefined : this.#trouble ?? "the log is closed";
    return { durableSeq, trouble };
  }

  #spawn(): void {
    const { ring, path, intervalMs, state, lockName = LOG_LOCK, spawn, lock } = this.#options;
    if (intervalMs === "always" && lock !== undefined && spawn === undefined) return this.#workHere(lock);
    const worker = (spawn ?? spawnWorker)();
    worker.onmessage = (event: MessageEvent<SyncReport>) => this.#hear(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#crashed(event.message);
    };
    this.#worker = worker;
    this.#post({ kind: "start", buffer: ring.buffer, path, intervalMs, lockName, state });
  }

  /** Runs the loop in this thread. */
  #workHere(lock: LogLock): void {
    const loop = new SyncLoop({
      ...this.#options,
      state: this.#options.state,
      isOnDemand: true,
      withLock: (fn) => lock.runKeepingLock(fn),
      sendReport: (message) => {
        if (this.#worker === hand) this.#hear(message);
      },
      onBug: (error) => {
        if (this.#worker === hand) this.#crashed(error instanceof Error ? error.message : String(error));
      },
    });
    const hand = {
      postMessage: (message: SyncRequest) => loop.handleRequest(message),
      terminate: () => loop.abandon(),
    };
    this.#worker = hand;
  }

  #post(message: SyncRequest): void {
    this.#worker?.postMessage(message);
  }

  #ask(): void {
    if (this.#asking.length > 0 || this.#waiting.length === 0) return;
    this.#asking = this.#waiting;
    this.#waiting = [];
    this.#post({ kind: "sync" });
  }

  #hear(message: SyncReport): void {
    switch (message.kind) {
      case "synced":
        this.#crashes = 0;
        for (const [key, { number }] of this.#unsaved) if (number <= message.saved) this.#unsaved.delete(key);
        if (this.#trouble !== undefined) {
          this.#trouble = undefined;
          this.#told.clear();
          this.#options.onRecovered?.();
        }
        if (message.asked) this.#answer();
        break;
      case "failed":
        this.#report({ kind: "failed", path: this.#options.path, why: message.why });
        if (message.asked) this.#answer();
        break;
      case "stopped":
        if (message.why === undefined) this.#unsaved.clear();
        else this.#report({ kind: "failed", path: this.#options.path, why: message.why });
        this.#end();
        break;
      default:
        unreachable(message);
    }
  }

  /** The worker has completed the current request. */
  #answer(): void {
    for (const done of this.#asking.splice(0)) done();
    this.#ask();
  }

  #report(failure: SyncFailure): void {
    this.#trouble = failure.why;
    const ended = failure.kind === "crashed" && failure.ended;
    if (!ended && (this.#told.has(failure.why) || this.#told.size >= MAX_REASONS)) return;
    this.#told.add(failure.why);
    this.#options.onError(failure);
  }

  #crashed(why: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const ended = ++this.#crashes > MAX_RESTARTS || this.#stopped !== undefined;
    this.#report({ kind: "crashed", path: this.#options.path, why, ended });
    if (ended) return this.#end();
    this.#spawn();
    if (this.#unsaved.size > 0) {
      const facts = Array.from(this.#unsaved.values(), ({ fact }) => fact);
      this.#post({ kind: "facts", facts, number: this.#lastNumber });
    }
    if (this.#asking.length > 0) this.#post({ kind: "sync" });
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const done of [...this.#asking.splice(0), ...this.#waiting.splice(0)]) done();
    this.#stopped?.resolve();
  }
}
