/**
 * The log lock, held by a thread that appends to the ring or copies new records for a sync; for a batch at a time,
 * never for a single record. Readers never take it.
 *
 * It is a Web Lock (https://w3c.github.io/web-locks/): it spans the threads of the process, and the platform releases
 * it when the worker that holds it ends. A request costs tens of microseconds, a quarter of the cost of a lone
 * message, so the thread that appends all the time *keeps* the lock from batch to batch until another thread requests
 * it. The ring's header counts the requests, and wakes the thread that keeps the lock.
 */
import type { Ring } from "./ring.ts";

/** Name of the lock. A process with several logs (a test, for example) gives each its own. */
export const LOG_LOCK = "chatterbox.log";

/** The part of `navigator.locks` that is used here: Deno has it, its type library does not. */
interface LockManager {
  request<T>(name: string, callback: () => T | Promise<T>): Promise<T>;
}

const { locks } = navigator as unknown as { locks: LockManager };

export class LogLock {
  readonly #ring: Ring;
  readonly #name: string;
  /** Releases the lock; defined while it is kept. */
  #giveBack: (() => void) | undefined;
  /** Calls to run once the requested lock is granted. */
  #waiting: (() => void)[] = [];

  constructor(ring: Ring, name: string = LOG_LOCK) {
    this.#ring = ring;
    this.#name = name;
  }

  /** Runs `fn` under the lock and releases it; resolves with the result of `fn`, or rejects with its error. */
  runExclusive<T>(fn: () => T | Promise<T>): Promise<T> {
    const ring = this.#ring;
    ring.requestLock();
    return locks.request(this.#name, () => {
      ring.endLockRequest();
      return fn();
    });
  }

  /**
   * Runs `fn` under the lock and keeps the lock until another thread requests it. For the thread that appends; only
   * one thread may use it. While the lock is kept, `fn` runs at once and its result is returned; otherwise a promise
   * of it.
   */
  runKeepingLock<T>(fn: () => T): T | Promise<T> {
    if (this.#ring.isLockRequested) this.#giveBack?.(); // the other thread is ahead in the queue
    if (this.#giveBack !== undefined) return fn();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push(() => {
      try {
        resolve(fn());
      } catch (error) {
        reject(error);
      }
    });
    if (this.#waiting.length === 1) void locks.request(this.#name, () => this.#granted());
    return promise;
  }

  /** Runs the waiting calls, then holds the lock until the returned promise settles. */
  #granted(): Promise<void> | undefined {
    for (const run of this.#waiting.splice(0)) run();
    const wanted = this.#ring.waitForLockRequest();
    if (wanted === undefined) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const giveBack = () => {
      if (this.#giveBack === giveBack) this.#giveBack = undefined;
      resolve();
    };
    this.#giveBack = giveBack;
    void wanted.then(giveBack);
    return promise;
  }
}
