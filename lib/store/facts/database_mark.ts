/**
 * Identifies the state database that belongs to a log, and its last transaction. The database holds its own mark; the
 * header of the ring file holds the last one that it was told. So a missing, empty, different or older database is
 * detected at the start, before a name that it holds is given to another client.
 */
import type { DatabaseMark } from "../../log/fact_store.ts";

/** Fault of a database that should belong to the log. */
export type DatabaseFault = "missing" | "another" | "older";

/**
 * Compares the database that was found (undefined: none, or an empty one) with the one that the log knows. The log is
 * told of a transaction after its commit, so the database is never behind the log unless it is an older copy.
 */
export function findDatabaseFault(
  known: DatabaseMark | undefined,
  found: DatabaseMark | undefined,
): DatabaseFault | undefined {
  if (known === undefined) return undefined;
  if (found === undefined) return "missing";
  if (found.id !== known.id) return "another";
  return found.saves < known.saves ? "older" : undefined;
}
