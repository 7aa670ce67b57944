/** A node's copy of log and facts, kept up to date with the store: loaded once, then by the changes that a watch brings. */
import type { SavedFact } from "../log/fact.ts";
import { ClusterFault } from "./cluster_fault.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import { decodeFact } from "./cluster_values.ts";
import type { ClusterView } from "./cluster_view.ts";
import type { KeyValueStore, WatchBatch, WatchEvent } from "./key_value_store.ts";
import type { LocalCopy } from "./local_copy.ts";
import { applyRecords, batchOf, loadCopy, loadView } from "./log_loader.ts";
import type { LoadReport } from "./log_loader.ts";

export interface FollowerOptions {
  readonly store: KeyValueStore;
  readonly keys: ClusterKeys;
  readonly view: ClusterView;
  readonly local: LocalCopy;
  readonly logId: string;
}

export class Follower {
  readonly #options: FollowerOptions;
  #revision = 0;
  #nextSeq = 1;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** The copy is what the store had at this revision. */
  get revision(): number {
    return this.#revision;
  }

  /** One more than the last record of the copy. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Loads all that the copy does not have. Throws as {@link loadCopy}. */
  async load(): Promise<LoadReport> {
    const report = await loadCopy(this.#options);
    this.#revision = report.revision;
    this.#nextSeq = this.#options.view.tail.lastSeq + 1;
    return report;
  }

  /** Loads what other nodes write, while this node leads. */
  async loadOthers(): Promise<void> {
    this.#revision = await loadView(this.#options);
  }

  /**
   * Takes changes that follow what the copy has. Throws {@link ClusterFault} where a batch does not follow.
   */
  async apply(batch: WatchBatch): Promise<void> {
    if (batch.events.length > 0) await this.#options.local.exclusively(() => this.#apply(batch));
  }

  #apply({ revision, events }: WatchBatch): void {
    const { keys, view, local, logId } = this.#options;
    const facts = new Map<string, SavedFact>();
    const before = this.#nextSeq;
    for (const event of events) {
      view.apply(event);
      const fact = this.#applyLog(event);
      if (fact !== undefined) facts.set(`${fact.kind}\0${fact.key}`, fact);
    }
    this.#revision = Math.max(this.#revision, revision);
    if (this.#nextSeq > before && this.#nextSeq !== view.tail.lastSeq + 1) {
      throw new ClusterFault(
        keys.tail,
        `it names ${view.tail.lastSeq}, the log ends before ${this.#nextSeq}`,
      );
    }
    if (facts.size === 0 && this.#nextSeq === before) return;
    if (facts.size > 0) local.saveFacts([...facts.values()]);
    local.confirm({ logId, nextSeq: this.#nextSeq });
  }

  /** Takes changes of other keys than those of log and facts, which this node writes itself. */
  applyOthers({ revision, events }: WatchBatch): void {
    for (const event of events) this.#options.view.apply(event);
    this.#revision = Math.max(this.#revision, revision);
  }

  /** Appends a batch. Returns the change of a fact. */
  #applyLog(event: WatchEvent): SavedFact | undefined {
    const { keys, local } = this.#options;
    const key = keys.read(event.kind === "put" ? event.entry.key : event.key);
    if (key?.kind === "fact") {
      const { factKind, factKey } = key;
      return event.kind === "put"
        ? decodeFact(factKind, factKey, event.entry.value)
        : { kind: factKind, key: factKey, value: undefined, seq: this.#nextSeq - 1 };
    }
    if (key?.kind !== "log" || event.kind === "delete") return undefined;
    const { previousSeq, records } = batchOf(keys, event.entry);
    if (previousSeq !== this.#nextSeq - 1) {
      throw new ClusterFault(
        event.entry.key,
        `it follows ${previousSeq}; the copy ends before ${this.#nextSeq}`,
      );
    }
    this.#nextSeq = applyRecords(local, records);
    return undefined;
  }
}
