/** What all nodes of a cluster have in common: made by the first one, read by all others. */
import type { ClusterKeys } from "./cluster_keys.ts";
import { decodeMeta, encodeMeta } from "./cluster_values.ts";
import type { ClusterMeta } from "./cluster_values.ts";
import { StoreUntrusted } from "./key_value_store.ts";
import type { KeyValueStore } from "./key_value_store.ts";
import { requireStoreError, RETRY_MS } from "./lease_keeper.ts";
import type { Timers } from "./timers.ts";

export interface MetaOptions {
  readonly store: KeyValueStore;
  readonly timers: Timers;
  readonly keys: ClusterKeys;
  /** What a new cluster gets. */
  readonly make: () => ClusterMeta;
  readonly signal?: AbortSignal;
  /** Called after each attempt that the store has not answered, or has refused; the next one follows. */
  readonly onFailure?: (error: Error) => void;
}

/**
 * The cluster's meta; undefined: `signal` was aborted before the store answered.
 *
 * @throws {ClusterFault} It cannot be read, or has another format.
 * @throws {StoreUntrusted} The store shows a certificate that is not trusted.
 */
export async function openMeta(options: MetaOptions): Promise<ClusterMeta | undefined> {
  const { store, timers, keys, signal, onFailure } = options;
  const made = encodeMeta(options.make());
  while (!signal?.aborted) {
    try {
      // A store that is full refuses even a condition that does not hold if something is to be put.
      const [found] = (await store.range({ key: keys.meta })).entries;
      if (found !== undefined) return decodeMeta(keys.meta, found.value);
      const { succeeded, ranges } = await store.transact({
        compare: [{ key: keys.meta, target: "version", is: "equal", to: 0 }],
        success: [
          { kind: "put", key: keys.meta, value: made },
          { kind: "delete", ...keys.logRange() }, // of an import that was interrupted
          { kind: "delete", ...keys.facts },
        ],
        failure: [{ kind: "range", key: keys.meta }],
      });
      return decodeMeta(keys.meta, succeeded ? made : ranges[0]!.entries[0]!.value);
    } catch (error) {
      requireStoreError(error);
      if (error instanceof StoreUntrusted) throw error;
      onFailure?.(error);
    }
    await timers.sleep(RETRY_MS, signal);
  }
  return undefined;
}
