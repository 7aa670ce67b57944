/**
 * Opens a log from its ring file, either for a server, which continues to write it, or read-only.
 *
 * Opening loses nothing: a faulty file is copied to `….broken` before it is changed, a file that is not a ring file
 * is left alone, and a crash in the middle of any change leaves a file that opens again.
 */
import { assert } from "../../base/assert.ts";
import { Ring } from "../../log/ring.ts";
import { RING_FILE, STATE_FILE } from "../disk/data_dir.ts";
import type { DatabaseMark } from "../../log/fact_store.ts";
import { type DatabaseFault, findDatabaseFault } from "../facts/database_mark.ts";
import { copyDurably, type Disk, openDurably, PLATFORM_DISK, removeIfPossible } from "../disk/disk.ts";
import { diskErrorText, type StoreFile } from "../disk/disk_file.ts";
import { type FileHeader, FORMAT_VERSION, logIdText, parseLogId, randomLogId } from "./file_header.ts";
import { recover, type RecoveredRecords } from "./recovery.ts";
import type { OpenLogFault, TooSmall } from "./open_log_fault.ts";
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

export type OpenLogOutcome = OpenLog | OpenLogFault;
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
  /** The server shows a record only when a sync has covered it. Default: false. */
  readonly syncsFirst?: boolean;
  /** Open the log whatever fault the database has; the log belongs to this database from then on. */
  readonly acceptDatabase?: boolean;
  /**
   * The file is a copy of this log, which is elsewhere: one that is not whole, or has another capacity, is kept beside it
   * and begun anew. The next record follows the last one. It has no other numbers than those of that log.
   */
  readonly copyOf?: LogIdentity | undefined;
  /** Default: the platform's. */
  readonly disk?: Disk;
}

export interface LogIdentity {
  /** As in {@link OpenLog}. */
  readonly logId: string;
  readonly createdAt: number;
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
        const taken = place.copyOf
          ? openCopy(place, loaded, place.copyOf)
          : prepareForAppending(place, loaded);
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

/** Opens the copy of a log that is elsewhere. */
function openCopy(place: OpenContext, loaded: LoadedRingFile, { logId }: LogIdentity): OpenLogOutcome {
  const { header, found, ring, cut } = loaded;
  const isOther = header !== undefined && logIdText(header.logId) !== logId;
  if (isOther && found.count > 0) {
    return { kind: "other_log", path: place.path, why: "it is the log of another server" };
  }
  const isWhole = header !== undefined && !isOther && cut === 0 && found.missing <= header.missing &&
    ring.capacityBytes === place.capacityBytes;
  if (isWhole && found.count > 0) return prepareForAppending(place, loaded);
  const before = makeReport(loaded);
  const report = found.count === 0 ? before : { ...before, ...copyDamagedFile(place.disk, place.path) };
  return { ...createLog(place), reportLine: describeReport({ ...report, recovered: 0, created: true }) };
}

function createLog({ path, capacityBytes, now, disk, database, copyOf, syncsFirst }: OpenContext): OpenLog {
  const ring = Ring.create(capacityBytes);
  const synced = ring.nextSeq;
  const capacity = capacityBytes;
  const header = {
    clean: false,
    syncsFirst: syncsFirst === true,
    generation: 1,
    capacity,
    logId: copyOf === undefined ? randomLogId() : requireLogId(copyOf.logId),
    created: copyOf?.createdAt ?? now,
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
  const { path, now, disk, database, syncsFirst = false } = place;
  const { header, found, cut } = loaded;
  const capacityBytes = place.keepLarger
    ? Math.max(place.capacityBytes, loaded.ring.capacityBytes)
    : place.capacityBytes;
  const trusted = cut > 0 && header !== undefined ? { ...header, syncsFirst: false } : header;
  const nextSeq = place.copyOf ? found.newest + 1 : nextSeqAfter(found, trusted);
  const resized = loaded.ring.capacityBytes === capacityBytes
    ? undefined
    : resizeAndRecover(loaded.ring, found, capacityBytes, nextSeq);
  const dropped = found.count - (resized?.kept.count ?? found.count);
  if (dropped > 0 && !place.shrink) return makeTooSmall(place, loaded, dropped);
  const lostNothing = trusted?.syncsFirst === true && nextSeq === found.newest + 1;
  const before = { ...makeReport(loaded), lostNothing };
  const report = shouldKeepCopy(before) ? { ...before, ...copyDamagedFile(disk, path) } : before;
  removeIfPossible(disk, path + NEW_FILE_SUFFIX); // left by an interrupted change of size
  const renewed: FileHeader = {
    clean: false,
    syncsFirst,
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

function requireLogId(text: string): bigint {
  const id = parseLogId(text);
  assert(id !== undefined, "the id of a log");
  return id;
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
