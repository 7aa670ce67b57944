/**
 * The key `nodes/<node>` of this process, bound to its lease: says that the node runs, and how it is. A name that
 * another process holds is waited for: that of a process that was killed ends with its lease. An earlier process of the
 * same data folder is dead, so its lease is ended at once.
 */
import type { ClusterKeys } from "./cluster_keys.ts";
import { decodeNode, encodeNode, readOrNone } from "./cluster_values.ts";
import type { NodeInfo } from "./cluster_values.ts";
import type { KeyValue, KeyValueStore } from "./key_value_store.ts";
import { requireStoreError, RETRY_MS } from "./lease_keeper.ts";
import type { Timers } from "./timers.ts";

/** What changes all the time (records, sessions) is written this often. */
export const NODE_REPORT_MS = 5000;
/** A name that is still held after this long, and after twice the time of a lease, belongs to a node that runs. */
export const NAME_WAIT_MS = 20_000;

export interface NodeEntryOptions {
  readonly store: KeyValueStore;
  readonly timers: Timers;
  readonly keys: ClusterKeys;
  readonly node: string;
  readonly leaseSeconds: number;
  readonly info: () => NodeInfo;
  readonly onClaimed: () => void;
  /** Another process with this name runs. */
  readonly onInUse: () => void;
}

export class NodeEntry {
  readonly #options: NodeEntryOptions;
  readonly #lease: string;
  readonly #signal: AbortSignal;
  #modRevision = 0;
  #isClaimed = false;
  /** Ends the pause until the next report. */
  #wake = new AbortController();

  /** Holds the key until `signal` is aborted. */
  constructor(options: NodeEntryOptions, lease: string, signal: AbortSignal) {
    this.#options = options;
    this.#lease = lease;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake.abort(), { once: true });
    void this.#run();
  }

  get isClaimed(): boolean {
    return this.#isClaimed;
  }

  /** What the key says has changed: it is written at once. */
  report(): void {
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { timers, leaseSeconds, onClaimed, onInUse } = this.#options;
    const inUseAt = timers.now() + Math.max(NAME_WAIT_MS, 2000 * leaseSeconds);
    while (!this.#signal.aborted) {
      const wake = this.#wake = new AbortController();
      const isWritten = await this.#write();
      if (this.#signal.aborted) return;
      if (isWritten && !this.#isClaimed) {
        this.#isClaimed = true;
        onClaimed();
      }
      if (!this.#isClaimed && timers.now() > inUseAt && isWritten === false) return onInUse();
      await timers.sleep(isWritten ? NODE_REPORT_MS : RETRY_MS, wake.signal);
    }
  }

  #isPredecessor({ key, value, lease }: KeyValue): boolean {
    const { instance } = this.#options.info();
    const other = readOrNone(() => decodeNode(key, value))?.instance;
    return lease !== undefined && instance !== "" && other === instance;
  }

  /** True: the key is this process's. False: it is another one's. Undefined: the store did not answer. */
  async #write(): Promise<boolean | undefined> {
    const { store, keys, node, info } = this.#options;
    const key = keys.node(node);
    try {
      const { succeeded, revision, ranges } = await store.transact({
        compare: [{ key, target: "modRevision", is: "equal", to: this.#modRevision }],
        success: [{ kind: "put", key, value: encodeNode(info()), lease: this.#lease }],
        failure: [{ kind: "range", key }],
      });
      if (succeeded) {
        this.#modRevision = revision;
        return true;
      }
      const found = ranges[0]!.entries[0];
      // Either an attempt without an answer has been carried out, or the key has ended: the next one knows its revision.
      const isOwn = found === undefined || found.lease === this.#lease;
      if (isOwn) this.#modRevision = found?.modRevision ?? 0;
      else if (this.#isPredecessor(found)) await store.revokeLease(found.lease!);
      return isOwn ? undefined : false;
    } catch (error) {
      requireStoreError(error);
      return undefined;
    }
  }
}

/**
 * Ends the lease of an earlier process of this node with the same `instance`, which has ended: another node, or this one,
 * need not wait. For a process that has no lease yet. Does nothing if the store does not answer.
 */
export async function endPredecessor(
  { store, keys, node, instance }: Pick<NodeEntryOptions, "store" | "keys" | "node"> & { instance: string },
): Promise<void> {
  const key = keys.node(node);
  try {
    const [found] = (await store.range({ key })).entries;
    if (found?.lease === undefined) return;
    if (readOrNone(() => decodeNode(key, found.value))?.instance === instance) {
      await store.revokeLease(found.lease);
    }
  } catch (error) {
    requireStoreError(error);
  }
}
