/**
 * The sync task's worker: everything that blocks on the disk while the server runs happens here, unless the server
 * syncs after every batch.
 */
import { LogLock } from "../../log/log_lock.ts";
import { Ring } from "../../log/ring.ts";
import { SyncLoop } from "./sync_loop.ts";
import type { SyncReport, SyncRequest } from "./sync_messages.ts";

/** The part of a worker's global scope that is used here. */
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
      throw error; // unhandled: it ends the worker, and the server is told
    },
  });
};
