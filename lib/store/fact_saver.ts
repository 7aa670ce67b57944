/**
 * Brings facts to the state database: each when the record that it stands for is on disk, and all that are by then in one
 * transaction. SQLite is loaded with the first.
 */
import { STATE_FILE } from "./data_dir.ts";
import { reason } from "./disk_file.ts";
import type { Ring } from "../log/ring.ts";
import type { FactRow } from "./fact_row.ts";
import type { StateDb } from "./state_db.ts";

export class FactSaver {
  readonly #ring: Ring;
  readonly #path: string;
  readonly #logId: string;
  /** By kind and key: the newest that is not saved, and the number of the {@link add} that brought it. */
  readonly #waiting = new Map<string, { readonly row: FactRow; readonly number: number }>();
  #last = 0;
  #db: StateDb | undefined;

  /** `path`: the database's. `logId`: of the log in `ring`. */
  constructor(ring: Ring, path: string, logId: string) {
    this.#ring = ring;
    this.#path = path;
    this.#logId = logId;
  }

  /** `number` grows from call to call. */
  add(rows: readonly FactRow[], number: number): void {
    this.#last = number;
    for (const row of rows) this.#waiting.set(`${row.kind}\0${row.key}`, { row, number });
  }

  /** All that was added up to this number is saved, or has been replaced by what came later. */
  get saved(): number {
    let saved = this.#last;
    for (const { number } of this.#waiting.values()) saved = Math.min(saved, number - 1);
    return saved;
  }

  /** Saves what can be saved; the rest waits. Throws what the disk and SQLite throw: then all of it waits. */
  async save(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const { durableSeq } = this.#ring;
    const ready = [...this.#waiting].filter(([, { row }]) => row.seq < durableSeq);
    if (ready.length === 0) return;
    const { StateDb } = await import("./state_db.ts");
    try {
      this.#db ??= new StateDb(this.#path);
      this.#db.save(ready.map(([, { row }]) => row), this.#logId);
    } catch (error) {
      this.close();
      throw new Error(`${STATE_FILE}: ${reason(error)}`);
    }
    for (const [key, fact] of ready) if (this.#waiting.get(key) === fact) this.#waiting.delete(key);
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }
}
