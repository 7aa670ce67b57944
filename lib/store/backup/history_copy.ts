/** Copies the ring file together with the state of the archive that it follows. */
import { ARCHIVE_FILE, RING_FILE } from "../disk/data_dir.ts";
import { PLATFORM_DISK, removeIfPossible } from "../disk/disk.ts";
import { exists } from "./backup_files.ts";
import { BackupFault } from "./backup_fault.ts";
import { DatabaseSnapshot } from "./database_snapshot.ts";
import type { LongWork } from "./file_copy.ts";
import { copyRingFile, inspectRingFile, type RingFileCopy } from "./ring_copy.ts";

export interface HistoryOptions extends LongWork {
  readonly dataDir: string;
  readonly dir: string;
  /** The archive is left out. */
  readonly withoutArchive?: boolean;
}

export interface HistoryCopy {
  readonly ring: RingFileCopy;
  /** The archive as it was before the ring was copied; undefined: there is none, or it is left out. */
  readonly archive: DatabaseSnapshot | undefined;
}

/** Number of attempts until the log has not gone round while it was copied. */
const MAX_ATTEMPTS = 5;

const LEAVE_OUT_ADVICE = "or back up all else with --without-archive";

/** Whether the server has an archive that is not to be copied. */
export function leavesOutArchive({ dataDir, withoutArchive = false }: HistoryOptions): boolean {
  return withoutArchive && exists(`${dataDir}/${ARCHIVE_FILE}`);
}

/**
 * Holds the state of the archive and copies the ring file; the caller copies the archive, and closes it. If the log has
 * overwritten meanwhile what the archive did not have yet, both are taken again: the backup would have neither.
 */
export async function copyHistory(options: HistoryOptions): Promise<HistoryCopy> {
  const [from, to] = [options.dataDir, options.dir].map((dir) => `${dir}/${RING_FILE}`) as [string, string];
  let oldestBefore: number | undefined;
  for (let attempt = 1;; attempt++) {
    const archive = await holdArchive(options);
    try {
      const ring = await copyRingFile(from, to, RING_FILE, options);
      const copy = { ring, archive };
      requireSameLog(copy, options);
      if (isWhole(copy, oldestBefore)) return copy;
    } catch (error) {
      archive?.close();
      throw error;
    }
    archive?.close();
    if (attempt === MAX_ATTEMPTS) {
      throw new BackupFault("changing", `${from}: the log went round while it was copied; try again`);
    }
    removeIfPossible(PLATFORM_DISK, to);
    oldestBefore = inspectRingFile(from).oldest.seq;
  }
}

async function holdArchive(options: HistoryOptions): Promise<DatabaseSnapshot | undefined> {
  const path = `${options.dataDir}/${ARCHIVE_FILE}`;
  if (options.withoutArchive || !exists(path)) return undefined;
  const snapshot = await withArchiveAdvice(() => DatabaseSnapshot.open(path, "archive"));
  if (snapshot.archive !== undefined) return snapshot;
  snapshot.close(); // the file is empty: a server begins an archive in it
  return undefined;
}

/** Runs `act`, of which damage is damage of the archive: says what to do about it. */
export async function withArchiveAdvice<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof BackupFault) || error.kind !== "unsound") throw error;
    const advice = error.isForeign
      ? "the server does not use it: move it away"
      : "stop the server, then: chatterbox archive repair";
    throw new BackupFault("unsound", `${error.message}; ${advice}, ${LEAVE_OUT_ADVICE}`);
  }
}

/** A server that starts with the backup would put an archive of another log aside. */
function requireSameLog({ ring, archive }: HistoryCopy, { dataDir }: HistoryOptions): void {
  const known = archive?.archive?.logId;
  if (known === undefined || known === "" || known === ring.found.header?.logId) return;
  throw new BackupFault(
    "unsound",
    `${dataDir}/${ARCHIVE_FILE} belongs to another log (${known}): start the server, which sets it aside, ${LEAVE_OUT_ADVICE}`,
  );
}

/**
 * Whether the copy of the log begins where the archive ends, or before. Not so if the log has lost that already, or goes
 * on without an archive: then it began so, too (`oldestBefore`).
 */
function isWhole({ ring, archive }: HistoryCopy, oldestBefore: number | undefined): boolean {
  const { records, oldest } = ring.found;
  const cursor = archive?.archive?.cursor ?? Infinity;
  return records === 0 || oldest.seq <= cursor || oldestBefore !== undefined && oldestBefore > cursor;
}
