/** The log with its file beneath it: opened before the hub, synced while it runs, closed after it. */
import { unreachable } from "../base/assert.ts";
import { formatSize } from "../cli/values/size.ts";
import { decodeEvent } from "../hub/log/event_codec.ts";
import { LogLock } from "../log/log_lock.ts";
import type { Ring } from "../log/ring.ts";
import { openDataDir } from "../store/disk/data_dir.ts";
import type { DataDir } from "../store/disk/data_dir.ts";
import type { DatabaseFault } from "../store/facts/database_mark.ts";
import { openLog } from "../store/ring_file/open_log.ts";
import type { DatabaseMismatch, FileFault, OpenLog, TooSmall } from "../store/ring_file/open_log.ts";
import type { FactReadOutcome } from "../store/facts/fact_reader.ts";
import { isIntact } from "../store/ring_file/recovery_report.ts";
import { startSync } from "../store/sync/sync_task.ts";
import type { SyncOptions, SyncOutcome, SyncTask } from "../store/sync/sync_task.ts";
import type { SavedFact } from "../log/fact.ts";
import type { ServerLog } from "./server_log.ts";
import type { ServeSettings } from "./settings/settings.ts";

export type StorageOutcome =
  | { kind: "ok"; storage: Storage }
  /** `folder`: nothing can be made or written there. `file`: the ring file in it is not one, or can't be read. */
  | { kind: "failed"; fault: "folder" | "file"; why: string };

export interface StorageOptions {
  /** Nothing is saved any more, and nothing will be, for the reason that is given: the server must end. */
  readonly onEnded?: (why: string) => void;
  /** History is not being saved, for the reason that is given; or with undefined, it is again. */
  readonly onTrouble?: (why: string | undefined) => void;
  /** Makes the sync task's worker. */
  readonly spawn?: SyncOptions["spawn"];
  /** Name of the log's lock, where several logs live in one process. */
  readonly lockName?: string;
}

export class Storage {
  readonly ring: Ring;
  /** For whoever appends. */
  readonly lock: LogLock;
  readonly logId: string;
  /** When the log was made, milliseconds since the epoch. */
  readonly logCreatedAt: number;
  /** Milliseconds between syncs, or after every batch. */
  readonly sync: number | "always";
  /** As they were saved before. */
  readonly facts: readonly SavedFact[];
  readonly #dir: DataDir;
  readonly #task: SyncTask;

  /** Opens folder and log and starts the sync task. What was recovered, and all trouble later, goes to `log`. */
  static async open(
    settings: ServeSettings,
    log: ServerLog,
    now: number,
    options: StorageOptions = {},
  ): Promise<StorageOutcome> {
    const outcome = await openDataDir(settings.dataDir);
    switch (outcome.kind) {
      case "in_use": {
        const who = outcome.pid === undefined ? "another server" : `another server, process ${outcome.pid},`;
        const advice = "stop it, or choose another folder with --data-dir";
        return {
          kind: "failed",
          fault: "folder",
          why: `${outcome.path}: ${who} is at work there; ${advice}`,
        };
      }
      case "unwritable": {
        const advice = adviseOnFolder(outcome.why) ?? "choose another folder with --data-dir";
        return { kind: "failed", fault: "folder", why: `${outcome.path}: ${outcome.why}; ${advice}` };
      }
    }
    const { dir } = outcome;
    const { capacityBytes, keepLarger, shrink, acceptDatabase } = settings;
    const state = await loadState(dir.statePath);
    if (state.kind === "unusable") {
      dir.close();
      return { kind: "failed", fault: "file", why: describeUnusableState(dir.statePath, state) };
    }
    const database = state.kind === "ok" ? state.database : undefined;
    const opened = openLog({
      dir: dir.path,
      capacityBytes,
      keepLarger,
      shrink,
      now,
      database,
      acceptDatabase,
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
    const tell = isIntact(opened.report) ? log.info : log.warning;
    tell.call(log, "log", `history in ${opened.path}: ${opened.reportLine}`, { path: opened.path });
    const warning = describeAcceptedDatabase(dir.statePath, opened, state);
    if (warning !== undefined) log.warning("database", warning, { path: dir.statePath });
    const facts = factsOfLog(opened.logId, state);
    return { kind: "ok", storage: new Storage(dir, opened, facts, settings.sync, log, options) };
  }

  private constructor(
    dir: DataDir,
    { ring, logId, path, createdAt }: OpenLog,
    facts: readonly SavedFact[],
    intervalMs: number | "always",
    log: ServerLog,
    { onEnded, onTrouble, spawn, lockName }: StorageOptions,
  ) {
    this.ring = ring;
    this.lock = new LogLock(ring, lockName);
    this.logId = logId;
    this.logCreatedAt = createdAt;
    this.facts = facts;
    this.sync = intervalMs;
    this.#dir = dir;
    let troubled = false;
    this.#task = startSync({
      ring,
      path,
      intervalMs,
      lock: this.lock,
      state: { path: dir.statePath, logId },
      onError: (failure) => {
        const { why } = failure;
        if (!troubled) onTrouble?.(why);
        troubled = true;
        const { last, durable } = readSeqs(ring);
        const text =
          `history is not being saved: ${path}: ${why}; on disk up to record ${durable} of ${last}`;
        log.error("sync", text, { path, why, last, durable });
        if (failure.kind === "crashed" && failure.ended) onEnded?.(why);
      },
      onRecovered: () => {
        troubled = false;
        onTrouble?.(undefined);
        log.info("sync", `history is being saved again: ${path}`, { path });
      },
      ...(spawn === undefined ? {} : { spawn }),
      ...(lockName === undefined ? {} : { lockName }),
    });
  }

  /** Why history is not being saved at present, in words. */
  get trouble(): string | undefined {
    return this.#task.trouble;
  }

  /** Tries to bring all that has been appended to disk, and says whether it is there; one fsync serves all who ask meanwhile. */
  makeDurable(): Promise<SyncOutcome> {
    return this.#task.syncNow();
  }

  /** Saves facts, each once its record is on disk. */
  saveFacts(facts: readonly SavedFact[]): void {
    this.#task.saveFacts(facts);
  }

  /** Brings the facts given so far to disk; resolves with why that failed, in words, or undefined. */
  flushFacts(): Promise<string | undefined> {
    return this.#task.syncFacts();
  }

  /** As {@link flushFacts}, at once where all are known to be on disk. */
  ensureFactsDurable(): Promise<string | undefined> {
    return this.#task.hasUnsavedFacts ? this.#task.syncFacts() : Promise.resolve(undefined);
  }

  /** A last sync; answers what is safe on disk, and what is not. */
  async close(): Promise<{ safe: number; unsafe: number }> {
    const { durableSeq } = await this.#task.stop();
    this.#dir.close();
    const { ring } = this;
    return {
      safe: countMessagesBetween(ring, ring.oldestSeq, durableSeq),
      unsafe: countMessagesBetween(ring, durableSeq, ring.nextSeq),
    };
  }
}

/** The last record, and the last that is on disk; 0: none. */
function readSeqs(ring: Ring): { last: number; durable: number } {
  return { last: ring.lastSeqBefore(ring.nextSeq), durable: ring.lastSeqBefore(ring.durableSeq) };
}

/** What the state database at `path` holds. */
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

/** The facts with their sequence numbers as they count in the log `logId`: 0 where they are another log's. */
function factsOfLog(logId: string, state: FactReadOutcome): readonly SavedFact[] {
  if (state.kind !== "ok") return [];
  return state.logId === logId ? state.facts : state.facts.map((fact) => ({ ...fact, seq: 0 }));
}

function describeUnusableState(
  path: string,
  { why, damaged }: FactReadOutcome & { kind: "unusable" },
): string {
  return damaged
    ? `${path} is damaged: ${why}; put back a copy of it, or move it away and start once with --accept-database, ` +
      "which forgets all accounts, topics and bans"
    : `${path}: ${why}; put back ChatterBox's own, or choose another folder with --data-dir`;
}

const DATABASE_FAULT_TEXT: Readonly<Record<DatabaseFault, string>> = {
  missing: "is missing or empty",
  another: "is not the database that belongs there",
  older: "is an older copy",
};

/** Why the server does not start, and what to do. */
function describeDatabaseRefusal(statePath: string, { path, fault }: DatabaseMismatch): string {
  const lost = fault === "older" ? "what was saved since then" : "accounts, room settings and bans";
  return `${statePath} ${DATABASE_FAULT_TEXT[fault]}: ${path} knows of ${lost} that it does not have. ` +
    "Put back a backup of both files, taken together; or start once with --accept-database, which goes on with what is " +
    "there: every name whose account is lost is then free for anybody";
}

/** What to tell of a database that was taken although it, or the log, is not what was there before. */
function describeAcceptedDatabase(
  path: string,
  { acceptedFault, logId, report }: OpenLog,
  state: FactReadOutcome,
): string | undefined {
  if (acceptedFault !== undefined) {
    return `${path} ${
      DATABASE_FAULT_TEXT[acceptedFault]
    }, and was accepted (--accept-database): names whose accounts are lost are free`;
  }
  if (state.kind !== "ok" || state.logId === "" || state.logId === logId) return undefined;
  const { length } = state.facts;
  const log = report.created
    ? "the log was missing, and a new one was begun"
    : "it was saved beside another log";
  return `${path}: ${log}; accounts, room settings and bans are kept (${length} facts), messages from before are not there`;
}

/** Who can help: a folder or file that can't be written may be another one's; a file that is not what it should be is. */
function describeTooSmallRing({ path, why, capacity }: TooSmall): string {
  return `${path}: ${why}. Leave --buffer out to keep its size (${
    formatSize(capacity)
  }), or start once with --shrink, ` +
    "which drops the oldest and keeps a copy of the file";
}

/** ENOSPC, EDQUOT and ERROR_DISK_FULL in the system's words, and what `store/disk/disk_file.ts` says. */
const DISK_FULL = /no space left|quota exceeded|not enough space|takes no more bytes/i;

/** What to do where the system says `why` of a folder; undefined: nothing in particular. */
export function adviseOnFolder(why: string): string | undefined {
  if (!DISK_FULL.test(why)) return undefined;
  return "make room on that disk, give a smaller --buffer, or choose another folder with --data-dir";
}

function classifyFileFault({ kind, path, why }: FileFault): { fault: "folder" | "file"; why: string } {
  switch (kind) {
    case "unwritable":
      return {
        fault: "folder",
        why: `${path}: ${why}; ${
          adviseOnFolder(why) ?? "make it writable, or choose another folder with --data-dir"
        }`,
      };
    case "foreign":
    case "wrong_version":
    case "unreadable":
      return {
        fault: "file",
        why: `${path}: ${why}; move it away, or choose another folder with --data-dir`,
      };
    default:
      return unreachable(kind);
  }
}

/** Messages among the records from `from` up to `to`. */
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
