/**
 * The sync task as the server's thread sees it: a worker brings the ring file up to the ring, each interval and when
 * somebody waits for it. How far the log is durable is told by the ring itself ({@link Ring.durableSeq}).
 */
import type { Ring } from "../log/ring.ts";
import { LOG_LOCK } from "../log/lock.ts";
import { unreachable } from "../base/assert.ts";
import type { FromWorker, ToWorker } from "./sync_messages.ts";

export interface SyncOptions {
  readonly ring: Ring;
  /** The ring file that `ring` was opened from. */
  readonly path: string;
  /** Milliseconds between passes, or after every batch. */
  readonly intervalMs: number | "always";
  /** Trouble, when it begins and when it changes. The task goes on trying each interval, unless it is `ended`. */
  readonly onError: (failure: SyncFailure) => void;
  /** A pass succeeded again after trouble. */
  readonly onRecovered?: () => void;
  readonly lockName?: string;
  /** Makes the worker. */
  readonly spawn?: () => Worker;
}

export type SyncFailure =
  /** The disk failed; nothing after {@link Ring.durableSeq} is safe until a later pass succeeds. */
  | { readonly kind: "failed"; readonly path: string; readonly why: string }
  /** The worker died. A new one takes over, or with `ended`, when it dies over and over, nothing is synced any more. */
  | { readonly kind: "crashed"; readonly path: string; readonly why: string; readonly ended: boolean };

export interface SyncTask {
  /**
   * Brings to disk all that has been appended, in one pass with all others that ask meanwhile. Resolves with the
   * number below which every record is durable. Where the disk failed that is lower than the log's next number was
   * when this was called, and {@link SyncOptions.onError} has been told why.
   */
  syncNow(): Promise<number>;
  /** A last pass; the caller appends no more. Resolves like {@link syncNow}. */
  stop(): Promise<{ durableSeq: number }>;
}

/** So many crashes without one good pass between them are enough. */
const MAX_CRASHES = 3;

export function startSync(options: SyncOptions): SyncTask {
  return new WorkerSync(options);
}

function spawnWorker(): Worker {
  return new Worker(new URL("./sync_worker.ts", import.meta.url), { type: "module", name: "sync" });
}

class WorkerSync implements SyncTask {
  readonly #options: SyncOptions;
  #worker: Worker | undefined;
  #crashes = 0;
  /** The trouble that was told last and is not over. */
  #trouble: string | undefined;
  /** They wait for the answer to come. */
  #asking: (() => void)[] = [];
  /** They came after the worker was asked: the answer after that is theirs, one for all. */
  #waiting: (() => void)[] = [];
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#spawn();
  }

  syncNow(): Promise<number> {
    const { ring } = this.#options;
    if (ring.durableSeq >= ring.nextSeq || this.#worker === undefined) {
      return Promise.resolve(ring.durableSeq);
    }
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.push(() => resolve(ring.durableSeq));
    this.#ask();
    return promise;
  }

  async stop(): Promise<{ durableSeq: number }> {
    if (this.#stopped === undefined) {
      this.#stopped = Promise.withResolvers();
      if (this.#worker === undefined) this.#stopped.resolve();
      else this.#post({ kind: "stop" });
    }
    await this.#stopped.promise;
    return { durableSeq: this.#options.ring.durableSeq };
  }

  #spawn(): void {
    const { ring, path, intervalMs, lockName = LOG_LOCK, spawn = spawnWorker } = this.#options;
    const worker = spawn();
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#hear(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#crashed(event.message);
    };
    this.#worker = worker;
    this.#post({ kind: "start", buffer: ring.buffer, path, intervalMs, lockName });
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #ask(): void {
    if (this.#asking.length > 0 || this.#waiting.length === 0) return;
    this.#asking = this.#waiting;
    this.#waiting = [];
    this.#post({ kind: "sync" });
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case "synced":
        this.#crashes = 0;
        if (this.#trouble !== undefined) {
          this.#trouble = undefined;
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
    if (failure.kind === "failed" && failure.why === this.#trouble) return;
    this.#trouble = failure.why;
    this.#options.onError(failure);
  }

  #crashed(why: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const ended = ++this.#crashes >= MAX_CRASHES || this.#stopped !== undefined;
    this.#report({ kind: "crashed", path: this.#options.path, why, ended });
    if (ended) return this.#end();
    this.#spawn();
    if (this.#asking.length > 0) this.#post({ kind: "sync" });
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const done of [...this.#asking.splice(0), ...this.#waiting.splice(0)]) done();
    this.#stopped?.resolve();
  }
}
