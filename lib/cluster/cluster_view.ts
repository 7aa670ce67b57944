/** What a node knows of the cluster beside log and facts, as of a revision: leader, nodes, tail. */
import { ClusterFault } from "./cluster_fault.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import { decodeLeader, decodeNode, decodeTail, readOrNone } from "./cluster_values.ts";
import type { LeaderInfo, NodeInfo } from "./cluster_values.ts";
import type { KeyValue, WatchEvent } from "./key_value_store.ts";

/** The key `leader`. */
export interface LeaderKey {
  /** Undefined: it was written by a version that this one cannot read. */
  readonly info: LeaderInfo | undefined;
  /** The epoch of what this leader writes. */
  readonly createRevision: number;
  readonly lease: string | undefined;
}

/** The key `tail`, or what stands for it before the first commit. */
export interface TailKey {
  readonly lastSeq: number;
  readonly modRevision: number;
}

export class ClusterView {
  readonly #keys: ClusterKeys;
  readonly #nodes = new Map<string, NodeInfo>();
  #leader: LeaderKey | undefined;
  #tail: TailKey = { lastSeq: 0, modRevision: 0 };

  constructor(keys: ClusterKeys) {
    this.#keys = keys;
  }

  get leader(): LeaderKey | undefined {
    return this.#leader;
  }

  /** Nodes that run, by name; a value that cannot be read is left out. */
  get nodes(): ReadonlyMap<string, NodeInfo> {
    return this.#nodes;
  }

  get tail(): TailKey {
    return this.#tail;
  }

  /** Takes the values that the keys of the view have, in place of all before. */
  reset(entries: readonly KeyValue[]): void {
    this.#nodes.clear();
    this.#leader = undefined;
    this.#tail = { lastSeq: 0, modRevision: 0 };
    for (const entry of entries) this.apply({ kind: "put", entry });
  }

  /** @throws {ClusterFault} `tail` cannot be read. */
  apply(event: WatchEvent): void {
    const key = this.#keys.read(event.kind === "put" ? event.entry.key : event.key);
    switch (key?.kind) {
      case "leader":
        this.#leader = event.kind === "put" ? this.#readLeader(event.entry) : undefined;
        break;
      case "tail":
        if (event.kind === "delete") throw new ClusterFault(this.#keys.tail, "it was deleted");
        this.#tail = this.#readTail(event.entry);
        break;
      case "node": {
        const info = event.kind === "put" ? this.#readNode(event.entry) : undefined;
        if (info === undefined) this.#nodes.delete(key.name);
        else this.#nodes.set(key.name, info);
        break;
      }
    }
  }

  #readTail({ value, modRevision }: KeyValue): TailKey {
    const { lastSeq } = decodeTail(this.#keys.tail, value);
    return { lastSeq, modRevision };
  }

  #readLeader({ key, value, createRevision, lease }: KeyValue): LeaderKey {
    return { info: readOrNone(() => decodeLeader(key, value)), createRevision, lease };
  }

  #readNode({ key, value }: KeyValue): NodeInfo | undefined {
    return readOrNone(() => decodeNode(key, value));
  }
}
