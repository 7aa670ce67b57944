/**
 * Small files that are written whole: a crash, or a disk that is full, leaves the old content or the new one, and
 * nothing half made. Mode 0600; on disk when a call returns. All calls throw what the disk says.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { PLATFORM_DISK, removeIfPossible, syncParent } from "./disk.ts";

/** A file on its way to its name; its folder may be one that others write to, so the name cannot be guessed. */
export const DRAFT_PREFIX = ".new-";

/** Writes `text` to `path` in place of what was there. */
export function replaceFile(path: string, text: string): void {
  const draft = writeDraft(path, text);
  discardOnError(draft, () => Deno.renameSync(draft, path));
  syncParent(PLATFORM_DISK, path);
}

/**
 * Writes `text` to `path` where nothing is, and answers whether that was so: of two processes that write the same path
 * one gets true. The file system must have hard links.
 */
export function createFile(path: string, text: string): boolean {
  const draft = writeDraft(path, text);
  try {
    discardOnError(draft, () => Deno.linkSync(draft, path)); // unlike a rename, it fails where there is one
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  Deno.removeSync(draft);
  syncParent(PLATFORM_DISK, path);
  return true;
}

/**
 * Writes `text` to a new file at `path`, and removes it again where that fails. A reader may see a part of it meanwhile.
 * Throws `AlreadyExists` where there is one.
 */
export function writeNewFile(path: string, text: string): void {
  const file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  discardOnError(path, () => {
    using _closed = file;
    const bytes = encodeUtf8(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  });
}

function writeDraft(path: string, text: string): string {
  const draft = `${path.slice(0, path.lastIndexOf("/") + 1)}${DRAFT_PREFIX}${crypto.randomUUID()}`;
  writeNewFile(draft, text);
  return draft;
}

/** Runs `act`; where it throws, `path` is removed, and the error is that of `act` whatever becomes of the removal. */
function discardOnError(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    removeIfPossible(PLATFORM_DISK, path);
    throw error;
  }
}
