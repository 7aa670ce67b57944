/**
 * What the store needs of a file system, and the one beneath us. All calls block and throw what the system says; the
 * seam where a test puts a disk that fails.
 */
import { DiskFile, type StoreFile, syncFolder } from "./disk_file.ts";

export interface Disk {
  /** An existing file. Throws Deno.errors.NotFound where there is none. */
  open(path: string, access: "read" | "write"): StoreFile;
  /** A new file for its owner alone, in place of what there was. */
  create(path: string): StoreFile;
  /** Puts `from` in the place of `to`; durable once their folder is synced. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Writes a copy of `from` in the place of `to`; durable once it is synced. */
  copy(from: string, to: string): void;
  /** Makes the names in `folder` durable. */
  syncFolder(folder: string): void;
}

export const PLATFORM_DISK: Disk = {
  open: (path, access) => DiskFile.open(path, access),
  create: (path) => DiskFile.create(path),
  rename: (from, to) => Deno.renameSync(from, to),
  remove: (path) => Deno.removeSync(path),
  copy: (from, to) => Deno.copyFileSync(from, to),
  syncFolder,
};

/** Makes the change of a name durable: the folder that `path` lies in is synced. */
export function syncParent(disk: Disk, path: string): void {
  disk.syncFolder(path.slice(0, path.lastIndexOf("/")));
}

/** An existing file, to be written, whose name is durable: whoever put it there may have been cut off before seeing to that. */
export function openDurably(disk: Disk, path: string): StoreFile {
  const file = disk.open(path, "write");
  try {
    syncParent(disk, path);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Removes what is in the way or was left behind; that it can't be removed, or is not there, is no matter. */
export function removeIfPossible(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // It lies there still, and is overwritten by the next that is to have this name.
  }
}

/**
 * Keeps a copy of `path` under `to`, in place of what there was; on disk when it returns. One that fails leaves what was
 * under `to` as it was.
 */
export function copyDurably(disk: Disk, path: string, to: string): void {
  const fresh = `${to}.new`;
  removeIfPossible(disk, fresh); // a link would be followed
  try {
    disk.copy(path, fresh);
    const file = disk.open(fresh, "write");
    try {
      file.sync();
    } finally {
      file.close();
    }
    disk.rename(fresh, to);
  } catch (error) {
    removeIfPossible(disk, fresh);
    throw error;
  }
  syncParent(disk, to);
}
