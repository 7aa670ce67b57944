/**
 * `chatterbox admin cluster snapshot FOLDER`: log, facts and cloak key of the cluster, as etcd has them at one revision,
 * as a data folder that `serve` and `serve --cluster-import` begin from.
 */
import { ClusterFault } from "../../../lib/cluster/cluster_fault.ts";
import type { ClusterKeys } from "../../../lib/cluster/cluster_keys.ts";
import type { ClusterMeta } from "../../../lib/cluster/cluster_values.ts";
import { ClusterView } from "../../../lib/cluster/cluster_view.ts";
import { type KeyValueStore, StoreRefusal } from "../../../lib/cluster/key_value_store.ts";
import { requireStoreError } from "../../../lib/cluster/lease_keeper.ts";
import { loadCopy, type LoadReport } from "../../../lib/cluster/log_loader.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { StorageCopy } from "../../../lib/server/cluster/storage_copy.ts";
import { type CommandAnswer, refusedFailure } from "../../../lib/server/console/console_command.ts";
import type { ServerLog } from "../../../lib/server/server_log.ts";
import { Storage } from "../../../lib/server/storage.ts";
import { saveCloakKey } from "../../../lib/store/disk/cloak_key.ts";
import { RING_FILE } from "../../../lib/store/disk/data_dir.ts";
import { diskErrorText, syncFolder } from "../../../lib/store/disk/disk_file.ts";
import { changeHeader } from "../../../lib/store/ring_file/header_change.ts";
import type { NodeSettings } from "./node_parts.ts";

/** A revision that etcd has compacted before all was read is given up for a newer one, so many times. */
const MAX_TRIES = 3;

export interface SnapshotOptions {
  readonly store: KeyValueStore;
  readonly keys: ClusterKeys;
  readonly meta: ClusterMeta;
  readonly settings: NodeSettings;
  readonly io: Pick<Io, "clock">;
  readonly log: ServerLog;
}

/** Writes a snapshot to `folder`, which is there only when all of it is on disk. */
export async function writeSnapshot(options: SnapshotOptions, folder: string): Promise<CommandAnswer> {
  const draft = `${folder}.unfinished`;
  try {
    if (await exists(folder)) return refused(`${folder} is there already; name a new folder`);
    if (await exists(draft)) {
      return refused(
        `${draft} is there, of a snapshot that runs or was not finished; if none runs, remove it`,
      );
    }
    for (let tries = 1;; tries++) {
      await Deno.mkdir(draft, { mode: 0o700 });
      try {
        const report = await fill(options, draft);
        await Deno.rename(draft, folder);
        syncFolder(folder.replace(/\/[^/]*$/, "/"));
        return { lines: describe(report, folder) };
      } catch (error) {
        await Deno.remove(draft, { recursive: true });
        if (tries === MAX_TRIES || !(error instanceof StoreRefusal && error.why === "compacted")) throw error;
      }
    }
  } catch (error) {
    if (error instanceof DraftFault || error instanceof ClusterFault) return refused(error.message);
    if (error instanceof Error && "code" in error) return refused(`${draft}: ${diskErrorText(error)}`);
    requireStoreError(error);
    return refused(`etcd: ${error.message}; try again`);
  }
}

/** The folder cannot be used. */
class DraftFault extends Error {}

async function fill(
  { store, keys, meta, settings, io, log }: SnapshotOptions,
  dataDir: string,
): Promise<LoadReport & { nextSeq: number }> {
  const { logId, createdAt, ringBytes, cloakKey } = meta;
  const opened = await Storage.open({ ...settings, dataDir }, log, io.clock.now(), {
    lockName: `snapshot ${crypto.randomUUID()}`,
    copyOf: { logId, createdAt, ringBytes },
  });
  if (opened.kind !== "ok") throw new DraftFault(opened.why);
  const { storage } = opened;
  let fault: unknown;
  let isClosed = false;
  try {
    const local = new StorageCopy({
      storage,
      onUseless: (why) => fault ??= new DraftFault(`${dataDir}: ${why}`),
      onFatalError: (error) => fault ??= error,
    });
    const report = await loadCopy({ store, keys, view: new ClusterView(keys), local, logId });
    const { nextSeq } = local.position ?? { nextSeq: 1 };
    await storage.lock.runKeepingLock(() => {}); // all records are appended
    saveCloakKey(dataDir, Uint8Array.fromBase64(cloakKey));
    isClosed = true;
    const { unsafe, hasUnsavedFacts } = await storage.close();
    // The cluster goes on giving numbers, which a server that begins from here must not give.
    changeHeader(`${dataDir}/${RING_FILE}`, () => ({ clean: false }));
    if (unsafe > 0 || hasUnsavedFacts) fault ??= new DraftFault(`${dataDir}: it cannot be written`);
    if (fault !== undefined) throw fault;
    return { ...report, nextSeq };
  } finally {
    if (!isClosed) await storage.close();
  }
}

function describe({ revision, facts, nextSeq }: LoadReport & { nextSeq: number }, folder: string): string[] {
  return [
    `${folder} has the cluster as it was at revision ${revision} of etcd: records up to ${
      nextSeq - 1
    }, ${facts} facts`,
  ];
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function refused(why: string): CommandAnswer {
  return { lines: [], failure: refusedFailure(`no snapshot was made: ${why}`) };
}
