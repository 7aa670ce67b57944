/**
 * Which state database belongs to a log, and how far that is. The database holds its own mark; the header of the ring file
 * holds the last one that it has heard of. So a database that is missing, empty, another one or an older copy is noticed at
 * the start, before a name that it held is given to anybody else.
 */

export interface DatabaseMark {
  /** 128 random bits in hexadecimal, drawn when the database was made. */
  readonly id: string;
  /** Transactions that it has committed. */
  readonly saves: number;
}

/** What is wrong with a database beside the log that it should belong to. */
export type DatabaseFault = "missing" | "another" | "older";

/**
 * Compares the database that is `found` (undefined: none, or an empty one) with the one that the log knows. The log hears
 * of a transaction after it was committed, so it never knows of more than the database has.
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
