/**
 * The data folder of one server: the ring file, the database beside it, and the lock that keeps a second server out.
 * The lock is the operating system's, on an open file, so it ends with the process, even in a crash. The process id
 * in the file is for people only.
 */
import { delay } from "../../base/delay.ts";
import { diskErrorText } from "./disk_file.ts";

export const RING_FILE = "log.ring";
/** SQLite database of facts: accounts, settings. */
export const STATE_FILE = "state.sqlite";
/** The self-signed certificate and its key. */
export const CERTIFICATE_FILE = "tls/certificate.pem";
export const CERTIFICATE_KEY_FILE = "tls/key.pem";
/** SQLite database of all history. */
export const ARCHIVE_FILE = "archive.sqlite";
export const LOCK_FILE = "chatterbox.lock";
/** There while a backup is restored into the folder: it is not complete, and no server starts. */
export const RESTORING_FOLDER = "restore.unfinished";

export interface DataDir {
  readonly path: string;
  readonly ringPath: string;
  readonly statePath: string;
  readonly archivePath: string;
  /** Releases the lock. */
  close(): void;
}

export type DataDirOutcome =
  | { readonly kind: "ok"; readonly dir: DataDir }
  /** Another server holds the lock; its process id, if it can be read. */
  | { readonly kind: "in_use"; readonly path: string; readonly pid: number | undefined }
  /** A restore into the folder was not finished. */
  | { readonly kind: "restoring"; readonly path: string }
  | { readonly kind: "unwritable"; readonly path: string; readonly why: string };

export type DataDirUse =
  | { readonly kind: "free" }
  /**
   * A server holds the lock; its process id, if it can be read. `isShared`: its ring is in shared memory, or will be
   * as soon as it has started.
   */
  | { readonly kind: "in_use"; readonly pid: number | undefined; readonly isShared: boolean }
  /** The lock cannot be read. */
  | { readonly kind: "unknown" };

/** Pause before the lock is tried again: a reader that asks for it ({@link findDataDirUse}) has it for a moment. */
const RETRY_MS = 20;

/** In the lock file, behind the process id of a server that shares its ring. */
const SHARED_MARK = "shm";

/**
 * Opens the folder and locks it for this process, which puts its ring into shared memory if `isShared`. A new folder is
 * accessible to its owner only.
 */
export async function openDataDir(path: string, isShared = false): Promise<DataDirOutcome> {
  let lock: Deno.FsFile | undefined;
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    lock = await Deno.open(`${path}/${LOCK_FILE}`, { read: true, write: true, create: true, mode: 0o600 });
    if (!await lock.tryLock(true) && !await delay(RETRY_MS).then(() => lock!.tryLock(true))) {
      const { pid } = readHolder(lock);
      lock.close();
      return { kind: "in_use", path, pid };
    }
    if (await isThere(`${path}/${RESTORING_FOLDER}`)) {
      lock.close();
      return { kind: "restoring", path };
    }
    await lock.truncate();
    await lock.write(new TextEncoder().encode(`${Deno.pid}${isShared ? ` ${SHARED_MARK}` : ""}\n`));
  } catch (error) {
    lock?.close();
    const isFile = error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory;
    return { kind: "unwritable", path, why: isFile ? "it is not a folder" : diskErrorText(error) };
  }
  const held = lock;
  const dir: DataDir = {
    path,
    ringPath: `${path}/${RING_FILE}`,
    statePath: `${path}/${STATE_FILE}`,
    archivePath: `${path}/${ARCHIVE_FILE}`,
    close: () => held.close(),
  };
  return { kind: "ok", dir };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether a server uses the folder at `path`, which is not changed. */
export function findDataDirUse(path: string): DataDirUse {
  let lock: Deno.FsFile | undefined;
  try {
    lock = Deno.openSync(`${path}/${LOCK_FILE}`);
    return lock.tryLockSync(false) ? { kind: "free" } : { kind: "in_use", ...readHolder(lock) };
  } catch {
    return { kind: "unknown" };
  } finally {
    lock?.close();
  }
}

function readHolder(lock: Deno.FsFile): { readonly pid: number | undefined; readonly isShared: boolean } {
  const bytes = new Uint8Array(32);
  let count: number | null = null;
  try {
    count = lock.readSync(bytes);
  } catch {
    // Windows does not allow reading a locked file
  }
  const [number = "", mark] = new TextDecoder().decode(bytes.subarray(0, count ?? 0)).trim().split(" ");
  const pid = Number.parseInt(number, 10);
  return { pid: Number.isSafeInteger(pid) ? pid : undefined, isShared: mark === SHARED_MARK };
}
