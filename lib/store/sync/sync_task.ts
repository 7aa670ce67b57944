/**
 * The sync task as the server sees it: it brings the ring file up to the ring, each interval and when somebody waits for it. How far
 * the log is durable is told by the ring itself ({@link Ring.durableSeq}).
 *
 * It works in a thread of its own, so that the disk holds nobody up. With `always` nothing is said before its fsync is over, so
 * there is nothing to be held up, and it works in the thread that appends: handing a batch over to another one and back costs
 * as much as the fsync.
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
   * Trouble, when it begins, and when it changes to what has not been told since. The task goes on trying each interval,
   * unless it is `ended`: that is told last, and always.
   */
  readonly onError: (failure: SyncFailure) => void;
  /** A pass succeeded again after trouble. */
  readonly onRecovered?: () => void;
  readonly lockName?: string;
  /** The lock as the thread that appends keeps it; where given, `always` works in that thread. */
  readonly lock?: LogLock;
  /** Where facts are saved; left out: nowhere. */
  readonly state?: FactStoreLocation;
  /** Makes the worker. */
  readonly spawn?: () => Worker;
}

export type SyncFailure =
  /** The disk failed; nothing after {@link Ring.durableSeq} is safe until a later pass succeeds. */
  | { readonly kind: "failed"; readonly path: string; readonly why: string }
  /** The worker died. A new one takes over, or with `ended`, when it dies over and over, nothing is synced any more. */
  | { readonly kind: "crashed"; readonly path: string; readonly why: string; readonly ended: boolean };

export interface SyncOutcome {
  /** Every record below this number is on disk. */
  readonly durableSeq: number;
  /** Why not all that was asked for is, in words; undefined: it is. */
  readonly trouble: string | undefined;
}

export interface SyncTask {
  /** Why nothing is being saved at present, in words. */
  readonly trouble: string | undefined;
  /** Brings to disk all that has been appended when this is called, in one pass with all others that ask meanwhile. */
  syncNow(): Promise<SyncOutcome>;
  /** Saves facts, each once its record is on disk; trouble is told like that of the log. */
  saveFacts(facts: readonly SavedFact[]): void;
  /** Some of what {@link saveFacts} was given is not known to be on disk. */
  readonly hasUnsavedFacts: boolean;
  /** Brings to disk what {@link saveFacts} was given before, in one pass with all who ask meanwhile; why it could not, in words. */
  syncFacts(): Promise<string | undefined>;
  /** A last pass; the caller appends no more. Resolves like {@link syncNow}. */
  stop(): Promise<SyncOutcome>;
}

/** How often a worker that died is replaced without one good pass between. */
const MAX_RESTARTS = 3;
/** Of one time of trouble so many different reasons are told. */
const MAX_REASONS = 8;

export function startSync(options: SyncOptions): SyncTask {
  return new SupervisedSync(options);
}

function spawnWorker(): Worker {
  return new Worker(new URL("./sync_worker.ts", import.meta.url), { type: "module", name: "sync" });
}

/** Whoever does the work. */
interface SyncEngine {
  postMessage(message: SyncRequest): void;
  terminate(): void;
}

class SupervisedSync implements SyncTask {
  readonly #options: SyncOptions;
  #worker: SyncEngine | undefined;
  #crashes = 0;
  /** The trouble that is not over. */
  #trouble: string | undefined;
  /** What has been told of it. */
  readonly #told = new Set<string>();
  /** By kind and key, what is not known to be on disk, with the number of its message: a new worker would have to save it. */
  readonly #unsaved = new Map<string, { readonly fact: SavedFact; readonly number: number }>();
  #lastNumber = 0;
  /** They wait for the answer to come. */
  #asking: (() => void)[] = [];
  /** They came after the worker was asked: the answer after that is theirs, one for all. */
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
    const wanted = ring.nextSeq;
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

  /** What has become of the records below `wanted`. */
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

  /** No thread but this one. */
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
        if (message.why !== undefined) {
          this.#report({ kind: "failed", path: this.#options.path, why: message.why });
        }
        this.#end();
        break;
      default:
        unreachable(message);
    }
  }

  /** The worker has done what it was asked for. */
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
