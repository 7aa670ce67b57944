/** A fact store engine in plain memory, for tests. */
import type { SavedFact } from "../../lib/log/fact.ts";
import type { DatabaseMark, FactStore } from "../../lib/log/fact_store.ts";

export class MemoryFactStore implements FactStore {
  /** By kind and key. */
  readonly #facts = new Map<string, SavedFact>();
  readonly #id = crypto.randomUUID().replaceAll("-", "");
  #saves = 0;
  #logId = "";

  get mark(): DatabaseMark {
    return { id: this.#id, saves: this.#saves };
  }

  get logId(): string {
    return this.#logId;
  }

  readFacts(): SavedFact[] {
    return [...this.#facts.values()];
  }

  save(facts: readonly SavedFact[], logId: string): DatabaseMark {
    if (logId !== this.#logId) {
      for (const [key, fact] of this.#facts) this.#facts.set(key, { ...fact, seq: 0 });
    }
    this.#logId = logId;
    for (const fact of facts) {
      const key = `${fact.kind}\0${fact.key}`;
      if (fact.value === undefined) this.#facts.delete(key);
      else this.#facts.set(key, fact);
    }
    this.#saves++;
    return this.mark;
  }

  close(): void {}
}
