/** The state database as a server's start finds it. Loaded only where there is one: SQLite costs a start milliseconds. */
import { reason } from "./disk_file.ts";
import { StateDb, WrongVersion } from "./state_db.ts";
import type { TopicRow } from "./topic_row.ts";

export type StateOutcome =
  | { readonly kind: "ok"; readonly topics: TopicRow[] }
  /** It is damaged, and has been moved to `copy`: the server goes on without what was in it. */
  | { readonly kind: "broken"; readonly why: string; readonly copy: string }
  /** It can't be used: another program's, a newer version's, or not to be read or written. */
  | { readonly kind: "unusable"; readonly why: string };

/** SQLite's words for damage, SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html); not all errors bear the code. */
const DAMAGED = /database disk image is malformed|file is not a database/;
/** The database, its log of changes, and that one's index. */
const SUFFIXES = ["", "-wal", "-shm"];

/** Reads the database at `path`, which is there; `logId` as in {@link StateDb.topics}. */
export function readState(path: string, logId: string): StateOutcome {
  let db: StateDb | undefined;
  try {
    db = new StateDb(path);
    return { kind: "ok", topics: db.topics(logId) };
  } catch (error) {
    const why = reason(error);
    if (error instanceof WrongVersion || !DAMAGED.test(why)) return { kind: "unusable", why };
    db?.close();
    db = undefined;
    return setAside(path, why);
  } finally {
    db?.close();
  }
}

function setAside(path: string, why: string): StateOutcome {
  const copy = `${path}.broken`;
  try {
    for (const suffix of SUFFIXES) {
      try {
        Deno.renameSync(path + suffix, copy + suffix);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return { kind: "broken", why, copy };
  } catch (error) {
    return { kind: "unusable", why: `${why}; and it can't be moved away: ${reason(error)}` };
  }
}
