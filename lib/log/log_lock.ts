/**
 * The one lock of the log. Who appends, or copies what is new to sync it, holds it; a batch at a time, never a record
 * at a time. Readers never take it.
 *
 * It is a Web Lock (https://w3c.github.io/web-locks/): it spans the threads of the process and is released by the
 * platform when its holder's worker ends. A request costs tens of microseconds, a quarter of what a lone message costs, so
 * the thread that appends all the time *keeps* the lock from batch to batch until another thread wants it. The ring's
 * header counts those who want it, and wakes the keeper.
 */
import type { Ring } from "./ring.ts";

/** Name of the lock. A process with several logs (a test, say) gives each a name of its own. */
export const LOG_LOCK = "chatterbox.log";

/** What we use of `navigator.locks`: Deno has it, its type library does not. */
interface LockManager {
  request<T>(name: string, callback: () => T | Promise<T>): Promise<T>;
}

const { locks } = navigator as unknown as { locks: LockManager };

export class LogLock {
  readonly #ring: Ring;
  readonly #name: string;
  /** While the lock is kept: gives it back. */
  #giveBack: (() => void) | undefined;
  /** What is to run once the lock that was asked for is granted. */
  #waiting: (() => void)[] = [];

  constructor(ring: Ring, name: string = LOG_LOCK) {
    this.#ring = ring;
    this.#name = name;
  }

  /** Runs `fn` under the lock and gives it back; resolves with what `fn` returns, or rejects with its error. */
  runExclusive<T>(fn: () => T | Promise<T>): Promise<T> {
    const ring = this.#ring;
    ring.requestLock();
    return locks.request(this.#name, () => {
      ring.endLockRequest();
      return fn();
    });
  }

  /**
   * Runs `fn` under the lock and keeps it until somebody else wants it: for the thread that appends, and only for one.
   * While the lock is kept `fn` runs at once, and what it returns is returned; else a promise of that is.
   */
  runKeepingLock<T>(fn: () => T): T | Promise<T> {
    if (this.#ring.isLockRequested) this.#giveBack?.(); // whoever wants it stands before us in the queue
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

  /** Does what waits, then holds the lock until the promise settles. */
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
