/** Why a data folder cannot be used, and how to proceed. */
import { unreachable } from "../base/assert.ts";
import { formatSize } from "../base/values/size.ts";
import type { DatabaseFault } from "../store/facts/database_mark.ts";
import type { FactReadOutcome } from "../store/facts/fact_reader.ts";
import type { OpenLog } from "../store/ring_file/open_log.ts";
import type { DatabaseMismatch, FileFault, TooSmall } from "../store/ring_file/open_log_fault.ts";

export function describeUnusableState(
  path: string,
  { why, damaged }: FactReadOutcome & { kind: "unusable" },
): string {
  return damaged
    ? `${path} is damaged: ${why}; restore a backup of it, or move it away and start once with --accept-database, ` +
      "which loses all accounts, topics and bans"
    : `${path}: ${why}; restore ChatterBox's own file, or choose another folder with --data-dir`;
}

const DATABASE_FAULT_TEXT: Readonly<Record<DatabaseFault, string>> = {
  missing: "is missing or empty",
  another: "is not the database of this log",
  older: "is an older copy",
};

/** Why the server does not start, and how to proceed. */
export function describeDatabaseRefusal(statePath: string, { path, fault }: DatabaseMismatch): string {
  const lost = fault === "older" ? "later changes" : "accounts, room settings and bans";
  return `${statePath} ${DATABASE_FAULT_TEXT[fault]}: ${path} refers to ${lost} that it does not contain. ` +
    "Restore a backup of both files, taken together; or start once with --accept-database, which continues without the " +
    "lost data: the names of lost accounts become free to register";
}

/** Warning about a database that was accepted although the database or the log is not the one that was there before. */
export function describeAcceptedDatabase(
  path: string,
  { acceptedFault, logId, report }: OpenLog,
  state: FactReadOutcome,
): string | undefined {
  if (acceptedFault !== undefined) {
    return `${path} ${
      DATABASE_FAULT_TEXT[acceptedFault]
    } and was accepted (--accept-database): the names of lost accounts are free`;
  }
  if (state.kind !== "ok" || state.logId === "" || state.logId === logId) return undefined;
  const { length } = state.facts;
  const log = report.created
    ? "the log was missing, and a new one was created"
    : "it was saved beside another log";
  return `${path}: ${log}; accounts, room settings and bans are kept (${length} facts), earlier messages are lost`;
}

export function describeTooSmallRing({ path, why, capacity }: TooSmall): string {
  return `${path}: ${why}. Omit --buffer to keep its size (${
    formatSize(capacity)
  }), or start once with --shrink, ` +
    "which drops the oldest messages and keeps a copy of the file";
}

/** Messages of ENOSPC, EDQUOT and ERROR_DISK_FULL, and the one of `store/disk/disk_file.ts`. */
const DISK_FULL = /no space left|quota exceeded|not enough space/i;

/** Advice for the error message `why` of a folder; undefined: none in particular. */
export function adviseOnFolder(why: string): string | undefined {
  if (!DISK_FULL.test(why)) return undefined;
  return "free space on that disk, give a smaller --buffer, or choose another folder with --data-dir";
}

/**
 * A file that cannot be written is a problem of the folder; one that is not a valid ring file is a problem of the
 * file.
 */
export function classifyFileFault({ kind, path, why }: FileFault): { fault: "folder" | "file"; why: string } {
  switch (kind) {
    case "unwritable":
      return {
        fault: "folder",
        why: `${path}: ${why}; ${
          adviseOnFolder(why) ?? "make it writable, or choose another folder with --data-dir"
        }`,
      };
    case "other_log":
      return {
        fault: "file",
        why:
          `${path}: ${why}; a node of a cluster needs a data folder of its own: choose another one with --data-dir, ` +
          "or bring that log into a new cluster (chatterbox cluster import)",
      };
    case "foreign":
    case "wrong_version":
    case "unreadable":
      return {
        fault: "file",
        why: `${path}: ${why}; move it away, or choose another folder with --data-dir`,
      };
    default:
      return unreachable(kind);
  }
}
