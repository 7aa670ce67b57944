/**
 * What the store needs of a file system, and the platform's one. All calls block and throw the system's errors. Tests
 * put a failing disk in its place.
 */
import { DiskFile, type StoreFile, syncFolder } from "./disk_file.ts";

export interface Disk {
  /** Opens an existing file. Throws Deno.errors.NotFound if there is none. */
  open(path: string, access: "read" | "write"): StoreFile;
  /** Creates a file for its owner only, replacing an existing one. */
  create(path: string): StoreFile;
  /** Moves `from` to `to`, replacing it; durable once their folder is synced. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Copies `from` to `to`, replacing it; durable once the copy is synced. */
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

/** Makes a change of name durable, by syncing the folder of `path`. */
export function syncParent(disk: Disk, path: string): void {
  disk.syncFolder(path.slice(0, path.lastIndexOf("/")));
}

/**
 * Opens an existing file for writing and makes its name durable: the process that created it may have crashed before
 * it synced the folder.
 */
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

/** Removes an obsolete file; failure is ignored, also if there is no such file. */
export function removeIfPossible(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // A file that remains is overwritten when its name is used again.
  }
}

/** Copies `path` to `to`, replacing it; on disk when it returns. If it fails, `to` is unchanged. */
export function copyDurably(disk: Disk, path: string, to: string): void {
  const fresh = `${to}.new`;
  removeIfPossible(disk, fresh); // the copy would follow a link
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
