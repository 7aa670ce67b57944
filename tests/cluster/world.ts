/** Nodes of a cluster over a simulated etcd, without hubs: what they append are texts. */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { ClusterKeys } from "../../lib/cluster/cluster_keys.ts";
import { ClusterNode } from "../../lib/cluster/cluster_node.ts";
import type { ClusterNodeOptions, NodeEnd } from "../../lib/cluster/cluster_node.ts";
import type { ClusterMeta } from "../../lib/cluster/cluster_values.ts";
import type { StoreTrouble } from "../../lib/cluster/committer.ts";
import type { KeyValueStore, StoreStatus } from "../../lib/cluster/key_value_store.ts";
import { decodeBatch } from "../../lib/cluster/log_batch.ts";
import type { LoadReport } from "../../lib/cluster/log_loader.ts";
import { openMeta } from "../../lib/cluster/meta.ts";
import type { Term } from "../../lib/cluster/term.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SimEtcd } from "./sim/sim_etcd.ts";
import type { SimEtcdClient, SimFaults } from "./sim/sim_etcd.ts";
import { SimProcess } from "./sim/sim_process.ts";
import { SimScheduler } from "./sim/sim_scheduler.ts";
import { SimLocalCopy } from "./sim_local_copy.ts";

export const META: ClusterMeta = {
  logId: "log1",
  createdAt: 1,
  cloakKey: "a",
  secret: "b",
  ringBytes: RING_MIN_BYTES,
};

const decoder = new TextDecoder();

export class World {
  readonly scheduler: SimScheduler;
  readonly etcd: SimEtcd;
  readonly keys = new ClusterKeys("team");

  constructor(seed = 1) {
    this.scheduler = new SimScheduler(seed);
    this.etcd = new SimEtcd(this.scheduler);
  }

  node(name: string, options: Partial<SimFaults> = {}, local = new SimLocalCopy()): TestNode {
    return new TestNode(this, name, options, local);
  }

  /** Texts of all records that etcd holds, in order. */
  stored(): string[] {
    return this.etcd.data.range(this.keys.logRange()).entries.flatMap(({ key, value }) => {
      const read = this.keys.read(key);
      if (read?.kind !== "log") throw new Error(key);
      return decodeBatch(key, read.firstSeq, value).records.map(({ payload }) => decoder.decode(payload));
    });
  }

  /** Lets things happen until `condition` holds; throws if it does not within two minutes. */
  async until(condition: () => boolean, what: string): Promise<void> {
    for (let ms = 0; !condition(); ms += 10) {
      if (ms > 120_000) throw new Error(`never: ${what}\n${this.scheduler.lastTrace()}`);
      await this.scheduler.runFor(10);
    }
  }
}

export class TestNode {
  readonly process: SimProcess;
  readonly client: SimEtcdClient;
  readonly node: Promise<ClusterNode>;
  running: ClusterNode | undefined;
  term: Term | undefined;
  end: NodeEnd | undefined;
  failure: unknown;
  readonly loads: LoadReport[] = [];
  readonly troubles: (StoreTrouble | undefined)[] = [];
  readonly statuses: StoreStatus[] = [];

  constructor(
    readonly world: World,
    readonly name: string,
    faults: Partial<SimFaults>,
    readonly local: SimLocalCopy,
    change: (store: KeyValueStore) => Partial<ClusterNodeOptions> = () => ({}),
  ) {
    this.process = new SimProcess(world.scheduler, name);
    this.client = world.etcd.client(this.process, faults);
    this.node = this.#start(change(this.client));
  }

  async #start(change: Partial<ClusterNodeOptions>): Promise<ClusterNode> {
    const { keys } = this.world;
    const { timers } = this.process;
    const store = this.client;
    const meta = await openMeta({ store, timers, keys, make: () => META });
    const node = this.running = new ClusterNode({
      store,
      timers,
      keys,
      meta: meta!,
      node: this.name,
      relayVersion: 1,
      describe: () => ({
        relayAddress: `${this.name}:1`,
        certificate: "PEM",
        version: "1",
        startedAt: 1,
        instance: this.local.id,
        fronts: 1,
        sessions: 0,
      }),
      local: this.local,
      log: () => this.local.ring,
      onElected: (term) => this.term = term,
      onLoaded: (report) => this.loads.push(report),
      onTrouble: (trouble) => this.troubles.push(trouble),
      onStatus: (status) => this.statuses.push(status),
      ...change,
    });
    void node.run().then((end) => this.end = end, (error) => this.failure = error);
    return node;
  }

  /** Appends records; returns whether they are committed, later. */
  append(...texts: string[]): { isCommitted: boolean } {
    for (const text of texts) this.local.ring.append(1000, encodeUtf8(text));
    const state = { isCommitted: false };
    void this.term!.commit().then(() => state.isCommitted = true);
    return state;
  }

  /** Texts of its ring. */
  texts(): string[] {
    const { ring } = this.local;
    const found: string[] = [];
    for (let seq = ring.firstSeqFrom(0); seq < ring.nextSeq; seq = ring.firstSeqFrom(seq + 1)) {
      const record = ring.read(seq);
      if (record.kind === "ok") found.push(decoder.decode(record.payload));
    }
    return found;
  }
}
