/**
 * The state database as the place of a fact store: it must be the one that the log knows. SQLite is loaded
 * when it is opened.
 */
import type { DatabaseMark, FactStore, FactStorePlace } from "../../log/fact_store.ts";
import { STATE_FILE } from "../disk/data_dir.ts";
import { type DatabaseFault, findDatabaseFault } from "./database_mark.ts";

const DATABASE_FAULT_ADVICE: Readonly<Record<DatabaseFault, string>> = {
  missing: "it is missing or empty; put it back, or stop the server",
  another: "another database is in its place; put it back, or stop the server",
  older: "an older copy is in its place; put the newer one back, or stop the server",
};

export class StateDatabase implements FactStorePlace {
  readonly name = STATE_FILE;
  readonly #path: string;
  /**
   * Identity of the file that was opened. In WAL mode SQLite does not notice that its file was removed or replaced.
   */
  #file: Pick<Deno.FileInfo, "ino" | "dev"> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  isInPlace(): boolean {
    try {
      const { ino, dev } = Deno.statSync(this.#path);
      return ino === this.#file?.ino && dev === this.#file?.dev;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  async open(known: DatabaseMark | undefined): Promise<FactStore> {
    const { SqliteFactStore } = await import("./sqlite_fact_store.ts");
    const isThere = SqliteFactStore.hasDatabase(this.#path);
    if (known !== undefined && !isThere) throw new Error(DATABASE_FAULT_ADVICE.missing);
    const db = new SqliteFactStore(this.#path);
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
