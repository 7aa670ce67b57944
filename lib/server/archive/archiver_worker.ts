/**
 * Worker of the archiver (archiver.ts). It gives way to the other threads of the server, also on a machine with one
 * core: what it does not get done now it does later, and meanwhile the ring holds it.
 */
import { setPriority } from "node:os";
import { Ring } from "../../log/ring.ts";
import { Archiver } from "./archiver.ts";
import type { ArchiverReport, ArchiverRequest } from "./archiver_messages.ts";

/** Of the thread, on Linux; the least is 19, and then a thread that works without a pause keeps it from running. */
const NICE = 17;

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ArchiverRequest>) => void) | null;
  postMessage(message: ArchiverReport): void;
}

const scope = globalThis as unknown as WorkerScope;
let archiver: Archiver | undefined;

try {
  setPriority(0, NICE);
} catch {
  // The system or the permissions refuse it: the archiver runs like any other thread.
}

scope.onmessage = ({ data }) => {
  if (data.kind !== "start") return archiver?.handleRequest(data);
  const { buffer, ...options } = data;
  archiver = new Archiver({
    ...options,
    ring: Ring.attach(buffer),
    report: (message) => scope.postMessage(message),
  });
  archiver.run().catch((error) => {
    // Unhandled: it ends the worker, and the server is told.
    setTimeout(() => {
      throw error;
    }, 0);
  });
};
