/**
 * The data folder of one server: the ring file, the database beside it, and the lock that keeps a second server out.
 * The lock is the operating system's, on an open file: it ends with the process, however that ends. The process id in
 * the file is for people only.
 */
import { diskErrorText } from "./disk_file.ts";

export const RING_FILE = "log.ring";
/** Accounts, settings: what is no stream. SQLite. */
export const STATE_FILE = "state.sqlite";
export const LOCK_FILE = "chatterbox.lock";

export interface DataDir {
  readonly path: string;
  readonly ringPath: string;
  readonly statePath: string;
  /** Gives up the lock. */
  close(): void;
}

export type DataDirOutcome =
  | { readonly kind: "ok"; readonly dir: DataDir }
  /** Another server has it; its process id, when it can be told. */
  | { readonly kind: "in_use"; readonly path: string; readonly pid: number | undefined }
  | { readonly kind: "unwritable"; readonly path: string; readonly why: string };

/** Opens the folder, for its owner alone if it has to be made, and locks it for this process. */
export async function openDataDir(path: string): Promise<DataDirOutcome> {
  let lock: Deno.FsFile | undefined;
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    lock = await Deno.open(`${path}/${LOCK_FILE}`, { read: true, write: true, create: true, mode: 0o600 });
    if (!await lock.tryLock(true)) {
      const pid = await readPid(lock);
      lock.close();
      return { kind: "in_use", path, pid };
    }
    await lock.truncate();
    await lock.write(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch (error) {
    lock?.close();
    return { kind: "unwritable", path, why: diskErrorText(error) };
  }
  const held = lock;
  const dir: DataDir = {
    path,
    ringPath: `${path}/${RING_FILE}`,
    statePath: `${path}/${STATE_FILE}`,
    close: () => held.close(),
  };
  return { kind: "ok", dir };
}

async function readPid(lock: Deno.FsFile): Promise<number | undefined> {
  const bytes = new Uint8Array(32);
  const count = await lock.read(bytes).catch(() => null); // Windows lets nobody read what is locked
  const pid = Number.parseInt(new TextDecoder().decode(bytes.subarray(0, count ?? 0)), 10);
  return Number.isSafeInteger(pid) ? pid : undefined;
}
