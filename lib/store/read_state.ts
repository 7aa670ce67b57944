/** The state database as a server's start finds it. Loaded only where there is one: SQLite costs a start milliseconds. */
import { reason } from "./disk_file.ts";
import type { FactRow } from "./fact_row.ts";
import { StateDb, WrongVersion } from "./state_db.ts";

export type StateOutcome =
  | { readonly kind: "ok"; readonly facts: FactRow[] }
  /** Another program's, a newer version's, not to be read or written, or `damaged`. */
  | { readonly kind: "unusable"; readonly why: string; readonly damaged: boolean };

/** SQLite's words for damage, SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html); not all errors bear the code. */
const DAMAGED = /database disk image is malformed|file is not a database/;

/**
 * Reads the database at `path`, which is there; `logId` as in {@link StateDb.facts}. A damaged one is left as it is: a server
 * that went on without it would give everybody's name to whoever comes first.
 */
export function readState(path: string, logId: string): StateOutcome {
  let db: StateDb | undefined;
  try {
    db = new StateDb(path);
    return { kind: "ok", facts: db.facts(logId) };
  } catch (error) {
    const why = reason(error);
    return { kind: "unusable", why, damaged: !(error instanceof WrongVersion) && DAMAGED.test(why) };
  } finally {
    db?.close();
  }
}
