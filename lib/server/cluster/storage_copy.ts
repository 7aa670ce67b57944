/**
 * The copy of a cluster's log and facts that a node has: its ring, ring file and database. While another node leads, all
 * that is in the ring is committed; while this one leads, what is before the ring's `syncLimit`.
 */
import type { LocalCopy, LocalPosition } from "../../cluster/local_copy.ts";
import type { SavedFact } from "../../log/fact.ts";
import type { LogRecord } from "../../log/record.ts";
import { RECORD_TOO_LARGE, SEQ_TOO_FAR } from "../../log/ring.ts";
import type { Storage } from "../storage.ts";

/** Bytes of records that wait to be appended together. */
const BATCH_BYTES = 1024 * 1024;

export interface StorageCopyOptions {
  readonly storage: Pick<Storage, "ring" | "lock" | "facts" | "logId" | "saveFacts">;
  /** The ring has records that are not the cluster's, or not whole: the program must start anew, without them. */
  readonly onUseless: (why: string) => void;
  readonly onFatalError: (error: unknown) => void;
  /** Gets new values of facts that another node has written. */
  readonly onFacts?: (facts: readonly SavedFact[]) => void;
}

export class StorageCopy implements LocalCopy {
  readonly #options: StorageCopyOptions;
  /** By kind and key; undefined once this node leads: the hub has them. */
  #facts: Map<string, SavedFact> | undefined = new Map();
  /** What the database has, until the first facts of the cluster come. */
  #saved: readonly SavedFact[];
  /** The last record that came, and one more than its number. */
  #last: LogRecord | undefined;
  #nextSeq: number;
  #waiting: LogRecord[] = [];
  #waitingBytes = 0;
  #isLeading = false;
  #isUseless = false;

  constructor(options: StorageCopyOptions) {
    this.#options = options;
    this.#saved = options.storage.facts;
    this.#nextSeq = options.storage.ring.nextSeq;
  }

  get position(): LocalPosition | undefined {
    const { ring, logId } = this.#options.storage;
    if (this.#isUseless || ring.oldestSeq === ring.nextSeq && this.#last === undefined) return undefined;
    return { logId, nextSeq: this.#nextSeq };
  }

  read(seq: number): Pick<LogRecord, "time" | "payload"> | undefined {
    if (this.#last?.seq === seq) return this.#last;
    const found = this.#options.storage.ring.read(seq);
    return found.kind === "ok" ? found : undefined;
  }

  /** Records gather until they are confirmed, and are then appended together, under the log's lock. */
  exclusively(change: () => void): void {
    change();
  }

  reset(firstSeq: number): void {
    const { ring } = this.#options.storage;
    if (this.#last !== undefined || ring.oldestSeq !== ring.nextSeq || firstSeq < ring.nextSeq) {
      return this.#giveUp("its last records are not those of the cluster");
    }
    this.#nextSeq = firstSeq;
    this.#underLock(() => ring.syncLimit.startAt(firstSeq));
  }

  append(record: LogRecord): void {
    this.#last = record;
    this.#nextSeq = record.seq + 1;
    this.#waiting.push(record);
    this.#waitingBytes += record.payload.length;
    if (this.#waitingBytes >= BATCH_BYTES) this.#appendWaiting();
  }

  replaceFacts(facts: readonly SavedFact[]): void {
    const next = new Map(facts.map((fact) => [nameOf(fact), fact]));
    const before = this.#facts?.size ? this.#facts.values() : this.#saved;
    const changed: SavedFact[] = [];
    const isSame = new Set<string>();
    for (const fact of before) {
      const name = nameOf(fact);
      const found = next.get(name);
      if (found === undefined) changed.push({ ...fact, value: undefined });
      else if (found.value === fact.value && found.seq === fact.seq && fact.fault === undefined) {
        isSame.add(name);
      }
    }
    for (const [name, fact] of next) if (!isSame.has(name) && fact.fault === undefined) changed.push(fact);
    this.#facts = next;
    this.#saved = [];
    this.#options.storage.saveFacts(changed);
  }

  saveFacts(facts: readonly SavedFact[]): void {
    for (const fact of this.#facts === undefined ? [] : facts) {
      if (fact.value === undefined) this.#facts!.delete(nameOf(fact));
      else this.#facts!.set(nameOf(fact), fact);
    }
    this.#options.storage.saveFacts(facts);
    if (this.#facts !== undefined) this.#options.onFacts?.(facts);
  }

  /** Until this node leads. */
  get facts(): SavedFact[] {
    return [...this.#facts?.values() ?? []];
  }

  confirm({ nextSeq }: LocalPosition): void {
    if (!this.#isLeading) return this.#appendWaiting();
    const { ring } = this.#options.storage;
    this.#underLock(() => {
      ring.syncLimit.set(nextSeq);
      ring.wakeReaders();
    });
  }

  /** This node leads: resolves with all facts when the ring has all records. */
  async lead(): Promise<readonly SavedFact[]> {
    this.#isLeading = true;
    const { facts } = this;
    this.#facts = undefined;
    await this.#options.storage.lock.runKeepingLock(() => {});
    return facts;
  }

  #appendWaiting(): void {
    const { ring } = this.#options.storage;
    const records = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (records.length === 0) return;
    this.#underLock(() => {
      for (const { seq, time, payload } of records) {
        const outcome = ring.appendAt(seq, time, payload);
        if (outcome === RECORD_TOO_LARGE) throw new Error(`record ${seq} is larger than the ring allows`);
        if (outcome === SEQ_TOO_FAR) return this.#giveUp(`it has no room for the numbers before ${seq}`);
      }
      ring.syncLimit.set(ring.nextSeq);
      ring.wakeReaders();
    });
  }

  /** Runs `change` under the log's lock, after all changes before it. */
  #underLock(change: () => void): void {
    if (this.#isUseless) return;
    const done = this.#options.storage.lock.runKeepingLock(() => {
      if (!this.#isUseless) change();
    });
    if (done instanceof Promise) done.catch(this.#options.onFatalError);
  }

  #giveUp(why: string): void {
    if (!this.#isUseless) this.#options.onUseless(why);
    this.#isUseless = true;
  }
}

function nameOf({ kind, key }: SavedFact): string {
  return `${kind}\0${key}`;
}
