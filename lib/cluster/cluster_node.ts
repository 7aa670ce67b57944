/**
 * A node of a cluster: follows log and facts into its local copy, stands for election while there is no leader, and
 * leads for one term. A node that has led ends; its program starts anew, as a standby.
 *
 *     const keys = new ClusterKeys("team");
 *     const meta = await openMeta({ store, timers, keys, make });      then the local copy is opened
 *     const node = new ClusterNode({ store, timers, keys, meta, local, log: ring, onElected, … });
 *     const end = await node.run();
 *
 * `onElected(term)` is called at most once, when the local copy holds all that was committed before: the caller starts
 * its hub over it. See {@link Term}.
 */
import { ClusterFault } from "./cluster_fault.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import { encodeLeader } from "./cluster_values.ts";
import type { ClusterMeta, NodeInfo, NodeRole } from "./cluster_values.ts";
import { ClusterView } from "./cluster_view.ts";
import type { CommittedLog } from "./commit_content.ts";
import type { StoreTrouble } from "./committer.ts";
import { Follower } from "./follower.ts";
import { type KeyValueStore, type StoreStatus, WatchCompacted } from "./key_value_store.ts";
import { DEFAULT_LEASE_SECONDS, LeaseKeeper, requireStoreError, RETRY_MS } from "./lease_keeper.ts";
import type { LocalCopy } from "./local_copy.ts";
import type { LoadReport } from "./log_loader.ts";
import { LogTrimmer } from "./log_trimmer.ts";
import { NodeEntry } from "./node_entry.ts";
import { Term } from "./term.ts";
import type { Timers } from "./timers.ts";

export interface ClusterNodeOptions {
  readonly store: KeyValueStore;
  readonly timers: Timers;
  readonly keys: ClusterKeys;
  readonly meta: ClusterMeta;
  /** Name of this node; no other one that runs has it. */
  readonly node: string;
  /** The node as it describes itself; read at each report. */
  readonly describe: () => Omit<NodeInfo, "role" | "nextSeq">;
  /** Version of the relay's protocol. */
  readonly relayVersion: number;
  readonly local: LocalCopy;
  /** The records of {@link local}, to which the hub appends while this node leads. */
  readonly log: () => CommittedLog;
  readonly leaseSeconds?: number;
  /** Most bytes of a commit, for tests. */
  readonly commitBytes?: number;
  readonly onElected: (term: Term) => void;
  /** Leader, nodes or role have changed. */
  readonly onChange?: () => void;
  readonly onLoaded?: (report: LoadReport) => void;
  /** The store has not answered, or has refused; the request is made again. For the server's log. */
  readonly onFailure?: (error: Error) => void;
  /** Nothing can be stored; undefined: it can again. Only of a leader. */
  readonly onTrouble?: (trouble: StoreTrouble | undefined) => void;
  /** How full the store is, once a minute (store_quota.ts). Only of a leader. */
  readonly onStatus?: (status: StoreStatus) => void;
}

/** Why a node has ended. */
export type NodeEnd =
  /** It has led, and another node leads or may: nothing more may be told. */
  | { readonly kind: "deposed" }
  | { readonly kind: "stepped_down" }
  /** {@link ClusterNode.stop} was called. */
  | { readonly kind: "stopped" }
  /** Another process with the name of this node runs. */
  | { readonly kind: "name_in_use" }
  /** What the store holds cannot be used. */
  | { readonly kind: "fault"; readonly why: string };

export class ClusterNode {
  readonly view: ClusterView;
  readonly #options: ClusterNodeOptions;
  readonly #follower: Follower;
  readonly #abort = new AbortController();
  readonly #ended = Promise.withResolvers<NodeEnd>();
  #role: NodeRole = "starting";
  #lease: LeaseKeeper | undefined;
  #entry: NodeEntry | undefined;
  #term: Term | undefined;
  #isCampaigning = false;

  constructor(options: ClusterNodeOptions) {
    const { store, keys, local, meta } = options;
    this.#options = options;
    this.view = new ClusterView(keys);
    this.#follower = new Follower({ store, keys, view: this.view, local, logId: meta.logId });
  }

  get role(): NodeRole {
    return this.#role;
  }

  /** Whether the store certainly has this node's lease, so that no other one leads if this one does. */
  get isLeaseAlive(): boolean {
    return this.#lease?.isAlive === true;
  }

  /** One more than the last record that this node has of the committed log. */
  get nextSeq(): number {
    return this.#term?.committedSeq ?? this.#follower.nextSeq;
  }

  /** Runs until the node has ended; rejects with what is a bug. Nothing is read or written afterwards. */
  run(): Promise<NodeEnd> {
    void this.#guard(this.#keepLease());
    void this.#guard(this.#follow());
    return this.#ended.promise;
  }

  /** Ends a standby in order. A leader steps down instead ({@link Term.stepDown}). */
  stop(): void {
    this.#end({ kind: "stopped" });
    this.#revokeLease();
  }

  /** Another node leads, or may: this one is as if the store had said so. */
  depose(): void {
    this.#end({ kind: "deposed" });
  }

  #end(end: NodeEnd): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#ended.resolve(end);
  }

  #fail(error: unknown): void {
    if (error instanceof ClusterFault) return this.#end({ kind: "fault", why: error.message });
    this.#abort.abort();
    this.#ended.reject(error);
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#fail(error);
    }
  }

  #revokeLease(): void {
    if (this.#lease !== undefined) this.#options.store.revokeLease(this.#lease.id).catch(requireStoreError);
  }

  async #keepLease(): Promise<void> {
    const { store, timers, keys, node, leaseSeconds = DEFAULT_LEASE_SECONDS } = this.#options;
    const { signal } = this.#abort;
    for (;;) {
      const lease = await LeaseKeeper.grant(store, timers, leaseSeconds, signal, (error) => {
        this.#options.onFailure?.(error);
      });
      if (lease === undefined) return;
      const own = new AbortController();
      this.#lease = lease;
      this.#entry = new NodeEntry(
        {
          store,
          timers,
          keys,
          node,
          leaseSeconds,
          info: () => ({ ...this.#options.describe(), role: this.#role, nextSeq: this.nextSeq }),
          onClaimed: () => this.#decide(),
          onInUse: () => this.#end({ kind: "name_in_use" }),
        },
        lease.id,
        AbortSignal.any([own.signal, signal]),
      );
      lease.onAlive = () => {
        this.#term?.noteLease();
        this.#decide();
      };
      await lease.lost;
      own.abort();
      if (this.#term !== undefined) return this.#end({ kind: "deposed" });
    }
  }

  /** Loads the copy, then takes the changes that the watch brings. */
  async #follow(): Promise<void> {
    const { timers } = this.#options;
    const { signal } = this.#abort;
    let isLoadNeeded = true;
    while (!signal.aborted) {
      try {
        if (isLoadNeeded) await this.#load();
        isLoadNeeded = false;
        await this.#watch();
        continue;
      } catch (error) {
        if (signal.aborted) return;
        // A batch that does not follow in a watch is met by loading; in what was loaded it is a fault.
        const isGap = error instanceof ClusterFault && !isLoadNeeded;
        if (error instanceof WatchCompacted || isGap) isLoadNeeded = true;
        else requireStoreError(error);
        this.#options.onFailure?.(error);
      }
      await timers.sleep(RETRY_MS, signal);
    }
  }

  async #load(): Promise<void> {
    if (this.#term === undefined) {
      const report = await this.#follower.load();
      if (this.#abort.signal.aborted) return;
      if (this.#role === "starting") this.#setRole("standby");
      this.#options.onLoaded?.(report);
    } else await this.#follower.loadOthers();
    this.#changed();
  }

  /** Takes changes until the watch fails, or has more than the node needs because it leads now. */
  async #watch(): Promise<void> {
    const { store, keys } = this.#options;
    const { signal } = this.#abort;
    const isFollowing = this.#term === undefined;
    const range = isFollowing ? keys.all : keys.others;
    for await (const batch of store.watch(range, this.#follower.revision + 1, signal)) {
      if (signal.aborted) return;
      if (this.#term === undefined) await this.#follower.apply(batch);
      else this.#follower.applyOthers(batch);
      if (signal.aborted) return;
      if (batch.events.length > 0) this.#changed();
      if (isFollowing && this.#term !== undefined) return;
    }
  }

  #changed(): void {
    this.#decide();
    this.#options.onChange?.();
  }

  #setRole(role: NodeRole): void {
    this.#role = role;
    this.#entry?.report();
  }

  /** Looks at leader and lease, and does what follows from them. */
  #decide(): void {
    if (this.#abort.signal.aborted || this.#role === "starting") return;
    const { leader } = this.view;
    if (this.#term !== undefined) {
      if (leader?.createRevision === this.#term.epoch) return;
      this.#end({ kind: this.#term.isSteppingDown ? "stepped_down" : "deposed" });
    } else if (leader === undefined) void this.#guard(this.#campaign());
    else if (leader.lease !== undefined && leader.lease === this.#lease?.id) {
      this.#lead(leader.createRevision);
    }
  }

  /** Tries to put the key `leader`. Whether that has succeeded is told by the watch, after all changes before it. */
  async #campaign(): Promise<void> {
    const { store, timers, keys, node, describe, relayVersion } = this.#options;
    const lease = this.#lease;
    if (this.#isCampaigning || lease === undefined || !lease.isAlive || !this.#entry?.isClaimed) return;
    this.#isCampaigning = true;
    const { relayAddress } = describe();
    const value = encodeLeader({ node, relayAddress, relayVersion });
    try {
      await store.transact({
        compare: [{ key: keys.leader, target: "version", is: "equal", to: 0 }],
        success: [{ kind: "put", key: keys.leader, value, lease: lease.id }],
      });
    } catch (error) {
      requireStoreError(error);
    }
    await timers.sleep(RETRY_MS, this.#abort.signal);
    this.#isCampaigning = false;
    this.#decide();
  }

  #lead(epoch: number): void {
    const { store, timers, keys, node, log, onElected, onTrouble, onStatus, local, meta } = this.#options;
    const { signal } = this.#abort;
    const ring = log();
    const term = this.#term = new Term({
      store,
      timers,
      keys,
      node,
      epoch,
      signal,
      commitBytes: this.#options.commitBytes,
      log: ring,
      lease: this.#lease!,
      tail: this.view.tail,
      onCommitted: (nextSeq, facts) => {
        if (facts.length > 0) local.saveFacts(facts);
        local.confirm({ logId: meta.logId, nextSeq });
      },
      onDeposed: () => this.#end({ kind: "deposed" }),
      onSteppedDown: () => {
        this.#end({ kind: "stepped_down" });
        this.#revokeLease();
      },
      onTrouble: (trouble) => onTrouble?.(trouble),
      onFatal: (error) => this.#fail(error),
    });
    const trimmer = new LogTrimmer({
      store,
      timers,
      keys,
      epoch,
      signal,
      oldestSeq: () => ring.oldestSeq,
      revision: () => this.#follower.revision,
      commit: () => term.commit(),
      onStatus: (status) => onStatus?.(status),
    });
    void this.#guard(trimmer.run());
    this.#setRole("leader");
    onElected(term);
  }
}
