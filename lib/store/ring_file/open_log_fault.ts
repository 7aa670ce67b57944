/** Why a log cannot be opened from its ring file (open_log.ts). */
import type { DatabaseFault } from "../facts/database_mark.ts";

export type OpenLogFault = FileFault | DatabaseMismatch | TooSmall;

export interface FileFault {
  /**
   * `unreadable`: missing, no permission, or a disk error. `unwritable`: readable, but preparing it for writing
   * failed. `other_log`: it is not a copy of the log that it should be.
   */
  readonly kind: "foreign" | "wrong_version" | "unreadable" | "unwritable" | "other_log";
  readonly path: string;
  /** What is wrong, as a clause: `it is not a ChatterBox ring file`. */
  readonly why: string;
}

/**
 * The ring file is intact, but the state database beside it is not the one that it knows. Nothing has been changed.
 */
export interface DatabaseMismatch {
  readonly kind: "database";
  readonly path: string;
  readonly why: string;
  readonly fault: DatabaseFault;
}

/** The requested capacity does not hold all records of the file. Nothing has been changed. */
export interface TooSmall {
  readonly kind: "too_small";
  readonly path: string;
  readonly why: string;
  /** Number of records that would be dropped, and of all records. */
  readonly dropped: number;
  readonly records: number;
  /** The file's capacity in bytes. */
  readonly capacity: number;
}
