/** The part of a node's hub that lasts for its whole run: follows the cluster, tells the fronts which node leads, leads. */
import { delay } from "../../../lib/base/delay.ts";
import { VERSION } from "../../../lib/base/version.ts";
import { ClusterFault } from "../../../lib/cluster/cluster_fault.ts";
import type { ClusterKeys } from "../../../lib/cluster/cluster_keys.ts";
import { ClusterNode, type NodeEnd } from "../../../lib/cluster/cluster_node.ts";
import type { ClusterMeta } from "../../../lib/cluster/cluster_values.ts";
import type { EtcdStore } from "../../../lib/cluster/etcd/etcd_store.ts";
import type { StoreStatus } from "../../../lib/cluster/key_value_store.ts";
import { requireStoreError } from "../../../lib/cluster/lease_keeper.ts";
import { loadView } from "../../../lib/cluster/log_loader.ts";
import type { LoadReport } from "../../../lib/cluster/log_loader.ts";
import { describeQuota } from "../../../lib/cluster/store_quota.ts";
import type { Term } from "../../../lib/cluster/term.ts";
import { systemTimers } from "../../../lib/cluster/timers.ts";
import type { Io } from "../../../lib/cli/command.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import { parseAddressWithPort } from "../../../lib/net/address.ts";
import type { RelayPlace } from "../../../lib/net/relay_dialer.ts";
import { RELAY_VERSION } from "../../../lib/relay/handshake.ts";
import type { ArchiveService } from "../../../lib/server/archive/archive_service.ts";
import { orderOfFact } from "../../../lib/server/cluster/archive_facts.ts";
import {
  type ClusterStatus,
  describeClusterStatus,
  readClusterStatus,
} from "../../../lib/server/cluster/cluster_status.ts";
import { askNode, searchLeader } from "../../../lib/server/cluster/leader_search.ts";
import { placeOf, type RelayTarget } from "../../../lib/server/cluster/relay_target.ts";
import { StorageCopy } from "../../../lib/server/cluster/storage_copy.ts";
import type { CommandAnswer } from "../../../lib/server/console/console_command.ts";
import type { ClusterFigures } from "../../../lib/server/server_metrics.ts";
import type { ServerLog } from "../../../lib/server/server_log.ts";
import type { Storage } from "../../../lib/server/storage.ts";
import { makeArchive } from "../archive.ts";
import { Leading, type LeadingOptions } from "./leading.ts";
import type { NodeSettings } from "./node_parts.ts";
import type { NodeSockets } from "./node_sockets.ts";

/** Time for another node to take the lead, before the hub that has led ends; and the pause between two looks. */
const NEXT_LEADER_MS = 5_000;
const NEXT_LEADER_PAUSE_MS = 20;
/** Time for etcd to say how it is: it is asked for several things, and `cluster status` is for the time when it hangs. */
const STATUS_MS = 2_000;

/** Interval of the log's words about an etcd that does not answer. */
const FAILURE_MS = 60_000;

export interface NodeHubOptions {
  readonly settings: NodeSettings;
  readonly store: EtcdStore;
  readonly keys: ClusterKeys;
  readonly meta: ClusterMeta;
  readonly instance: string;
  readonly storage: Storage;
  readonly sockets: () => NodeSockets;
  /** What a server is made of, beside its term and archive, as it was read last. */
  readonly current: () => Pick<LeadingOptions, "settings" | "files" | "setup">;
  readonly control: LeadingOptions["control"];
  readonly io: Io;
  readonly log: ServerLog;
  /** The ring is not the cluster's: the next hub begins without it. */
  readonly onUseless: () => void;
  readonly onFatalError: (error: unknown) => void;
}

export class NodeHub {
  readonly #options: NodeHubOptions;
  readonly #copy: StorageCopy;
  readonly node: ClusterNode;
  archive: ArchiveService | undefined;
  #leading: Leading | undefined;
  #hasStarted = false;
  #lastLeader: string | undefined;
  #isQuotaTold = false;
  #failureToldAt = -Infinity;
  readonly #startedAt: number;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  /** The fronts know where to go when this node no longer leads. */
  #isNextTold = false;

  constructor(options: NodeHubOptions) {
    const { settings: { cluster }, store, keys, meta, instance, storage, sockets, log } = options;
    this.#options = options;
    this.#startedAt = options.io.clock.now();
    this.#copy = new StorageCopy({
      storage,
      onUseless: (why) => {
        log.warning("cluster", `the history in the data folder is replaced by the cluster's: ${why}`);
        this.node.stop();
        options.onUseless();
      },
      onFatalError: options.onFatalError,
      onFacts: (facts) => this.#giveOrders(facts),
    });
    this.node = new ClusterNode({
      store,
      timers: systemTimers,
      keys,
      meta,
      node: cluster.node,
      leaseSeconds: cluster.leaseSeconds,
      describe: () => ({
        relayAddress: sockets().relayAddress,
        certificate: sockets().identity!.cert,
        version: VERSION,
        startedAt: this.#startedAt,
        sessions: sockets().controls.clients,
        fronts: sockets().controls.connected,
        instance,
      }),
      relayVersion: RELAY_VERSION,
      local: this.#copy,
      log: () => storage.ring,
      onElected: (term) => void this.#lead(term).catch(options.onFatalError),
      onChange: () => this.#follow(),
      onLoaded: (report) => void this.#handleLoaded(report).catch(options.onFatalError),
      onTrouble: (trouble) => this.#leading?.tellTrouble(trouble),
      onFailure: ({ message }) => this.#noteFailure(message),
      onStatus: (status) => this.#checkQuota(status),
    });
  }

  /** Runs until the node has ended. */
  async run(): Promise<NodeEnd> {
    return await this.node.run().finally(() => this.#ended.abort());
  }

  /** Resolves when the copy is complete for the first time. */
  get whenLoaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /** While this node leads. */
  get leading(): Leading | undefined {
    return this.#leading;
  }

  async #handleLoaded({ records, isRebuilt }: LoadReport): Promise<void> {
    const { log, storage, settings } = this.#options;
    if (isRebuilt || records > 0) log.info("cluster", `${records} records were read from etcd`, { records });
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    await storage.lock.runKeepingLock(() => {}); // all records are appended
    this.archive = makeArchive(settings, storage, log, {
      tellOperators: (text) => this.#leading?.server.sendNoticeToOperators(text),
      onOrdered: (order) => this.#leading?.server.confirmOrder(order),
    });
    await storage.ensureFactsDurable();
    this.#giveOrders(this.#copy.facts);
    this.archive?.start();
    this.#loaded.resolve();
  }

  /** The archive of a standby carries out what the leader orders its own. */
  #giveOrders(facts: readonly SavedFact[]): void {
    if (this.archive === undefined || this.#leading !== undefined) return;
    const orders = facts.flatMap((fact) => orderOfFact(fact) ?? []);
    if (orders.length > 0) this.archive.order(orders);
  }

  async #lead(term: Term): Promise<void> {
    const { meta: { cloakKey }, sockets, current, log } = this.#options;
    await this.#loaded.promise;
    const facts = await this.#copy.lead();
    const leading = this.#leading = new Leading({
      ...this.#options,
      ...current(),
      term,
      cloakKey,
      archive: this.archive,
      figures: () => this.#readFigures(term),
    });
    const { controls, irc, web } = sockets();
    const others = Array.from(this.node.view.nodes).filter(([name]) =>
      name !== this.#options.settings.cluster.node
    );
    const expected = others.reduce((sum, [, { fronts }]) => sum + fronts, controls.connected);
    log.info("cluster", `this node leads (epoch ${term.epoch})`, { epoch: term.epoch });
    controls.setTarget({ kind: "own" });
    void this.#searchLeader().catch(this.#options.onFatalError);
    await leading.start(facts, expected, { irc, web });
    const { restored, refused, ms } = leading.relays.takeover;
    if (restored + refused === 0) return;
    const text = `${restored} sessions were taken over in ${ms} ms` +
      (refused === 0 ? "" : `; ${refused} could not be restored`);
    log.info("cluster", text, { restored, refused, ms });
  }

  /** Tells the fronts where the leader is. */
  #follow(): void {
    const { node: own } = this.#options.settings.cluster;
    const { leader } = this.node.view;
    const name = leader?.info?.node;
    if (name !== this.#lastLeader && name !== own) {
      const text = name === undefined ? "no node leads" : `node ${name} leads; this one is a standby`;
      this.#options.log.info("cluster", text);
      if (leader?.info !== undefined && leader.info.relayVersion !== RELAY_VERSION) {
        const words = `version ${leader.info.relayVersion} of the relay, this node ${RELAY_VERSION}`;
        this.#options.log.error(
          "cluster",
          `clients of this node cannot take part: node ${name} speaks ${words}`,
        );
      }
    }
    this.#lastLeader = name;
    if (this.#leading === undefined) this.#options.sockets().controls.setTarget(this.#findTarget());
  }

  /** Whether no other node runs. */
  get isAlone(): boolean {
    const { nodes } = this.node.view;
    return nodes.size === 0 || nodes.size === 1 && nodes.has(this.#options.settings.cluster.node);
  }

  /** Without etcd a leader does not hear of the next one: its clients would wait here until etcd is back. */
  async #searchLeader(): Promise<void> {
    const { settings: { cluster }, sockets, log } = this.#options;
    const result = await searchLeader({
      timers: systemTimers,
      isLeaseAlive: () => this.node.isLeaseAlive,
      others: () => this.#otherRelays,
      ask: (place) => askNode(place, cluster.node),
      signal: this.#ended.signal,
    });
    if (result === undefined) return;
    this.#isNextTold = true;
    if (result.kind === "found") sockets().controls.setTarget(this.#targetAt(result.node));
    else {
      log.error(
        "cluster",
        "this node is cut off from etcd and from the other nodes; its clients have to go there",
      );
      sockets().controls.dismiss();
    }
    this.node.depose();
  }

  get #otherRelays(): Map<string, RelayPlace> {
    const others = new Map<string, RelayPlace>();
    for (const name of this.node.view.nodes.keys()) {
      const place = name === this.#options.settings.cluster.node
        ? undefined
        : placeOf(this.#targetAt(name), "");
      if (place !== undefined) others.set(name, place);
    }
    return others;
  }

  /** At the end of a term: tells the fronts which node leads next, so that they need not wait for the next hub here. */
  async tellNextLeader(): Promise<void> {
    const { store, keys, sockets } = this.#options;
    const { view } = this.node;
    const until = performance.now() + NEXT_LEADER_MS;
    while (!this.#isNextTold && performance.now() < until && !this.isAlone) {
      try {
        await loadView({ store, keys, view });
      } catch (error) {
        if (error instanceof ClusterFault) return; // the next hub says it
        requireStoreError(error);
      }
      const target = this.#findTarget();
      if (target.kind === "other") return sockets().controls.setTarget(target);
      await delay(NEXT_LEADER_PAUSE_MS);
    }
  }

  #findTarget(): RelayTarget {
    const info = this.node.view.leader?.info;
    if (info === undefined || info.node === this.#options.settings.cluster.node) return { kind: "none" };
    return this.#targetAt(info.node, info.relayAddress);
  }

  #targetAt(name: string, relayAddress = this.node.view.nodes.get(name)?.relayAddress): RelayTarget {
    const { secret } = this.#options.meta;
    const node = this.node.view.nodes.get(name);
    if (node === undefined || relayAddress === undefined) return { kind: "none" };
    const place = parseAddressWithPort(relayAddress, 0);
    if (place.kind === "bad") return { kind: "none" };
    return { kind: "other", host: place.host, port: place.port, certificate: node.certificate, secret };
  }

  /** Logs why etcd does not answer, or refuses, once a minute at most. */
  #noteFailure(why: string): void {
    const now = performance.now();
    if (now < this.#failureToldAt + FAILURE_MS) return;
    this.#failureToldAt = now;
    this.#options.log.warning("cluster", `etcd: ${why}`);
  }

  #checkQuota(status: StoreStatus): void {
    const text = describeQuota(status);
    if (text !== undefined && !this.#isQuotaTold) {
      this.#options.log.warning("cluster", text);
      this.#leading?.server.sendNoticeToOperators(text);
    }
    this.#isQuotaTold = text !== undefined;
  }

  /** Which node leads, as a clause. */
  describeLeader(): string {
    const info = this.node.view.leader?.info;
    if (info === undefined) return "no node leads at present";
    return `node ${info.node} leads, at ${info.relayAddress}: run chatterbox admin there`;
  }

  async writeSnapshot(folder: string): Promise<CommandAnswer> {
    const { writeSnapshot } = await import("./snapshot.ts");
    return await writeSnapshot(this.#options, folder);
  }

  async readStatus(asJson: boolean): Promise<string[]> {
    const late = new AbortController();
    const etcd = await Promise.race([
      this.#options.store.status().catch(() => undefined),
      delay(STATUS_MS, late.signal).then(() => undefined),
    ]);
    late.abort();
    const status = this.#readStatus(etcd);
    return asJson ? [JSON.stringify(status)] : describeClusterStatus(status);
  }

  #readFigures(term: Term): ClusterFigures {
    const { nodes, trouble } = this.#readStatus(undefined);
    const { ring } = this.#options.storage;
    const uncommitted = Math.max(0, ring.nextSeq - term.committedSeq);
    return { nodes, commits: term.commits, uncommitted, trouble };
  }

  #readStatus(etcd: StoreStatus | undefined): ClusterStatus {
    const { settings: { cluster }, sockets } = this.#options;
    return readClusterStatus({
      cluster: cluster.name,
      node: cluster.node,
      view: this.node.view,
      own: { nextSeq: this.node.nextSeq, sessions: sockets().controls.clients },
      trouble: this.#leading?.term.trouble,
      etcd,
    });
  }
}
