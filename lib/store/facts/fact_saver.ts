/**
 * Saves facts to the state database, each once its record is durable, and all that are ready in one transaction.
 * SQLite is loaded with the first fact.
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
  /** By kind and key: the latest unsaved fact, and the number of the {@link add} call that brought it. */
  readonly #waiting = new Map<string, { readonly fact: SavedFact; readonly number: number }>();
  #last = 0;
  #db: SqliteFactStore | undefined;
  /**
   * Identity of the file that {@link #db} writes. In WAL mode SQLite does not notice that its file was removed or
   * replaced.
   */
  #file: Pick<Deno.FileInfo, "ino" | "dev"> | undefined;

  /** `path`: of the database. `logId`: of the log in `ring`. */
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

  /** Every fact added up to this number is saved or has been replaced by a later one. */
  get savedNumber(): number {
    let saved = this.#last;
    for (const { number } of this.#waiting.values()) saved = Math.min(saved, number - 1);
    return saved;
  }

  /**
   * Saves the facts that are ready; the others wait. Returns the database's mark afterwards, or undefined if nothing
   * was saved. `known`: the last mark that the log was told. Throws errors of the disk and of SQLite, and if the
   * database is not the known one; then all facts wait.
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
