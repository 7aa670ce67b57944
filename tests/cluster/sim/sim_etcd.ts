/**
 * A simulated etcd cluster in virtual time: {@link SimEtcd} is the cluster, `client` gives a process its connection.
 * What it does to its clients is what etcd and a network do: requests and answers take time, are late or are lost (a
 * request without an answer may have been carried out, or may be later: one that is in the log of a leader without a
 * majority is carried out when the majority is back); leases end by the cluster's own clock, never early; watches lag,
 * and are cut. It does nothing twice: etcd's log carries each request out once.
 */
import {
  type KeyRange,
  type KeyValueStore,
  type Lease,
  StoreRefusal,
  type StoreStatus,
  StoreUnavailable,
} from "../../../lib/cluster/key_value_store.ts";
import { assert } from "../../../lib/base/assert.ts";
import { type Change, Mvcc } from "./mvcc.ts";
import type { SimProcess } from "./sim_process.ts";
import type { SimScheduler } from "./sim_scheduler.ts";
import { SimWatch, type WatchConnection } from "./sim_watch.ts";

/** How long a client waits for an answer, as the real one does (lib/cluster/etcd). */
const REQUEST_TIMEOUT_MS = 2000;
/** etcd's default for `--election-timeout`. A new leader adds it to each lease. */
const ELECTION_TIMEOUT_MS = 1000;
/** The shortest lease that etcd grants with it: one and a half times the election timeout, in whole seconds. */
const MIN_LEASE_SECONDS = 2;
/** etcd looks twice a second for leases that have ended; the revocation goes through its log. */
const MAX_EXPIRY_LAG_MS = 600;

/** What happens to the requests of a client. Probabilities are from 0 to 1. */
export interface SimFaults {
  /** Least and greatest time of one way. */
  latencyMs: readonly [number, number];
  /** A way that takes {@link slowMs} instead. */
  slow: number;
  slowMs: readonly [number, number];
  /** The request does not arrive. */
  loseRequest: number;
  /** It is carried out, and the answer does not arrive. */
  loseAnswer: number;
  /** Least and greatest time after which a watch brings a change. */
  watchLagMs: readonly [number, number];
  /** A batch after which the watch's connection is lost. */
  cutWatch: number;
}

export const NO_FAULTS: SimFaults = {
  latencyMs: [1, 3],
  slow: 0,
  slowMs: [500, 5000],
  loseRequest: 0,
  loseAnswer: 0,
  watchLagMs: [1, 3],
  cutWatch: 0,
};

interface SimLease {
  readonly ttlMs: number;
  /** When it ends unless it is renewed. */
  endsAt: number;
  cancel: () => void;
}

export class SimEtcd {
  /** The data, for the checks of a test: they see it without delay. */
  readonly data = new Mvcc();
  /** Called after each change, before any client can know of it. */
  onChange: (change: Change) => void = () => {};
  readonly #leases = new Map<string, SimLease>();
  readonly #clients: SimEtcdClient[] = [];
  /** Requests in the log of a leader that has no majority. */
  #waiting: (() => void)[] = [];
  #hasMajority = true;
  #leaseCount = 0;

  constructor(readonly scheduler: SimScheduler) {}

  /** A connection of `process`. `faults` may be changed at any time. */
  client(process: SimProcess, faults: Partial<SimFaults> = {}): SimEtcdClient {
    const client = new SimEtcdClient(this, process, { ...NO_FAULTS, ...faults });
    this.#clients.push(client);
    return client;
  }

  /** Leases that have not ended. A schedule may end one early, as a leader of etcd that hangs has (etcd, issue 12528). */
  get leases(): readonly string[] {
    return [...this.#leases.keys()];
  }

  get hasMajority(): boolean {
    return this.#hasMajority;
  }

  /** The majority of the members is gone: nothing is carried out, and no lease ends. */
  loseMajority(): void {
    this.scheduler.note("etcd has no majority");
    this.#hasMajority = false;
    for (const lease of this.#leases.values()) lease.cancel();
    for (const client of this.#clients) client.cutWatches(ELECTION_TIMEOUT_MS * 3);
  }

  /** The majority is back, with a leader elected anew. */
  regainMajority(): void {
    this.scheduler.note("etcd has a majority");
    this.#hasMajority = true;
    this.electLeader();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }

  /** Another member leads: each lease begins anew, longer by the election timeout. */
  electLeader(): void {
    for (const [id, lease] of this.#leases) this.#renew(id, lease, ELECTION_TIMEOUT_MS);
  }

  /** Raises or ends the alarm NOSPACE. */
  setNoSpace(hasNoSpace: boolean): void {
    this.scheduler.note(`etcd is ${hasNoSpace ? "full" : "no longer full"}`);
    this.data.hasNoSpace = hasNoSpace;
  }

  /** Carries `work` out when there is a majority; without one it is lost, or waits. */
  carryOut(work: () => void): void {
    if (this.#hasMajority) return work();
    if (this.scheduler.happens(0.5)) this.#waiting.push(work);
  }

  /** Carries out what changes the data, and tells the watches of it. */
  change<T>(work: () => T): T {
    const before = this.data.revision;
    const result = work();
    if (this.data.revision > before) {
      for (const change of this.data.changesOf({ key: "\0", end: "\u{10ffff}" }, before)) {
        this.onChange(change);
      }
      for (const client of this.#clients) client.wakeWatches();
    }
    return result;
  }

  grantLease(ttlSeconds: number): Lease {
    const seconds = Math.max(MIN_LEASE_SECONDS, ttlSeconds);
    const id = String(7_000_000 + ++this.#leaseCount);
    this.data.grantLease(id);
    const lease = { ttlMs: seconds * 1000, endsAt: 0, cancel: () => {} };
    this.#leases.set(id, lease);
    this.#renew(id, lease, 0);
    return { id, ttlSeconds: seconds };
  }

  /** False: it has ended, or is over and about to end. */
  keepAlive(id: string): boolean {
    const lease = this.#leases.get(id);
    if (lease === undefined || lease.endsAt <= this.scheduler.now) return false;
    this.#renew(id, lease, 0);
    return true;
  }

  endLease(id: string): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    lease.cancel();
    this.#leases.delete(id);
    this.scheduler.note(`lease ${id} ends`);
    this.change(() => this.data.endLease(id));
  }

  #renew(id: string, lease: SimLease, extraMs: number): void {
    lease.cancel();
    const ms = lease.ttlMs + extraMs;
    lease.endsAt = this.scheduler.now + ms;
    lease.cancel = this.scheduler.after(ms + this.scheduler.between(0, MAX_EXPIRY_LAG_MS), () => {
      this.endLease(id);
    });
  }
}

/** The connection of one process. */
export class SimEtcdClient implements KeyValueStore, WatchConnection {
  /** Nothing gets through in either direction. */
  isCut = false;
  readonly #watches = new Set<SimWatch>();

  constructor(readonly etcd: SimEtcd, readonly process: SimProcess, readonly faults: SimFaults) {}

  get data(): Mvcc {
    return this.etcd.data;
  }

  get isAlive(): boolean {
    return !this.isCut && this.etcd.hasMajority;
  }

  get lagMs(): readonly [number, number] {
    return this.faults.watchLagMs;
  }

  get cut(): number {
    return this.faults.cutWatch;
  }

  range(...[range, options]: Parameters<KeyValueStore["range"]>): ReturnType<KeyValueStore["range"]> {
    return this.#request(`range ${range.key}`, () => this.etcd.data.range(range, options));
  }

  transact(...[transaction]: Parameters<KeyValueStore["transact"]>): ReturnType<KeyValueStore["transact"]> {
    const name = `txn ${transaction.success.map(({ kind, key }) => `${kind} ${key}`).join(", ")}`;
    const copy = structuredClone(transaction); // as the bytes of a request
    return this.#request(name, () => this.etcd.change(() => this.etcd.data.transact(copy)));
  }

  grantLease(ttlSeconds: number): Promise<Lease> {
    return this.#request(`grant ${ttlSeconds} s`, () => this.etcd.grantLease(ttlSeconds));
  }

  keepAlive(id: string): Promise<boolean> {
    return this.#request(`keepalive ${id}`, () => this.etcd.keepAlive(id));
  }

  revokeLease(id: string): Promise<void> {
    return this.#request(`revoke ${id}`, () => this.etcd.endLease(id));
  }

  watch(range: KeyRange, fromRevision: number, signal: AbortSignal): SimWatch {
    const watch = new SimWatch(this, range, fromRevision, signal, (ended) => this.#watches.delete(ended));
    if (!watch.isOver) this.#watches.add(watch);
    return watch;
  }

  compact(revision: number): Promise<void> {
    return this.#request(`compact ${revision}`, () => this.etcd.data.compact(revision));
  }

  status(): Promise<StoreStatus> {
    return this.#request("status", () => ({
      version: "3.4.0",
      bytes: this.etcd.data.bytes,
      bytesInUse: this.etcd.data.bytes,
      quotaBytes: 2 * 1024 ** 3,
      alarms: this.etcd.data.hasNoSpace ? ["NOSPACE"] : [],
    }));
  }

  wakeWatches(): void {
    for (const watch of this.#watches) watch.wake();
  }

  /** The watches' connections are lost, which the process learns at once or in `ms` milliseconds. */
  cutWatches(ms = 0): void {
    for (const watch of this.#watches) this.etcd.scheduler.after(ms, () => watch.cut());
  }

  /** Sends `work` to the cluster. */
  #request<T>(name: string, work: () => T): Promise<T> {
    const { scheduler } = this.etcd;
    if (this.process.isDead) return new Promise(() => {});
    return new Promise<T>((resolve, reject) => {
      const cancel = this.process.after(REQUEST_TIMEOUT_MS, () => {
        scheduler.note(`${this.process.name}: ${name}: no answer`);
        reject(new StoreUnavailable(`${name}: no answer within ${REQUEST_TIMEOUT_MS} ms`));
      });
      const answer = (settle: () => void) => {
        if (scheduler.happens(this.faults.loseAnswer)) return;
        scheduler.after(this.#wayMs(), () => {
          if (this.isCut) return;
          this.process.give(() => (cancel(), settle()));
        });
      };
      const arrive = () => {
        if (this.isCut) return;
        this.etcd.carryOut(() => {
          try {
            const result = work();
            scheduler.note(`${this.process.name}: ${name}: ${summary(result)}`);
            answer(() => resolve(result));
          } catch (error) {
            assert(error instanceof StoreRefusal, String(error));
            scheduler.note(`${this.process.name}: ${name}: ${error.message}`);
            answer(() => reject(error));
          }
        });
      };
      if (!scheduler.happens(this.faults.loseRequest)) scheduler.after(this.#wayMs(), arrive);
    });
  }

  #wayMs(): number {
    const { scheduler } = this.etcd;
    return scheduler.between(
      ...scheduler.happens(this.faults.slow) ? this.faults.slowMs : this.faults.latencyMs,
    );
  }
}

/** A result in the trace. */
function summary(result: unknown): string {
  return JSON.stringify(
    result,
    (key, value) => key === "value" || key === "entries" ? value.length : value,
  ) ??
    "done";
}
