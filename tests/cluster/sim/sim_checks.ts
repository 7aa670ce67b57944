/**
 * What must hold, whatever happens.
 *
 * While it runs, with each change in etcd and each turn that is told: only the holder of `leader` writes; the log grows at
 * its end, batch after batch, none is written twice; nothing is told that is not in etcd, nor by a node that another one
 * had succeeded before the turn ended.
 *
 * At the end, from the log alone: each message is in it once, in the order of its client; each line that a client sent has
 * one answer; each client was told each record that concerns it once, in the order of the log; all nodes have the same.
 */
import { assert } from "../../../lib/base/assert.ts";
import type { ClusterKeys } from "../../../lib/cluster/cluster_keys.ts";
import { decodeFact, decodeTail } from "../../../lib/cluster/cluster_values.ts";
import type { KeyValue } from "../../../lib/cluster/key_value_store.ts";
import { decodeBatch } from "../../../lib/cluster/log_batch.ts";
import { MemoryEventLog } from "../../support/memory_event_log.ts";
import type { Change } from "./mvcc.ts";
import type { SimEtcd } from "./sim_etcd.ts";

export class RunningChecks {
  /** All records that were ever committed. */
  readonly log = new MemoryEventLog();
  /** Epoch of the leader by revision order: when each ended, in the simulated world. */
  readonly #endedAt = new Map<number, number>();
  #leader = 0;
  #lastSeq = 0;
  readonly #written = new Set<string>();
  commits = 0;
  epochs = 0;

  constructor(readonly etcd: SimEtcd, readonly keys: ClusterKeys) {}

  checkChange({ revision, events }: Change): void {
    const writer = this.#leader; // what a commit compares is what was before it
    for (const event of events) {
      const key = this.keys.read(event.kind === "put" ? event.entry.key : event.key);
      if (key?.kind === "leader") this.#takeLeader(event.kind === "put" ? event.entry.createRevision : 0);
      if (event.kind !== "put") continue;
      if (key?.kind === "log") this.#takeBatch(event.entry.key, key.firstSeq, event.entry.value, writer);
      if (key?.kind === "tail") {
        const tail = decodeTail(event.entry.key, event.entry.value);
        assert(tail.epoch === writer, `revision ${revision}: written by ${tail.epoch}, ${writer} leads`);
        this.commits++;
      }
    }
    const tail = this.etcd.data.get(this.keys.tail);
    if (tail !== undefined) {
      const { lastSeq } = decodeTail(this.keys.tail, tail.value);
      assert(lastSeq === this.#lastSeq, `revision ${revision}: the tail is ${lastSeq}, not ${this.#lastSeq}`);
    }
    for (const event of events) if (event.kind === "put") this.#checkFact(event.entry);
  }

  /** No fact comes before the record that it follows from. */
  #checkFact({ key, value }: KeyValue): void {
    const read = this.keys.read(key);
    if (read?.kind !== "fact") return;
    const { seq, fault } = decodeFact(read.factKind, read.factKey, value);
    assert(
      fault === undefined && seq <= this.#lastSeq,
      `${key} follows from ${seq}, the log ends with ${this.#lastSeq}`,
    );
  }

  #takeLeader(epoch: number): void {
    if (epoch === this.#leader) return;
    this.#endedAt.set(this.#leader, this.etcd.scheduler.now);
    this.#leader = epoch;
    if (epoch > 0) this.epochs++;
  }

  #takeBatch(key: string, firstSeq: number, value: Uint8Array, writer: number): void {
    assert(!this.#written.has(key), `${key} is written twice`);
    this.#written.add(key);
    const { epoch, previousSeq, records } = decodeBatch(key, firstSeq, value);
    assert(epoch === writer, `${key} is written by ${epoch}, ${writer} leads`);
    assert(previousSeq === this.#lastSeq, `${key} follows ${previousSeq}, not ${this.#lastSeq}`);
    for (const { seq, time, payload } of records) {
      const appended = this.log.append(time, payload.slice());
      assert(seq === appended, `${key}: record ${seq} is in the place of ${appended}`);
      this.#lastSeq = seq;
    }
  }

  /** A leader relies on its lease. */
  checkLease(epoch: number): void {
    assert(epoch === this.#leader, `epoch ${epoch} relies on its lease, and ${this.#leader} leads`);
  }

  /** A turn that ended at `askedAt` is told, with everything before the record `seq`. */
  checkTold(epoch: number, seq: number, askedAt: number): void {
    assert(seq <= this.#lastSeq + 1, `record ${seq - 1} is told, ${this.#lastSeq} is the last one committed`);
    const endedAt = this.#leader === epoch ? Infinity : this.#endedAt.get(epoch) ?? -1;
    assert(endedAt >= askedAt - 1, `epoch ${epoch} tells at ${askedAt}, it ended at ${endedAt}`);
  }
}
