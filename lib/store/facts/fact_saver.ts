/**
 * Brings facts to the state database: each when the record that it stands for is on disk, and all that are by then in one
 * transaction. SQLite is loaded with the first.
 */
import { STATE_FILE } from "../disk/data_dir.ts";
import { type DatabaseFault, type DatabaseMark, findDatabaseFault } from "./database_mark.ts";
import { diskErrorText } from "../disk/disk_file.ts";
import type { Ring } from "../../log/ring.ts";
import type { SavedFact } from "../../log/fact.ts";
import type { SqliteFactStore } from "./sqlite_fact_store.ts";

const DATABASE_FAULT_ADVICE: Readonly<Record<DatabaseFault, string>> = {
  missing: "it is missing or empty; put it back, or stop the server",
  another: "another database is in its place; put it back, or stop the server",
  older: "an older copy is in its place; put the newer one back, or stop the server",
};

export class FactSaver {
  readonly #ring: Ring;
  readonly #path: string;
  readonly #logId: string;
  /** By kind and key: the newest that is not saved, and the number of the {@link add} that brought it. */
  readonly #waiting = new Map<string, { readonly fact: SavedFact; readonly number: number }>();
  #last = 0;
  #db: SqliteFactStore | undefined;
  /** Of the file that {@link #db} writes. In WAL mode SQLite does not notice that it was removed or replaced. */
  #file: Pick<Deno.FileInfo, "ino" | "dev"> | undefined;

  /** `path`: the database's. `logId`: of the log in `ring`. */
  constructor(ring: Ring, path: string, logId: string) {
    this.#ring = ring;
    this.#path = path;
    this.#logId = logId;
  }

  /** `number` grows from call to call. */
  add(facts: readonly SavedFact[], number: number): void {
    this.#last = number;
    for (const fact of facts) this.#waiting.set(`${fact.kind}\0${fact.key}`, { fact, number });
  }

  /** All that was added up to this number is saved, or has been replaced by what came later. */
  get savedNumber(): number {
    let saved = this.#last;
    for (const { number } of this.#waiting.values()) saved = Math.min(saved, number - 1);
    return saved;
  }

  /**
   * Saves what can be saved; the rest waits. Answers the database's mark afterwards, or undefined when nothing was saved.
   * `known`: the last mark that the log has heard of. Throws what the disk and SQLite throw, and where the database is not
   * the one that is known: then all of it waits.
   */
  async save(known: DatabaseMark | undefined): Promise<DatabaseMark | undefined> {
    if (this.#waiting.size === 0) return undefined;
    const { durableSeq } = this.#ring;
    const ready = [...this.#waiting].filter(([, { fact }]) => fact.seq < durableSeq);
    if (ready.length === 0) return undefined;
    const { SqliteFactStore } = await import("./sqlite_fact_store.ts");
    let mark: DatabaseMark;
    try {
      if (this.#db !== undefined && !this.#isInPlace()) this.close();
      this.#db ??= this.#open(SqliteFactStore, known);
      mark = this.#db.save(ready.map(([, { fact }]) => fact), this.#logId);
    } catch (error) {
      this.close();
      throw new Error(`${STATE_FILE}: ${diskErrorText(error)}`);
    }
    for (const [key, entry] of ready) if (this.#waiting.get(key) === entry) this.#waiting.delete(key);
    return mark;
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #isInPlace(): boolean {
    try {
      const { ino, dev } = Deno.statSync(this.#path);
      return ino === this.#file?.ino && dev === this.#file?.dev;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  #open(Database: typeof SqliteFactStore, known: DatabaseMark | undefined): SqliteFactStore {
    const isThere = Database.hasDatabase(this.#path);
    if (known !== undefined && !isThere) throw new Error(DATABASE_FAULT_ADVICE.missing);
    const db = new Database(this.#path);
    try {
      const fault = findDatabaseFault(known, db.mark);
      if (fault !== undefined) throw new Error(DATABASE_FAULT_ADVICE[fault]);
      this.#file = Deno.statSync(this.#path);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  }
}
