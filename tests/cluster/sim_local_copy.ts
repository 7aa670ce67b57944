/** A node's copy of log and facts in memory, a real ring; it outlives the processes of its node, as files do. */
import type { LocalCopy, LocalPosition } from "../../lib/cluster/local_copy.ts";
import { assert } from "../../lib/base/assert.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import type { LogRecord } from "../../lib/log/record.ts";
import { Ring, RING_MIN_BYTES, SEQ_TOO_FAR } from "../../lib/log/ring.ts";

let copies = 0;

export class SimLocalCopy implements LocalCopy {
  ring: Ring;
  /** By kind and key. */
  readonly facts = new Map<string, SavedFact>();
  /** Of the data folder. */
  readonly id = `folder${++copies}`;
  /** Number of calls of {@link reset}. */
  resets = 0;
  #confirmed: LocalPosition | undefined;

  constructor(readonly ringBytes: number = RING_MIN_BYTES) {
    this.ring = Ring.create(ringBytes);
  }

  get position(): LocalPosition | undefined {
    return this.#confirmed?.nextSeq === this.ring.nextSeq ? this.#confirmed : undefined;
  }

  exclusively(change: () => void): void {
    change();
  }

  read(seq: number): Pick<LogRecord, "time" | "payload"> | undefined {
    const record = this.ring.read(seq);
    return record.kind === "ok" ? record : undefined;
  }

  reset(firstSeq: number): void {
    this.resets++;
    this.#confirmed = undefined;
    this.ring = Ring.create(this.ringBytes, { firstSeq });
  }

  append({ seq, time, payload }: LogRecord): void {
    const appended = this.ring.appendAt(seq, time, payload);
    if (appended !== SEQ_TOO_FAR) return assert(appended === seq, `record ${seq} fits`);
    this.reset(seq);
    this.append({ seq, time, payload });
  }

  replaceFacts(facts: readonly SavedFact[]): void {
    this.#confirmed = undefined;
    this.facts.clear();
    this.#set(facts);
  }

  saveFacts(facts: readonly SavedFact[]): void {
    this.#set(facts);
  }

  confirm(position: LocalPosition): void {
    this.#confirmed = position;
  }

  #set(facts: readonly SavedFact[]): void {
    for (const fact of facts) {
      const name = `${fact.kind}\0${fact.key}`;
      if (fact.value === undefined) this.facts.delete(name);
      else this.facts.set(name, fact);
    }
  }
}
