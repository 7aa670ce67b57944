/**
 * Runs sync passes and saves facts. A pass (ring_file_syncer.ts) starts as soon as there are new records, under load
 * at most once an interval, and on request; requests that arrive during a pass share the next one. In quiet times a
 * few passes are saved up, so that a server's own first record does not delay the first message, nor one message its
 * reply. So in a quiet chat messages are on disk within milliseconds, and without messages nothing is done.
 *
 * The interval is cut short when {@link URGENT_SHARE} of the ring is not on disk: the archive gets only what is, and
 * a small ring may be overwritten within the interval.
 */
import type { Ring } from "../../log/ring.ts";
import { openDurably, PLATFORM_DISK } from "../disk/disk.ts";
import { diskErrorText } from "../disk/disk_file.ts";
import type { FileHeader } from "../ring_file/file_header.ts";
import { writeRingFile } from "../ring_file/ring_file.ts";
import { FactSaver } from "../facts/fact_saver.ts";
import { StateDatabase } from "../facts/state_database.ts";
import type { FactStoreLocation, SyncReport, SyncRequest } from "./sync_messages.ts";
import { RingFileSyncer } from "./ring_file_syncer.ts";
import type { WithLock } from "./ring_file_syncer.ts";

/** With `always`, longest delay before a failed pass is repeated; otherwise it is the interval. */
const RETRY_MS = 1000;
/** Passes that may follow each other at once after a quiet time. */
const MAX_BURST_PASSES = 8;
/** Share of the ring that, when it is not on disk, does not wait for the interval. */
const URGENT_SHARE = 1 / 8;
/** Time between two looks at how much that is, while records wait. */
const LOOK_MS = 20;

export interface SyncLoopOptions {
  readonly ring: Ring;
  /** Path of the ring file. */
  readonly path: string;
  /** `always`: a pass after every batch; otherwise milliseconds between passes under load. */
  readonly intervalMs: number | "always";
  readonly state: FactStoreLocation | undefined;
  readonly withLock: WithLock;
  /** Run passes only on request. */
  readonly isOnDemand?: boolean;
  readonly sendReport: (message: SyncReport) => void;
  /** Called with an error that is not the disk's but a bug. The loop stops. */
  readonly onBug: (error: unknown) => void;
}

export class SyncLoop {
  readonly #options: SyncLoopOptions;
  readonly #syncer: RingFileSyncer;
  readonly #facts: FactSaver | undefined;
  readonly #retryMs: number;
  /** A pass is wanted. `asked`: a caller waits for its report. */
  #wanted: { asked: boolean } | undefined;
  #working = false;
  /** The last pass failed: the next one is not urgent. */
  #isFailing = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stopping = false;

  constructor(options: SyncLoopOptions) {
    const { ring, path, intervalMs, state, withLock, isOnDemand } = options;
    this.#options = options;
    const target = {
      open: () => openDurably(PLATFORM_DISK, path),
      create: (header: FileHeader) => writeRingFile(path, header, new Uint8Array(header.capacity)),
    };
    this.#syncer = new RingFileSyncer(ring, target, withLock);
    this.#facts = state && new FactSaver(ring, new StateDatabase(state.path), state.logId);
    this.#retryMs = intervalMs === "always" ? RETRY_MS : intervalMs;
    this.#want(false); // so that a problem with the file shows at once
    if (!isOnDemand) void this.#follow(ring, intervalMs === "always" ? 0 : intervalMs);
  }

  /** Starts the requested work; a report follows when it is done. */
  handleRequest(message: SyncRequest): void {
    switch (message.kind) {
      case "start":
        break;
      case "sync":
        return this.#want(true);
      case "facts":
        this.#facts?.add(message.facts, message.number);
        return this.#want(false);
      case "stop":
        this.#stopping = true;
        return this.#go();
    }
  }

  /** Stops work and closes the files. */
  abandon(): void {
    this.#working = true;
    clearTimeout(this.#retry);
    this.#syncer.close();
    this.#facts?.close();
  }

  #want(asked: boolean): void {
    this.#wanted = { asked: asked || this.#wanted?.asked === true };
    this.#go();
  }

  #go(): void {
    if (!this.#working) this.#work().catch(this.#options.onBug);
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#wanted !== undefined) {
      const { asked } = this.#wanted;
      this.#wanted = undefined;
      // A message that outlives the ring must be saved as a fact before the pass overwrites its record. A failure
      // here repeats below.
      await catchDiskError(() => this.#saveFacts(false));
      const why = await this.#runPass() ?? await catchDiskError(() => this.#saveFacts(asked));
      this.#isFailing = why !== undefined;
      if (this.#isFailing) this.#retryLater();
      const saved = this.#facts?.savedNumber ?? 0;
      this.#options.sendReport(
        why === undefined ? { kind: "synced", asked, saved } : { kind: "failed", asked, why },
      );
    }
    if (this.#stopping) {
      const unsaved = await this.#runPass() ?? await catchDiskError(() => this.#saveFacts(false));
      const why = await catchDiskError(() => this.#syncer.finish()) ?? unsaved;
      this.#facts?.close();
      this.#options.sendReport(why === undefined ? { kind: "stopped" } : { kind: "stopped", why });
      return; // stays `working`: nothing more is done
    }
    this.#working = false;
  }

  /** Returns the text of the disk error, if any. */
  async #runPass(): Promise<string | undefined> {
    const why = await catchDiskError(() => this.#syncer.runPass());
    if (why !== undefined) await catchDiskError(() => Promise.resolve(this.#syncer.noteUnsynced()));
    return why;
  }

  /**
   * The log is told of a new database at once, and of a save that a caller waits for; of other saves with the next
   * pass.
   */
  async #saveFacts(asked: boolean): Promise<void> {
    const known = this.#syncer.database;
    const mark = await this.#facts?.save(known);
    if (mark !== undefined) this.#syncer.noteDatabase(mark);
    if (asked || mark !== undefined && mark.id !== known?.id) await this.#syncer.saveMark();
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#want(false), this.#retryMs);
  }

  /**
   * A pass after every batch; if batches come faster than one in `intervalMs`, at most {@link MAX_BURST_PASSES} at
   * once, and those that are urgent.
   */
  async #follow(ring: Ring, intervalMs: number): Promise<never> {
    let saved = MAX_BURST_PASSES;
    let at = performance.now();
    for (let seen = ring.durableSeq;;) {
      await waitForMore(ring, seen);
      if (intervalMs > 0) {
        const now = performance.now();
        saved = Math.min(MAX_BURST_PASSES, saved + (now - at) / intervalMs);
        at = now;
        if (saved < 1 && !await this.#becomesUrgent(Math.ceil((1 - saved) * intervalMs))) {
          seen = Math.max(seen, ring.durableSeq);
          continue;
        }
        saved = Math.max(0, saved - 1);
      }
      seen = ring.syncLimit.seq;
      this.#want(false);
    }
  }

  /** Waits for `ms`, or until no record waits; ends early, with true, when a pass becomes urgent. */
  async #becomesUrgent(ms: number): Promise<boolean> {
    const { ring } = this.#options;
    const end = performance.now() + ms;
    for (let left = ms; left > 0 && ring.durableSeq < ring.nextSeq; left = end - performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)));
      if (this.#isUrgent) return true;
    }
    return false;
  }

  get #isUrgent(): boolean {
    const { position, syncedPosition, capacityBytes } = this.#options.ring;
    return !this.#isFailing && position - syncedPosition >= URGENT_SHARE * capacityBytes;
  }
}

/** Resolves when there are more records than those before `seen` that may be written. */
async function waitForMore(ring: Ring, seen: number): Promise<void> {
  for (;;) {
    const { wakeCount } = ring; // read first: a wake after this ends the wait at once
    if (seen < ring.syncLimit.seq) return;
    await ring.waitForWake(wakeCount);
  }
}

/** Runs `fn`; returns the text of its disk error, if any. */
async function catchDiskError(fn: () => Promise<void>): Promise<string | undefined> {
  try {
    await fn();
    return undefined;
  } catch (error) {
    return diskErrorText(error);
  }
}
