/** What a node of a cluster opens before it takes part: etcd, what all nodes have in common, its data folder. */
import { ClusterFault } from "../../../lib/cluster/cluster_fault.ts";
import type { ClusterKeys } from "../../../lib/cluster/cluster_keys.ts";
import type { ClusterMeta } from "../../../lib/cluster/cluster_values.ts";
import { EtcdStore } from "../../../lib/cluster/etcd/etcd_store.ts";
import { StoreUntrusted } from "../../../lib/cluster/key_value_store.ts";
import { openMeta } from "../../../lib/cluster/meta.ts";
import { systemTimers } from "../../../lib/cluster/timers.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import { CLOAK_KEY_BYTES } from "../../../lib/hub/model/host_cloak.ts";
import type { ServerLog } from "../../../lib/server/server_log.ts";
import { readClusterFiles } from "../../../lib/server/settings/cluster_files.ts";
import type { ClusterSettings } from "../../../lib/server/settings/cluster_flags.ts";
import type { ServeSettings } from "../../../lib/server/settings/settings.ts";
import { Storage } from "../../../lib/server/storage.ts";
import { CLOAK_KEY_FILE, saveCloakKey } from "../../../lib/store/disk/cloak_key.ts";
import { diskErrorText } from "../../../lib/store/disk/disk_file.ts";
import { logIdText, randomLogId } from "../../../lib/store/ring_file/file_header.ts";
import { randomBytes } from "../chat_server.ts";
import type { StartFailure } from "../server_sockets.ts";

/** After so long without an answer of etcd the log says that the node waits. */
const PATIENCE_MS = 2000;
const SECRET_BYTES = 32;

export type NodeSettings = ServeSettings & { readonly cluster: ClusterSettings };

/** A client of the cluster's etcd; the files are read once. */
export async function openStore(
  { endpoints, caFile, certificate, user }: Pick<
    ClusterSettings,
    "endpoints" | "caFile" | "certificate" | "user"
  >,
): Promise<EtcdStore | StartFailure> {
  const read = await readClusterFiles({ caFile, certificate, user });
  if ("why" in read) return { code: EXIT.badConfig, why: `${read.path}: ${read.why}` };
  const { ca, identity, user: credentials } = read.credentials;
  const tls = { ...ca !== undefined && { ca }, ...identity };
  return new EtcdStore({
    endpoints: { secure: endpoints[0]!.startsWith("https:"), urls: endpoints },
    ...Object.keys(tls).length > 0 && { tls },
    ...credentials && { user: credentials },
  });
}

/** A secret of a cluster, in base64. */
export function makeSecret(): string {
  return randomBytes(SECRET_BYTES).toBase64();
}

/** Why a node ends that is shown a certificate of etcd that it does not trust. */
export function untrustedFailure({ message }: StoreUntrusted): StartFailure {
  const todo = "--cluster-ca names the file with the authority of etcd's certificates";
  return { code: EXIT.badConfig, why: `the certificate of etcd is not trusted: ${message}; ${todo}` };
}

/** What all nodes have in common; made by the first one. Undefined: `signal` was aborted. */
export async function readMeta(
  store: EtcdStore,
  keys: ClusterKeys,
  { capacityBytes, cluster: { name } }: NodeSettings,
  { io, log, signal }: { io: Io; log: ServerLog; signal: AbortSignal },
): Promise<ClusterMeta | StartFailure | undefined> {
  const begunAt = performance.now();
  let isTold = false;
  const make = (): ClusterMeta => ({
    logId: logIdText(randomLogId()),
    createdAt: io.clock.now(),
    cloakKey: randomBytes(CLOAK_KEY_BYTES).toBase64(),
    secret: makeSecret(),
    ringBytes: capacityBytes,
  });
  const onFailure = ({ message }: Error) => {
    if (isTold || performance.now() - begunAt < PATIENCE_MS) return;
    isTold = true;
    log.warning("cluster", `etcd is waited for: ${message}`);
  };
  try {
    const meta = await openMeta({ store, timers: systemTimers, keys, make, signal, onFailure });
    if (meta !== undefined && meta.ringBytes !== capacityBytes) {
      const text =
        `the ring has ${meta.ringBytes} bytes on all nodes of ${name}; --buffer counts for a new cluster only`;
      log.info("cluster", text);
    }
    return meta;
  } catch (error) {
    if (error instanceof StoreUntrusted) return untrustedFailure(error);
    if (!(error instanceof ClusterFault)) throw error;
    return { code: EXIT.ioError, why: error.message };
  }
}

/** The data folder, with a copy of the cluster's log. */
export async function openNodeStorage(
  settings: NodeSettings,
  { logId, createdAt, ringBytes, cloakKey }: ClusterMeta,
  { io, log }: { io: Io; log: ServerLog },
  onEnded: (why: string) => void,
): Promise<Storage | StartFailure> {
  const copyOf = { logId, createdAt, ringBytes };
  const opened = await Storage.open(settings, log, io.clock.now(), { copyOf, onEnded });
  if (opened.kind !== "ok") {
    return { code: opened.fault === "file" ? EXIT.ioError : EXIT.cannotCreate, why: opened.why };
  }
  try {
    saveCloakKey(settings.dataDir, Uint8Array.fromBase64(cloakKey)); // for what this folder is without the cluster
    return opened.storage;
  } catch (error) {
    await opened.storage.close();
    const why = `${settings.dataDir}/${CLOAK_KEY_FILE}: ${diskErrorText(error)}`;
    return { code: EXIT.cannotCreate, why };
  }
}
