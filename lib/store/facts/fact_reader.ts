/**
 * Reads the state database when a server starts. Loaded only if there is a database: SQLite adds milliseconds to a
 * start.
 */
import type { DatabaseMark } from "../../log/fact_store.ts";
import { diskErrorText } from "../disk/disk_file.ts";
import type { SavedFact } from "../../log/fact.ts";
import { DamagedDatabase, SqliteFactStore, WrongDatabaseVersion } from "./sqlite_fact_store.ts";

export type FactReadOutcome =
  | {
    readonly kind: "ok";
    readonly database: DatabaseMark;
    /** The log that the facts' sequence numbers belong to; "" before the first save. */
    readonly logId: string;
    readonly facts: readonly SavedFact[];
  }
  /** There is no file, or the database has no table. */
  | { readonly kind: "empty" }
  /** Of another program, of a newer version, unreadable, unwritable, or `damaged`. */
  | { readonly kind: "unusable"; readonly why: string; readonly damaged: boolean };

/**
 * SQLite's messages for damage, SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html); not every error
 * has a code.
 */
export const DAMAGED_DATABASE =
  /database disk image is malformed|file is not a database|malformed database schema/;

/**
 * Reads the database at `path`. An empty or damaged one is left unchanged: a server that continued without its facts
 * would give every name to the first client that asks for it.
 */
export function readFactStore(path: string): FactReadOutcome {
  let db: SqliteFactStore | undefined;
  try {
    if (!SqliteFactStore.hasDatabase(path)) return { kind: "empty" };
    db = new SqliteFactStore(path);
    return { kind: "ok", database: db.mark, logId: db.logId, facts: db.readFacts() };
  } catch (error) {
    const why = diskErrorText(error);
    const damaged = error instanceof DamagedDatabase ||
      !(error instanceof WrongDatabaseVersion) && DAMAGED_DATABASE.test(why);
    return { kind: "unusable", why, damaged };
  } finally {
    db?.close();
  }
}
