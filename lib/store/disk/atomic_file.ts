/**
 * Small files that are replaced as a whole: after a crash or on a full disk there is either the old content or the
 * new one. Mode 0600; on disk when a call returns. All calls throw disk errors.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { PLATFORM_DISK, removeIfPossible, syncParent } from "./disk.ts";

/**
 * Prefix of a file until it gets its name. The folder may be writable by other users, so the rest of the name cannot
 * be guessed.
 */
export const DRAFT_PREFIX = ".new-";

/** Writes `text` to `path`, replacing an existing file. */
export function replaceFile(path: string, text: string): void {
  const draft = writeDraft(path, text);
  discardOnError(draft, () => Deno.renameSync(draft, path));
  syncParent(PLATFORM_DISK, path);
}

/**
 * Writes `text` to `path` if no file is there; returns whether it did: of two processes that write the same path, one
 * gets true. The file system must have hard links.
 */
export function createFile(path: string, text: string): boolean {
  const draft = writeDraft(path, text);
  try {
    discardOnError(draft, () => Deno.linkSync(draft, path)); // unlike a rename, it fails if the path exists
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  Deno.removeSync(draft);
  syncParent(PLATFORM_DISK, path);
  return true;
}

/**
 * Writes `text` to a new file at `path`, and removes the file if that fails. A reader may see a part of the text
 * meanwhile. Throws `AlreadyExists` if the path exists.
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

/** Runs `act`. If it throws, `path` is removed and the error of `act` is rethrown, even if the removal fails. */
function discardOnError(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    removeIfPossible(PLATFORM_DISK, path);
    throw error;
  }
}
