/**
 * Opens a log from its ring file, either for a server, which continues to write it, or read-only.
 *
 * Opening loses nothing: a faulty file is copied to `….broken` before it is changed, a file that is not a ring file
 * is left alone, and a crash in the middle of any change leaves a file that opens again.
 */
import { Ring } from "../../log/ring.ts";
import { RING_FILE, STATE_FILE } from "../disk/data_dir.ts";
import type { DatabaseMark } from "../../log/fact_store.ts";
import { type DatabaseFault, findDatabaseFault } from "../facts/database_mark.ts";
import { copyDurably, type Disk, openDurably, PLATFORM_DISK, removeIfPossible } from "../disk/disk.ts";
import { diskErrorText, type StoreFile } from "../disk/disk_file.ts";
import { type FileHeader, FORMAT_VERSION, logIdText, randomLogId } from "./file_header.ts";
import { recover, type RecoveredRecords } from "./recovery.ts";
import { describeReport, EMPTY_REPORT, type RecoveryReport } from "./recovery_report.ts";
import { copyDamagedFile, repairFile, shouldKeepCopy } from "./repair.ts";
import {
  type LoadedRingFile,
  loadRingFile,
  NEW_FILE_SUFFIX,
  nextSeqAfter,
  resizeRing,
  writeRingFile,
} from "./ring_file.ts";

export interface OpenLog {
  readonly kind: "ok";
  readonly ring: Ring;
  /** Part of every message id; unique to this log. */
  readonly logId: string;
  readonly path: string;
  /** Creation time of the log, milliseconds since the epoch. */
  readonly createdAt: number;
  readonly report: RecoveryReport;
  /** Fault of the state database that was accepted ({@link OpenLogOptions.acceptDatabase}). */
  readonly acceptedFault: DatabaseFault | undefined;
  /** {@link report} as one line for the server's log. */
  readonly reportLine: string;
}

export type OpenLogFault = FileFault | DatabaseMismatch | TooSmall;

export interface FileFault {
  /**
   * `unreadable`: missing, no permission, or a disk error. `unwritable`: readable, but preparing it for writing
   * failed.
   */
  readonly kind: "foreign" | "wrong_version" | "unreadable" | "unwritable";
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

export interface OpenLogOptions {
  /** The data folder; the caller holds its lock ({@link openDataDir}). */
  readonly dir: string;
  readonly capacityBytes: number;
  /** Keep the capacity of a file that is larger: a smaller one would drop records. Default: false. */
  readonly keepLarger?: boolean;
  /**
   * Allow a smaller capacity to drop the oldest records that do not fit; a copy of the file is kept. Otherwise:
   * {@link TooSmall}.
   */
  readonly shrink?: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Mark of the state database beside the file; undefined if there is none or an empty one. */
  readonly database?: DatabaseMark | undefined;
  /** Open the log whatever fault the database has; the log belongs to this database from then on. */
  readonly acceptDatabase?: boolean;
  /** Default: the platform's. */
  readonly disk?: Disk;
}

/** {@link OpenLogOptions} with defaults filled in. */
interface OpenContext extends OpenLogOptions {
  readonly path: string;
  readonly disk: Disk;
}

/** Opens or creates the folder's ring file and recovers its records. Throws RangeError for an impossible capacity. */
export function openLog(options: OpenLogOptions): OpenLog | OpenLogFault {
  const path = `${options.dir}/${RING_FILE}`;
  const place: OpenContext = { disk: PLATFORM_DISK, keepLarger: false, shrink: false, ...options, path };
  const loaded = loadLogFile(place.disk, path, "write");
  switch (loaded.kind) {
    case "ok": {
      const fault = findDatabaseFault(loaded.header?.database, options.database);
      if (fault !== undefined && options.acceptDatabase !== true) {
        return { kind: "database", path, why: `its state database has changed: ${fault}`, fault };
      }
      return catchUnwritable(path, () => {
        const taken = prepareForAppending(place, loaded);
        return taken.kind === "ok" ? { ...taken, acceptedFault: fault } : taken;
      });
    }
    case "missing":
      return catchUnwritable(path, () => createLog(place));
    default:
      return loaded;
  }
}

/**
 * Reads the records of a ring file: takes no lock and writes nothing, so it also works while a server uses the file.
 * Records that the server has not synced are not in it.
 */
export function readLogFile(path: string): OpenLog | OpenLogFault {
  const loaded = loadLogFile(PLATFORM_DISK, path, "read");
  if (loaded.kind === "missing") return { kind: "unreadable", path, why: "there is no such file" };
  if (loaded.kind !== "ok") return loaded;
  const { ring, found, header } = loaded;
  ring.restoreContents({ ...found, nextSeq: found.newest + 1 });
  const known = header ?? { logId: 0n, created: 0 };
  return makeOpenLog(path, ring, known, { ...makeReport(loaded), unclean: false });
}

function loadLogFile(
  disk: Disk,
  path: string,
  access: "read" | "write",
): LoadedRingFile | OpenLogFault | { kind: "missing" } {
  let file: StoreFile;
  try {
    file = disk.open(path, access);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    return {
      kind: access === "write" && isReadable(disk, path) ? "unwritable" : "unreadable",
      path,
      why: diskErrorText(error),
    };
  }
  try {
    if (file.size === 0 && access === "write") return { kind: "missing" };
    const loaded = loadRingFile(file);
    switch (loaded.kind) {
      case "ok":
        return loaded;
      case "foreign":
        return { kind: "foreign", path, why: "it is not a ChatterBox ring file" };
      case "wrong_version":
        return {
          kind: "wrong_version",
          path,
          why: `it has format version ${loaded.version}; this program supports ${FORMAT_VERSION}`,
        };
    }
  } catch (error) {
    return { kind: "unreadable", path, why: diskErrorText(error) };
  } finally {
    file.close();
  }
}

function isReadable(disk: Disk, path: string): boolean {
  try {
    disk.open(path, "read").close();
    return true;
  } catch {
    return false;
  }
}

function catchUnwritable(path: string, open: () => OpenLog | OpenLogFault): OpenLog | OpenLogFault {
  try {
    return open();
  } catch (error) {
    return { kind: "unwritable", path, why: diskErrorText(error) };
  }
}

function createLog({ path, capacityBytes, now, disk, database }: OpenContext): OpenLog {
  const ring = Ring.create(capacityBytes);
  const synced = ring.nextSeq;
  const capacity = capacityBytes;
  const header = {
    clean: false,
    generation: 1,
    capacity,
    logId: randomLogId(),
    created: now,
    synced,
    boot: synced,
    missing: 0,
    oldest: synced,
    database,
  };
  writeRingFile(path, header, ring.area.bytes, disk);
  return makeOpenLog(path, ring, header, { ...EMPTY_REPORT, created: true });
}

/** Prepares a loaded file for appending. */
function prepareForAppending(place: OpenContext, loaded: LoadedRingFile): OpenLog | TooSmall {
  const { path, now, disk, database } = place;
  const { header, found } = loaded;
  const capacityBytes = place.keepLarger
    ? Math.max(place.capacityBytes, loaded.ring.capacityBytes)
    : place.capacityBytes;
  const nextSeq = nextSeqAfter(found, header);
  const resized = loaded.ring.capacityBytes === capacityBytes
    ? undefined
    : resizeAndRecover(loaded.ring, found, capacityBytes, nextSeq);
  const dropped = found.count - (resized?.kept.count ?? found.count);
  if (dropped > 0 && !place.shrink) return makeTooSmall(place, loaded, dropped);
  const before = makeReport(loaded);
  const report = shouldKeepCopy(before) ? { ...before, ...copyDamagedFile(disk, path) } : before;
  removeIfPossible(disk, path + NEW_FILE_SUFFIX); // left by an interrupted change of size
  const renewed: FileHeader = {
    clean: false,
    generation: (header?.generation ?? 0) + 1,
    capacity: capacityBytes,
    logId: header?.logId ?? randomLogId(),
    created: header?.created ?? now,
    synced: nextSeq,
    boot: nextSeq,
    missing: found.missing,
    oldest: found.count > 0 ? found.seqs[0]! : nextSeq,
    database,
  };
  if (resized === undefined) {
    repairFile(openDurably(disk, path), loaded, renewed);
    loaded.ring.restoreContents({ ...found, nextSeq });
    return makeOpenLog(path, loaded.ring, renewed, report);
  }
  const { ring, kept } = resized;
  const larger = dropped > 0 ? keepCopies(place) : [];
  const changed = { ...renewed, missing: kept.missing, oldest: ring.oldestSeq };
  writeRingFile(path, changed, ring.area.bytes, disk);
  const resizedFrom = loaded.ring.capacityBytes;
  return makeOpenLog(path, ring, renewed, {
    ...report,
    recovered: kept.count,
    outgrown: dropped,
    resizedFrom,
    larger,
  });
}

/** A ring of `capacityBytes` with the newest records of `before` that fit; not on disk. */
function resizeAndRecover(
  before: Ring,
  found: RecoveredRecords,
  capacityBytes: number,
  nextSeq: number,
): { ring: Ring; kept: RecoveredRecords } {
  const ring = resizeRing(before.area, found, capacityBytes);
  const kept = recover(ring.area, { synced: nextSeq, oldest: 0, limit: nextSeq });
  ring.restoreContents({ ...kept, nextSeq });
  return { ring, kept };
}

/** Copies the file and the database beside it, which belong together; returns the paths of the copies. */
function keepCopies({ path, dir, disk, database, now }: OpenContext): string[] {
  const files = database === undefined ? [path] : [path, `${dir}/${STATE_FILE}`];
  return files.map((file) => {
    const copy = `${file}.before-${formatBasicTime(now)}`;
    copyDurably(disk, file, copy);
    return copy;
  });
}

function makeTooSmall(
  { path }: OpenContext,
  { found, ring: { capacityBytes: capacity } }: LoadedRingFile,
  dropped: number,
): TooSmall {
  const why = `${dropped} of its ${found.count} records do not fit the new size`;
  return { kind: "too_small", path, why, dropped, records: found.count, capacity };
}

/** ISO 8601 basic format in UTC, to the second: valid in a file name. */
function formatBasicTime(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
}

function makeReport({ header, found, cut }: LoadedRingFile): RecoveryReport {
  return {
    ...EMPTY_REPORT,
    recovered: found.count,
    damaged: found.damaged,
    newlyDamaged: Math.max(0, found.damaged - (header?.missing ?? 0)),
    isEndUncounted: found.isEndUncounted,
    unfinished: found.unfinished,
    torn: found.torn !== undefined,
    cut,
    headerLost: header === undefined,
    unclean: header?.clean === false,
  };
}

function makeOpenLog(
  path: string,
  ring: Ring,
  { logId, created }: Pick<FileHeader, "logId" | "created">,
  report: RecoveryReport,
): OpenLog {
  return {
    kind: "ok",
    ring,
    logId: logIdText(logId),
    path,
    createdAt: created,
    report,
    acceptedFault: undefined,
    reportLine: describeReport(report),
  };
}
