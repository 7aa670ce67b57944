/**
 * The one lock of the log. Who appends, or copies what is new to sync it, holds it; a batch at a time, never a record
 * at a time (a lock costs about 10 µs, an append a fraction of one). Readers never take it.
 *
 * It is a Web Lock (https://w3c.github.io/web-locks/): it spans the threads of the process and is released by the
 * platform when its holder's worker ends.
 */

/** Name of the lock. A process with several logs (a test, say) gives each a name of its own. */
export const LOG_LOCK = "chatterbox.log";

/** What we use of `navigator.locks`: Deno has it, its type library does not. */
interface LockManager {
  request<T>(name: string, callback: () => T | Promise<T>): Promise<T>;
}

const { locks } = navigator as unknown as { locks: LockManager };

/** Runs `fn` while no other thread or task holds the log's lock; gives back what it returns, or its error. */
export function withLogLock<T>(fn: () => T | Promise<T>, name: string = LOG_LOCK): Promise<T> {
  return locks.request(name, fn);
}
