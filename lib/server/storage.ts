/**
 * Ring file, state database, lock and sync task of one data folder: opened before the hub, synced while it runs,
 * closed after it.
 */
import { decodeEvent } from "../hub/log/event_codec.ts";
import { LogLock } from "../log/log_lock.ts";
import { lastRecordBefore } from "../log/last_record.ts";
import type { Ring } from "../log/ring.ts";
import { RingFault } from "../log/ring_header.ts";
import { openDataDir } from "../store/disk/data_dir.ts";
import type { DataDir } from "../store/disk/data_dir.ts";
import { openLog } from "../store/ring_file/open_log.ts";
import type { LogIdentity, OpenLog, OpenLogOptions } from "../store/ring_file/open_log.ts";
import type { FactReadOutcome } from "../store/facts/fact_reader.ts";
import { isIntact } from "../store/ring_file/recovery_report.ts";
import { startSync } from "../store/sync/sync_task.ts";
import type { SyncOptions, SyncOutcome, SyncTask } from "../store/sync/sync_task.ts";
import { ARCHIVE_TRUST } from "../hub/log/facts.ts";
import type { SavedFact } from "../log/fact.ts";
import {
  adviseOnFolder,
  classifyFileFault,
  describeAcceptedDatabase,
  describeDatabaseRefusal,
  describeTooSmallRing,
  describeUnusableState,
} from "./storage_fault_text.ts";
import type { ServerLog } from "./server_log.ts";
import type { SharedRing, ShareRing } from "./shared_ring.ts";
import type { ServeSettings } from "./settings/settings.ts";

export type StorageOutcome =
  | { kind: "ok"; storage: Storage }
  /**
   * `folder`: nothing can be created or written there. `file`: the ring file or the database in it cannot be used.
   * `segment`: the ring cannot be shared with other processes.
   */
  | { kind: "failed"; fault: StorageFault; why: string };

export type StorageFault = "folder" | "file" | "segment";

export interface StorageOptions {
  /** Called with the reason when nothing can be saved any longer: the server must end. */
  readonly onEnded?: (why: string) => void;
  /** Called with the reason when saving of history begins to fail, and with undefined when it works again. */
  readonly onTrouble?: (why: string | undefined) => void;
  /** Creates the worker of the sync task. */
  readonly spawn?: SyncOptions["spawn"];
  /** Name of the log's lock, for several logs in one process. */
  readonly lockName?: string;
  /**
   * The folder has a copy of this log of a cluster, and of its facts, which the database need not match. Nothing of it
   * is saved that is not committed: see `Ring.syncLimit`. Settings about the ring's size do not count.
   */
  readonly copyOf?: LogIdentity & { readonly ringBytes: number };
  /** Moves the ring to where other processes read it. */
  readonly shareRing?: ShareRing | undefined;
}

/** What is open. */
interface StorageParts {
  readonly dir: DataDir;
  readonly opened: OpenLog;
  readonly facts: readonly SavedFact[];
  /** Where the ring has been moved. */
  readonly shared: SharedRing | undefined;
}

export class Storage {
  readonly ring: Ring;
  /** Where other processes put lines (`serve --shm`). */
  readonly inbox: SharedRing["inbox"] | undefined;
  /** Held while records are appended. */
  readonly lock: LogLock;
  readonly logId: string;
  readonly archivePath: string;
  /** Creation time of the log, milliseconds since the epoch. */
  readonly logCreatedAt: number;
  /** Milliseconds between syncs, or a sync after every batch. */
  readonly sync: number | "always";
  /** Facts that were saved before this start. */
  readonly facts: readonly SavedFact[];
  readonly #dir: DataDir;
  readonly #ringPath: string;
  readonly #task: SyncTask;
  readonly #shared: SharedRing | undefined;

  /** Opens folder and log and starts the sync task. The recovery report, and later failures, go to `log`. */
  static async open(
    settings: ServeSettings,
    log: ServerLog,
    now: number,
    options: StorageOptions = {},
  ): Promise<StorageOutcome> {
    const outcome = await openDataDir(settings.dataDir, options.shareRing !== undefined);
    switch (outcome.kind) {
      case "in_use": {
        const by = outcome.pid === undefined ? "another server" : `another server (process ${outcome.pid})`;
        const advice = "stop it, or choose another folder with --data-dir";
        return {
          kind: "failed",
          fault: "folder",
          why: `${outcome.path} is in use by ${by}; ${advice}`,
        };
      }
      case "restoring": {
        const advice = "remove it and restore again, or choose another folder with --data-dir";
        const why = `${outcome.path}: a restore into this folder was not finished; ${advice}`;
        return { kind: "failed", fault: "folder", why };
      }
      case "unwritable": {
        const advice = adviseOnFolder(outcome.why) ?? "choose another folder with --data-dir";
        return { kind: "failed", fault: "folder", why: `${outcome.path}: ${outcome.why}; ${advice}` };
      }
    }
    const { dir } = outcome;
    const { copyOf } = options;
    const state = await loadState(dir.statePath);
    if (state.kind === "unusable") {
      dir.close();
      return { kind: "failed", fault: "file", why: describeUnusableState(dir.statePath, state) };
    }
    const database = state.kind === "ok" ? state.database : undefined;
    const opened = openLog({
      dir: dir.path,
      now,
      database,
      ...logOptions(settings, options),
    });
    if (opened.kind !== "ok") {
      dir.close();
      switch (opened.kind) {
        case "database":
          return { kind: "failed", fault: "file", why: describeDatabaseRefusal(dir.statePath, opened) };
        case "too_small":
          return { kind: "failed", fault: "file", why: describeTooSmallRing(opened) };
        default:
          return { kind: "failed", ...classifyFileFault(opened) };
      }
    }
    const write = isIntact(opened.report) ? log.info : log.warning;
    write.call(log, "log", `history in ${opened.path}: ${opened.reportLine}`, { path: opened.path });
    const warning = describeAcceptedDatabase(dir.statePath, opened, state);
    if (warning !== undefined && copyOf === undefined) {
      log.warning("database", warning, { path: dir.statePath });
    }
    const facts = factsOfLog(opened, state);
    const shared = options.shareRing?.(dir.path, opened.ring, opened.logId);
    const isShared = shared !== undefined && "ring" in shared;
    if (isShared) log.info("shm", `the ring is in ${shared.path}`, { path: shared.path });
    const parts = { dir, opened, facts, shared: isShared ? shared : undefined };
    const storage = new Storage(parts, settings.sync, log, options);
    if (shared === undefined || isShared) return { kind: "ok", storage };
    await storage.close(); // in order: the log has been opened
    const why = `--shm: ${shared.why} (or start without --shm)`;
    return { kind: "failed", fault: "segment", why };
  }

  private constructor(
    { dir, opened: { logId, path, createdAt, ...opened }, facts, shared }: StorageParts,
    intervalMs: number | "always",
    log: ServerLog,
    { onEnded, onTrouble, spawn, lockName, copyOf }: StorageOptions,
  ) {
    const ring = shared?.ring ?? opened.ring;
    const isCopy = copyOf !== undefined;
    this.ring = ring;
    this.inbox = shared?.inbox;
    this.#shared = shared;
    this.lock = new LogLock(ring, lockName);
    this.logId = logId;
    this.archivePath = dir.archivePath;
    this.logCreatedAt = createdAt;
    this.facts = facts;
    this.sync = intervalMs;
    this.#dir = dir;
    this.#ringPath = path;
    if (isCopy) ring.syncLimit.set(ring.nextSeq);
    let isFailing = false;
    this.#task = startSync({
      ring,
      path,
      intervalMs,
      lock: this.lock,
      state: { path: dir.statePath, logId },
      onError: (failure) => {
        const { why } = failure;
        if (!isFailing) onTrouble?.(why);
        isFailing = true;
        const { last, durable } = readSeqs(ring);
        const hasEnded = failure.kind === "crashed" && failure.ended;
        const text =
          `history is not being saved: ${path}: ${why}; on disk up to record ${durable} of ${last}` +
          (hasEnded ? "" : "; the server keeps trying");
        log.error("sync", text, { path, why, last, durable });
        if (hasEnded) onEnded?.(why);
      },
      onRecovered: () => {
        isFailing = false;
        onTrouble?.(undefined);
        log.info("sync", `history is being saved again: ${path}`, { path });
      },
      ...(spawn === undefined ? {} : { spawn }),
      ...(lockName === undefined ? {} : { lockName }),
    });
  }

  /** Why history is currently not being saved; undefined: it is. */
  get trouble(): string | undefined {
    return this.#task.trouble;
  }

  /**
   * Tries to bring all records so far to disk, and returns whether they are there; one fsync serves all callers
   * that wait.
   */
  makeDurable(): Promise<SyncOutcome> {
    return this.#task.syncNow();
  }

  /** Saves facts, each one after its record is on disk. */
  saveFacts(facts: readonly SavedFact[]): void {
    this.#task.saveFacts(facts);
  }

  /** After {@link close}: the next start begins with an empty ring; the file stays beside it, in place of an older one. */
  setRingAside(): void {
    Deno.renameSync(this.#ringPath, `${this.#ringPath}.aside`);
  }

  /** Brings the facts so far to disk; resolves with the reason if that failed. */
  flushFacts(): Promise<string | undefined> {
    return this.#task.syncFacts();
  }

  /** As {@link flushFacts}, but does nothing if all facts are known to be on disk. */
  ensureFactsDurable(): Promise<string | undefined> {
    return this.#task.hasUnsavedFacts ? this.#task.syncFacts() : Promise.resolve(undefined);
  }

  /**
   * Syncs a last time; `finish` is called after that, while ring and folder are still open. Returns the number of
   * messages on disk, and of those that are not; and whether facts, such as a new passphrase, are not. In a damaged
   * ring no messages are counted.
   */
  async close(
    finish?: () => Promise<void>,
  ): Promise<{ safe: number; unsafe: number; hasUnsavedFacts: boolean }> {
    const { durableSeq } = await this.#task.stop();
    await finish?.();
    this.#shared?.close();
    this.#dir.close();
    const { ring } = this;
    const { hasUnsavedFacts } = this.#task;
    if (ring.check.findEndDamage() !== undefined) return { safe: 0, unsafe: 0, hasUnsavedFacts };
    return {
      safe: countMessagesBetween(ring, ring.oldestSeq, durableSeq),
      unsafe: countMessagesBetween(ring, durableSeq, ring.nextSeq),
      hasUnsavedFacts,
    };
  }

  /**
   * The sentence for a ring that another process has damaged in the memory that it shares; undefined: it has not.
   * `error`: what ended the server, if that was one.
   */
  findSharedDamage(error: unknown): string | undefined {
    if (this.#shared === undefined) return undefined;
    const { check } = this.ring;
    const why = error instanceof RingFault
      ? error.message
      : error === undefined
      ? check.findEndDamage()
      : check.findDamage();
    if (why === undefined) return undefined;
    return `another process has damaged the shared memory ${this.#shared.path}: ${why}; the server has stopped. ` +
      "Start it again: it reads its ring file, which has what was saved before";
  }
}

function logOptions(
  { capacityBytes, keepLarger, shrink, acceptDatabase, sync }: ServeSettings,
  { copyOf, shareRing }: StorageOptions,
): Omit<OpenLogOptions, "dir" | "now"> {
  // Readers of a shared ring show records before they are on disk.
  const syncsFirst = sync === "always" && shareRing === undefined;
  if (copyOf === undefined) return { capacityBytes, keepLarger, shrink, acceptDatabase, syncsFirst };
  return { capacityBytes: copyOf.ringBytes, acceptDatabase: true, copyOf };
}

/** Sequence numbers of the last record and of the last one on disk; 0: none, or the ring is damaged. */
function readSeqs(ring: Ring): { last: number; durable: number } {
  if (ring.check.findEndDamage() !== undefined) return { last: 0, durable: 0 };
  return { last: ring.lastSeqBefore(ring.nextSeq), durable: lastRecordBefore(ring, ring.durableSeq) };
}

/** Reads the state database at `path`. */
async function loadState(path: string): Promise<FactReadOutcome> {
  try {
    if ((await Deno.stat(path)).size === 0) return { kind: "empty" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "empty" };
    throw error;
  }
  const { readFactStore } = await import("../store/facts/fact_reader.ts");
  return readFactStore(path);
}

/**
 * The saved facts with the sequence numbers that they have in the opened log: 0 if they were saved beside another log.
 * Beside a database that was accepted without the rights of rooms no archive is trusted.
 */
function factsOfLog({ logId, acceptedFault }: OpenLog, state: FactReadOutcome): readonly SavedFact[] {
  if (state.kind !== "ok") return [];
  const facts = acceptedFault === undefined
    ? state.facts
    : state.facts.filter(({ kind }) => kind !== ARCHIVE_TRUST);
  return state.logId === logId ? facts : facts.map((fact) => ({ ...fact, seq: 0 }));
}

/** Number of messages among the records from `from` up to, but not including, `to`. */
function countMessagesBetween(ring: Ring, from: number, to: number): number {
  let count = 0;
  for (let seq = Math.max(from, ring.oldestSeq); seq < to;) {
    const record = ring.read(seq);
    if (record.kind === "empty") break;
    if (record.kind === "ok" && decodeEvent(record.payload)?.kind === "message") count++;
    seq = record.kind === "missing" ? record.next : seq + 1;
  }
  return count;
}
