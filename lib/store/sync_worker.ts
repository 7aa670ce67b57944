/**
 * The sync task's thread: all that blocks on the disk while the server runs happens here. It makes a pass (syncer.ts)
 * as soon as there is something new, but under load not more often than once an interval, and when asked; requests that
 * come in while a pass is at work share the next one. A few passes are saved up while little is said, so that a server's
 * own first record does not hold up the first message, nor one message the answer to it. So what is said in a quiet chat
 * is on disk within milliseconds, and where nothing is said nothing is done.
 */
import { LogReader } from "../log/reader.ts";
import { Ring } from "../log/ring.ts";
import { LogLock } from "../log/lock.ts";
import { openInPlace, PLATFORM_DISK } from "./disk.ts";
import { reason } from "./disk_file.ts";
import type { FileHeader } from "./format.ts";
import { writeRingFile } from "./ring_file.ts";
import type { FactRow } from "./fact_row.ts";
import { FactSaver } from "./fact_saver.ts";
import type { FromWorker, ToWorker } from "./sync_messages.ts";
import { Syncer } from "./syncer.ts";

/** What we use of a worker's global scope. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}

const scope = globalThis as unknown as WorkerScope;
/** With `always`, a pass that failed is tried again this much later at the latest; else an interval later. */
const RETRY_MS = 1000;
/** So many passes may follow each other at once after a quiet time. */
const SAVED_PASSES = 8;

class SyncThread {
  readonly #syncer: Syncer;
  readonly #facts: FactSaver | undefined;
  readonly #retryMs: number;
  /** A pass is wanted; `asked`: by somebody who waits for the answer. */
  #wanted: { asked: boolean } | undefined;
  #working = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stopping = false;

  constructor({ buffer, path, intervalMs, lockName, state }: ToWorker & { kind: "start" }) {
    const ring = Ring.attach(buffer);
    const target = {
      open: () => openInPlace(PLATFORM_DISK, path),
      create: (header: FileHeader) => writeRingFile(path, header, new Uint8Array(header.capacity)),
    };
    const lock = new LogLock(ring, lockName);
    this.#syncer = new Syncer(ring, target, (fn) => lock.once(fn));
    this.#facts = state && new FactSaver(ring, state.path, state.logId);
    this.#retryMs = intervalMs === "always" ? RETRY_MS : intervalMs;
    this.want(false); // so that trouble with the file shows at once
    void this.#follow(ring, intervalMs === "always" ? 0 : intervalMs);
  }

  want(asked: boolean): void {
    this.#wanted = { asked: asked || this.#wanted?.asked === true };
    void this.#work();
  }

  save(rows: readonly FactRow[], number: number): void {
    this.#facts?.add(rows, number);
    this.want(false);
  }

  stop(): void {
    this.#stopping = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (this.#wanted !== undefined) {
      const { asked } = this.#wanted;
      this.#wanted = undefined;
      const why = await failure(() => this.#syncer.pass()) ?? await failure(() => this.#saveFacts());
      if (why !== undefined) this.#retryLater();
      const saved = this.#facts?.saved ?? 0;
      scope.postMessage(
        why === undefined ? { kind: "synced", asked, saved } : { kind: "failed", asked, why },
      );
    }
    if (this.#stopping) {
      const why = await failure(() => this.#syncer.finish()) ?? await failure(() => this.#saveFacts());
      this.#facts?.close();
      scope.postMessage(why === undefined ? { kind: "stopped" } : { kind: "stopped", why });
      return; // stays `working`: nothing more is done
    }
    this.#working = false;
  }

  async #saveFacts(): Promise<void> {
    await this.#facts?.save();
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.want(false), this.#retryMs);
  }

  /** A pass after every batch; of those that come faster than one in `intervalMs`, {@link SAVED_PASSES} at once. */
  async #follow(ring: Ring, intervalMs: number): Promise<never> {
    let saved = SAVED_PASSES;
    let at = performance.now();
    for (let seen = ring.durableSeq;;) {
      await new LogReader(ring, seen).waitForMore();
      if (intervalMs > 0) {
        const now = performance.now();
        saved = Math.min(SAVED_PASSES, saved + (now - at) / intervalMs);
        at = now;
        if (saved < 1) {
          await new Promise((resolve) => setTimeout(resolve, Math.ceil((1 - saved) * intervalMs)));
          continue;
        }
        saved--;
      }
      seen = ring.nextSeq;
      this.want(false);
    }
  }
}

/** Why `fn` failed, in words. */
async function failure(fn: () => Promise<void>): Promise<string | undefined> {
  try {
    await fn();
    return undefined;
  } catch (error) {
    return reason(error);
  }
}

let thread: SyncThread | undefined;

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case "start":
      thread = new SyncThread(data);
      break;
    case "sync":
      thread?.want(true);
      break;
    case "facts":
      thread?.save(data.rows, data.number);
      break;
    case "stop":
      thread?.stop();
      break;
  }
};
