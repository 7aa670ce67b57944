/** The log with its file beneath it: opened before the hub, synced while it runs, closed after it. */
import { decodeEvent } from "../hub/event_codec.ts";
import type { Ring } from "../log/ring.ts";
import { openDataDir } from "../store/data_dir.ts";
import type { DataDir } from "../store/data_dir.ts";
import { openLog } from "../store/open_log.ts";
import type { OpenLog } from "../store/open_log.ts";
import { isIntact } from "../store/report.ts";
import { startSync } from "../store/sync.ts";
import type { SyncTask } from "../store/sync.ts";
import type { ServerLog } from "./server_log.ts";
import type { ServeSettings } from "./settings.ts";

export type StorageOutcome =
  | { kind: "ok"; storage: Storage }
  /** `fault` says whose: the folder's, or that of the ring file in it. */
  | { kind: "failed"; fault: "folder" | "file"; why: string };

export class Storage {
  readonly ring: Ring;
  readonly logId: string;
  readonly #dir: DataDir;
  readonly #sync: SyncTask;

  /** Opens folder and log and starts the sync task. What was recovered, and all trouble later, goes to `log`. */
  static async open(settings: ServeSettings, log: ServerLog, now: number): Promise<StorageOutcome> {
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
        const advice = "choose another folder with --data-dir";
        return { kind: "failed", fault: "folder", why: `${outcome.path}: ${outcome.why}; ${advice}` };
      }
    }
    const { dir } = outcome;
    const opened = openLog({ dir: dir.path, capacityBytes: settings.capacityBytes, now });
    if (opened.kind !== "ok") {
      dir.close();
      const advice = "move it away, or choose another folder with --data-dir";
      return { kind: "failed", fault: "file", why: `${opened.path}: ${opened.why}; ${advice}` };
    }
    const tell = isIntact(opened.report) ? log.info : log.warning;
    tell.call(log, "log", `history in ${opened.path}: ${opened.line}`, { path: opened.path });
    return { kind: "ok", storage: new Storage(dir, opened, settings.sync, log) };
  }

  private constructor(
    dir: DataDir,
    { ring, logId, path }: OpenLog,
    intervalMs: number | "always",
    log: ServerLog,
  ) {
    this.ring = ring;
    this.logId = logId;
    this.#dir = dir;
    this.#sync = startSync({
      ring,
      path,
      intervalMs,
      onError: ({ why }) => log.error("sync", `history is not being saved: ${path}: ${why}`, { path }),
      onRecovered: () => log.info("sync", `history is being saved again: ${path}`, { path }),
    });
  }

  /** Resolves once all that has been appended is on disk; one fsync serves all who ask meanwhile. */
  async durable(): Promise<void> {
    await this.#sync.syncNow();
  }

  /** A last sync; answers what is safe on disk, and what is not. */
  async close(): Promise<{ safe: number; unsafe: number }> {
    const { durableSeq } = await this.#sync.stop();
    this.#dir.close();
    const { ring } = this;
    return {
      safe: messages(ring, ring.oldestSeq, durableSeq),
      unsafe: messages(ring, durableSeq, ring.nextSeq),
    };
  }
}

/** Messages among the records from `from` up to `to`. */
function messages(ring: Ring, from: number, to: number): number {
  let count = 0;
  for (let seq = Math.max(from, ring.oldestSeq); seq < to;) {
    const record = ring.read(seq);
    if (record.kind === "empty") break;
    if (record.kind === "ok" && decodeEvent(record.payload)?.kind === "message") count++;
    seq = record.kind === "lapped" ? record.next : seq + 1;
  }
  return count;
}
