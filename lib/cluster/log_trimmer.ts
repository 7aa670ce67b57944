/**
 * Removes from the store what the leader's ring no longer holds, lets the store forget old revisions, and asks how full it
 * is. For the leader; each pass may fail, the next one does the same.
 */
import type { ClusterKeys } from "./cluster_keys.ts";
import type { KeyValueStore, StoreStatus } from "./key_value_store.ts";
import { requireStoreError } from "./lease_keeper.ts";
import type { Timers } from "./timers.ts";

export const TRIM_INTERVAL_MS = 10_000;
/** A watch may lag behind this long before it has to load all anew. */
export const COMPACT_INTERVAL_MS = 60_000;

export interface TrimmerOptions {
  readonly store: KeyValueStore;
  readonly timers: Timers;
  readonly keys: ClusterKeys;
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** The oldest record of the leader's ring. */
  readonly oldestSeq: () => number;
  /** The last revision that this node knows of. */
  readonly revision: () => number;
  /** Resolves when all records and facts so far are committed. */
  readonly commit: () => Promise<void>;
  /** How full the store is, after each compaction. */
  readonly onStatus: (status: StoreStatus) => void;
}

export class LogTrimmer {
  readonly #options: TrimmerOptions;
  /** Batches that begin before this record are removed. */
  #trimmedTo = 0;

  constructor(options: TrimmerOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { timers, signal } = this.#options;
    let compactedAt = timers.now();
    /** The revision of the last pass: watches that are not a pass behind lose nothing. */
    let compactTo = this.#options.revision();
    while (!signal.aborted) {
      await timers.sleep(TRIM_INTERVAL_MS, signal);
      if (signal.aborted) return;
      await this.#try(() => this.#trim());
      if (timers.now() - compactedAt < COMPACT_INTERVAL_MS) continue;
      compactedAt = timers.now();
      const revision = compactTo;
      compactTo = this.#options.revision();
      await this.#try(() => this.#options.store.compact(revision));
      await this.#try(async () => this.#options.onStatus(await this.#options.store.status()));
    }
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.#options.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      requireStoreError(error);
    }
  }

  async #trim(): Promise<void> {
    const { store, keys, epoch, oldestSeq, commit } = this.#options;
    const oldest = oldestSeq();
    await commit(); // facts that hold what the ring has overwritten are stored before it is removed here
    const found = await store.range(keys.logRange(0, oldest + 1), {
      limit: 1,
      order: "descending",
      keysOnly: true,
    });
    const key = found.entries[0] && keys.read(found.entries[0].key);
    if (key?.kind !== "log" || key.firstSeq <= this.#trimmedTo) return;
    await store.transact({
      compare: [{ key: keys.leader, target: "createRevision", is: "equal", to: epoch }],
      success: [{ kind: "delete", ...keys.logRange(0, key.firstSeq) }],
    });
    this.#trimmedTo = key.firstSeq;
  }
}
