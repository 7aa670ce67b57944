/**
 * Saves facts to their store, each once its record is durable, and all that are ready in one transaction. The store is
 * opened with the first fact.
 */
import { diskErrorText } from "../disk/disk_file.ts";
import type { SavedFact } from "../../log/fact.ts";
import type { DatabaseMark, FactStore, FactStorePlace } from "../../log/fact_store.ts";
import type { Ring } from "../../log/ring.ts";

export class FactSaver {
  readonly #ring: Ring;
  readonly #place: FactStorePlace;
  readonly #logId: string;
  /** By kind and key: the latest unsaved fact, and the number of the {@link add} call that brought it. */
  readonly #waiting = new Map<string, { readonly fact: SavedFact; readonly number: number }>();
  #last = 0;
  #store: FactStore | undefined;

  /** `place`: where the facts are saved. `logId`: of the log in `ring`. */
  constructor(ring: Ring, place: FactStorePlace, logId: string) {
    this.#ring = ring;
    this.#place = place;
    this.#logId = logId;
  }

  /** `number` grows from call to call. */
  add(facts: readonly SavedFact[], number: number): void {
    this.#last = number;
    for (const fact of facts) this.#waiting.set(`${fact.kind}\0${fact.key}`, { fact, number });
  }

  /** Every fact added up to this number is saved or has been replaced by a later one. */
  get savedNumber(): number {
    let saved = this.#last;
    for (const { number } of this.#waiting.values()) saved = Math.min(saved, number - 1);
    return saved;
  }

  /**
   * Saves the facts that are ready; the others wait. Returns the store's mark afterwards, or undefined if
   * nothing was saved. `known`: the last mark that the log was told. Throws errors of the disk and of the
   * store, and if the store is not the known one; then all facts wait.
   */
  async save(known: DatabaseMark | undefined): Promise<DatabaseMark | undefined> {
    if (this.#waiting.size === 0) return undefined;
    const { durableSeq } = this.#ring;
    const ready = [...this.#waiting].filter(([, { fact }]) => fact.seq < durableSeq);
    if (ready.length === 0) return undefined;
    let mark: DatabaseMark;
    try {
      if (this.#store !== undefined && !this.#place.isInPlace()) this.close();
      this.#store ??= await this.#place.open(known);
      mark = this.#store.save(ready.map(([, { fact }]) => fact), this.#logId);
    } catch (error) {
      this.close();
      throw new Error(`${this.#place.name}: ${diskErrorText(error)}`);
    }
    for (const [key, entry] of ready) if (this.#waiting.get(key) === entry) this.#waiting.delete(key);
    return mark;
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }
}
