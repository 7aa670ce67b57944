/** The archive's files in the data folder. */
import { PLATFORM_DISK, removeIfPossible, syncParent } from "../../store/disk/disk.ts";

/** What SQLite keeps beside a database while it is open, and after a crash. */
const COMPANIONS = ["-wal", "-shm"];

/**
 * Moves the archive at `path` out of the way, to a name with the id of its log. Returns its new path. It is closed, so
 * all of it is in the one file, unless a crash has left a WAL file, which moves along.
 */
export function setArchiveAside(path: string, logId: string): string {
  const stem = path.replace(/\.sqlite$/, "");
  for (let copy = 1;; copy++) {
    const to = `${stem}-${logId}${copy === 1 ? "" : `-${copy}`}.sqlite`;
    if (exists(to)) continue;
    for (const companion of COMPANIONS) {
      if (exists(path + companion)) PLATFORM_DISK.rename(path + companion, to + companion);
    }
    PLATFORM_DISK.rename(path, to);
    removeIfPossible(PLATFORM_DISK, `${to}-shm`); // shared memory of processes that have ended
    syncParent(PLATFORM_DISK, path);
    return to;
  }
}

/** Bytes of the archive at `path`; 0: there is none. */
export function archiveBytes(path: string): number {
  let bytes = 0;
  for (const each of [path, `${path}-wal`]) if (exists(each)) bytes += Deno.statSync(each).size;
  return bytes;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
