/** The sync task's thread: all that blocks on the disk while the server runs happens here, unless it syncs after every batch. */
import { LogLock } from "../../log/log_lock.ts";
import { Ring } from "../../log/ring.ts";
import { SyncLoop } from "./sync_loop.ts";
import type { SyncReport, SyncRequest } from "./sync_messages.ts";

/** What we use of a worker's global scope. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<SyncRequest>) => void) | null;
  postMessage(message: SyncReport): void;
}

const scope = globalThis as unknown as WorkerScope;
let loop: SyncLoop | undefined;

scope.onmessage = ({ data }) => {
  if (data.kind !== "start") return loop?.handleRequest(data);
  const ring = Ring.attach(data.buffer);
  const lock = new LogLock(ring, data.lockName);
  loop = new SyncLoop({
    ...data,
    ring,
    withLock: (fn) => lock.runExclusive(fn),
    sendReport: (message) => scope.postMessage(message),
    onBug: (error) => {
      throw error; // unhandled, which ends the worker, of which the server is told
    },
  });
};
