/** A watch of a simulated etcd: brings whole revisions in order, late by a random time, until it is cut. */
import {
  type KeyRange,
  StoreUnavailable,
  type WatchBatch,
  WatchCompacted,
} from "../../../lib/cluster/key_value_store.ts";
import type { Mvcc } from "./mvcc.ts";
import type { SimProcess } from "./sim_process.ts";

/** Silence after which the real client looks for a sign of life (lib/cluster/etcd), and gives up without one. */
const SILENCE_MS = 2000;

/** The connection that a watch goes over. */
export interface WatchConnection {
  readonly data: Mvcc;
  /** The process that watches. */
  readonly process: SimProcess;
  /** Whether the cluster can be reached and has a majority. */
  readonly isAlive: boolean;
  /** Least and greatest time after which a change is brought. */
  readonly lagMs: readonly [number, number];
  /** Probability that the connection is lost after a batch. */
  readonly cut: number;
}

export class SimWatch implements AsyncIterable<WatchBatch> {
  /** What has come in and was not taken yet. */
  readonly #batches: WatchBatch[] = [];
  /** The revision up to which everything has been sent. */
  #sent: number;
  /** Why it has ended; null: its reader ended it. */
  #end: Error | null | undefined;
  /** Lets the reader look again. */
  #notify: () => void = () => {};
  #isDue = false;
  #cancelSilence: () => void = () => {};

  constructor(
    readonly connection: WatchConnection,
    readonly range: KeyRange,
    fromRevision: number,
    signal: AbortSignal,
    readonly onEnd: (watch: SimWatch) => void,
  ) {
    this.#sent = fromRevision - 1;
    if (signal.aborted) this.#finish(null);
    else signal.addEventListener("abort", () => this.#finish(null), { once: true });
    this.wake();
    this.#awaitSign();
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Something may have changed: it is sent after the lag. */
  wake(): void {
    if (this.#isDue || this.#end !== undefined) return;
    this.#isDue = true;
    const { process: { scheduler }, lagMs } = this.connection;
    scheduler.after(scheduler.between(...lagMs), () => {
      this.#isDue = false;
      this.#send();
    });
  }

  /** The connection is lost. */
  cut(): void {
    this.#fail(new StoreUnavailable("the watch's connection was lost"));
  }

  async *[Symbol.asyncIterator](): AsyncIterator<WatchBatch> {
    try {
      for (;;) {
        const batch = this.#batches.shift();
        if (batch !== undefined) yield batch;
        else if (this.#end === undefined) await new Promise<void>((resolve) => this.#notify = resolve);
        else if (this.#end === null) return;
        else throw this.#end;
      }
    } finally {
      this.#finish(null);
    }
  }

  /** Sends what has changed, up to a revision that is sometimes not the newest. */
  #send(): void {
    const { data, process: { scheduler }, isAlive, cut } = this.connection;
    if (!isAlive || this.#end !== undefined) return;
    if (this.#sent < data.compacted) return this.#fail(new WatchCompacted(data.compacted));
    const changes = data.changesOf(this.range, this.#sent);
    if (changes.length === 0) return;
    const taken = changes.slice(0, scheduler.between(1, changes.length));
    this.#sent = taken.at(-1)!.revision;
    this.#receive({ revision: this.#sent, events: taken.flatMap(({ events }) => events) });
    if (scheduler.happens(cut)) this.cut();
    else if (taken.length < changes.length) this.wake();
  }

  /** A sign of life after each silence, as long as the cluster can be reached; otherwise the watch is over. */
  #awaitSign(missed = 0): void {
    this.#cancelSilence = this.connection.process.after(SILENCE_MS, () => {
      if (this.connection.isAlive) {
        if (!this.#isDue) this.#receive({ revision: this.#sent, events: [] });
        this.wake();
        this.#awaitSign();
      } else if (missed === 0) this.#awaitSign(1);
      else this.cut();
    });
  }

  #receive(batch: WatchBatch): void {
    this.connection.process.give(() => {
      if (this.#end === undefined) this.#batches.push(batch);
      this.#notify();
    });
  }

  #fail(error: Error): void {
    this.connection.process.give(() => this.#finish(error));
  }

  #finish(end: Error | null): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (end === null) this.#batches.length = 0;
    this.#cancelSilence();
    this.onEnd(this);
    this.#notify();
  }
}
