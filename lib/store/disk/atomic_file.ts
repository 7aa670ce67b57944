/**
 * Small files that are replaced as a whole: after a crash or on a full disk there is either the old content or the
 * new one. Mode 0600; on disk when a call returns, unless it says otherwise. All calls throw disk errors.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { PLATFORM_DISK, removeIfPossible, syncParent } from "./disk.ts";

/**
 * Prefix of a file until it gets its name. The folder may be writable by other users, so the rest of the name cannot
 * be guessed.
 */
export const DRAFT_PREFIX = ".new-";

/** Drafts older than this are left over from a process that was killed. */
const STALE_DRAFT_MS = 3_600_000;

/**
 * Writes `text` to `path`, replacing an existing file. `isDurable`: it outlives a power failure; else the end of the
 * program only, and nothing waits for the disk.
 */
export function replaceFile(path: string, text: string, isDurable = true): void {
  const draft = writeDraft(path, text, isDurable);
  discardOnError(draft, () => Deno.renameSync(draft, path));
  if (isDurable) syncParent(PLATFORM_DISK, path);
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
export function writeNewFile(path: string, text: string, isDurable = true): void {
  const file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  discardOnError(path, () => {
    using _closed = file;
    const bytes = encodeUtf8(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    if (isDurable) file.syncSync();
  });
}

/** Removes what processes that were killed have left in `folder` before it got its name. Throws disk errors. */
export function removeStaleDrafts(folder: string): void {
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (name.startsWith(DRAFT_PREFIX)) removeIfStale(`${folder}/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function removeIfStale(path: string): void {
  try {
    const written = Deno.statSync(path).mtime?.getTime() ?? Infinity;
    if (Date.now() - written > STALE_DRAFT_MS) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // it has got its name
  }
}

function writeDraft(path: string, text: string, isDurable = true): string {
  const draft = `${path.slice(0, path.lastIndexOf("/") + 1)}${DRAFT_PREFIX}${crypto.randomUUID()}`;
  writeNewFile(draft, text, isDurable);
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
