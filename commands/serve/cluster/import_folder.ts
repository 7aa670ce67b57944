/** `serve --cluster-import`: a new cluster gets what the data folder of a server has. */
import { VERSION } from "../../../lib/base/version.ts";
import type { ClusterKeys } from "../../../lib/cluster/cluster_keys.ts";
import type { EtcdStore } from "../../../lib/cluster/etcd/etcd_store.ts";
import { importLog } from "../../../lib/cluster/log_import.ts";
import { StoreRefusal, StoreUnavailable, StoreUntrusted } from "../../../lib/cluster/key_value_store.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import { encodeEvent } from "../../../lib/hub/log/event_codec.ts";
import type { Ring } from "../../../lib/log/ring.ts";
import type { ServerLog } from "../../../lib/server/server_log.ts";
import { Storage } from "../../../lib/server/storage.ts";
import { openCloakKey } from "../../../lib/store/disk/cloak_key.ts";
import { randomBytes } from "../chat_server.ts";
import type { StartFailure } from "../server_sockets.ts";
import { makeSecret, type NodeSettings, untrustedFailure } from "./node_parts.ts";

/** Does nothing if there is the cluster already: the flag may stay. Returns why the node cannot start. */
export async function importFolder(
  store: EtcdStore,
  keys: ClusterKeys,
  settings: NodeSettings,
  { io, log }: { io: Io; log: ServerLog },
): Promise<StartFailure | undefined> {
  const { dataDir, cluster: { name } } = settings;
  try {
    if ((await store.range({ key: keys.meta })).entries.length > 0) return undefined;
  } catch (error) {
    return describe(error);
  }
  const opened = await Storage.open(settings, log, io.clock.now());
  if (opened.kind !== "ok") {
    return { code: opened.fault === "file" ? EXIT.ioError : EXIT.cannotCreate, why: opened.why };
  }
  const { storage } = opened;
  try {
    const { ring, logId, logCreatedAt: createdAt, facts } = storage;
    if (ring.nextSeq !== ring.lastSeqBefore(ring.nextSeq) + 1) {
      // It was not stopped in order, and its numbers go on after those that are lost: from a start, as without a cluster.
      await storage.lock.runKeepingLock(() => appendStart(ring, io.clock.now()));
    }
    const cloak = openCloakKey(dataDir, randomBytes);
    if (cloak.kind === "failed") return { code: EXIT.ioError, why: `${cloak.path}: ${cloak.why}` };
    const meta = {
      logId,
      createdAt,
      cloakKey: cloak.key.toBase64(),
      secret: makeSecret(),
      ringBytes: ring.capacityBytes,
    };
    const outcome = await importLog({ store, keys, meta, log: ring, facts });
    if (outcome.kind === "ok") {
      const { records } = outcome;
      const text = `cluster ${name} has the history of ${dataDir}: records up to ${
        ring.nextSeq - 1
      }, ${facts.length} facts`;
      log.info("cluster", text, { records, facts: facts.length });
    }
    return undefined;
  } catch (error) {
    return describe(error);
  } finally {
    await storage.close();
  }
}

function appendStart(ring: Ring, now: number): void {
  const payload = new Uint8Array(ring.area.maxPayloadBytes);
  ring.append(now, payload, encodeEvent({ kind: "boot", version: VERSION }, payload));
}

function describe(error: unknown): StartFailure {
  if (error instanceof StoreUntrusted) return untrustedFailure(error);
  if (!(error instanceof StoreRefusal || error instanceof StoreUnavailable)) throw error;
  return {
    code: EXIT.ioError,
    why: `--cluster-import: ${error.message}; there is no cluster yet: try again`,
  };
}
