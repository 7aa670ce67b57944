import { LogLock } from "../../lib/log/log_lock.ts";
import type { Ring } from "../../lib/log/ring.ts";

/**
 * A log lock that no other test has. Web Locks reach across all files of tests that run at the same time, which are
 * workers of one process, and the thread that appends keeps the lock until another one with the same ring wants it.
 */
export function ownLock(ring: Ring): LogLock {
  return new LogLock(ring, `chatterbox.log.test.${crypto.randomUUID()}`);
}
