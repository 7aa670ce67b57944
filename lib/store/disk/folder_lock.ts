/**
 * Locks between processes (flock). The system releases the lock of a process when it ends, however that happens, so that
 * none is left behind.
 */

/** Longest wait for a process that holds the lock: it has been stopped, or its disk is. */
const MAX_LOCK_WAIT_MS = 1000;
const LOCK_PAUSE_MS = 2;

/**
 * Runs `act` while no other process is in such a call for `folder`. After `waitMs`, and where the file
 * system has no locks (Windows has none for folders), it runs without the lock. Calls must not be nested.
 */
export function withFolderLock<T>(folder: string, act: () => T, waitMs = MAX_LOCK_WAIT_MS): T {
  using _lock = lockFolder(folder, waitMs);
  return act();
}

function lockFolder(folder: string, waitMs: number): Deno.FsFile | undefined {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(folder, { read: true });
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let ms = 0; !file.tryLockSync(true) && ms < waitMs; ms += LOCK_PAUSE_MS) {
      Atomics.wait(pause, 0, 0, LOCK_PAUSE_MS);
    }
  } catch {
    // without a lock
  }
  return file;
}

/**
 * Takes the lock file at `path`, which is made, until it is closed or the process ends. Undefined: another process has it.
 * Throws disk errors.
 */
export function takeLockFile(path: string): Deno.FsFile | undefined {
  const file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
  try {
    if (file.tryLockSync(true)) return file;
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}
