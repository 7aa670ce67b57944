/**
 * Restores a backup into a data folder that has no server's files. They are copied into a folder of their own in it,
 * and renamed when all are verified; while that folder is there, no server starts.
 *
 * Sequence numbers are never given twice (log/seq_jump.ts), also not by a server that goes on from a backup: the one
 * that was backed up may have given any number since, and may have been restarted after crashes.
 */
import { HOUR_MS } from "../../base/values/time_unit.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import {
  ARCHIVE_FILE,
  type DataDir,
  findDataDirUse,
  LOCK_FILE,
  openDataDir,
  RESTORING_FOLDER,
  RING_FILE,
} from "../disk/data_dir.ts";
import { syncFolder } from "../disk/disk_file.ts";
import { PLATFORM_DISK, removeIfPossible } from "../disk/disk.ts";
import type { FileHeader } from "../ring_file/file_header.ts";
import { changeHeader } from "../ring_file/header_change.ts";
import { makeFolderOf, refuseInside } from "./backup.ts";
import { exists, findServerFile } from "./backup_files.ts";
import { BackupFault, withPath } from "./backup_fault.ts";
import { readBackup, verifyArchive, verifyBackup, verifyFile, verifyRingFile } from "./backup_reader.ts";
import { checkInterrupted, copyFile, syncParentOf } from "./file_copy.ts";
import type { LongWork } from "./file_copy.ts";
import type { Manifest } from "./manifest.ts";

export interface RestoreOptions extends LongWork {
  /** The backup. */
  readonly dir: string;
  readonly dataDir: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Verifies the complete backup in `dir`; returns its manifest. Throws a {@link BackupFault}. */
export async function checkBackup(dir: string, work: LongWork): Promise<Manifest> {
  await readBackup(dir);
  return await verifyBackup(dir, work);
}

/**
 * Restores the backup, after it is verified; returns its manifest. Throws a {@link BackupFault}, and has restored
 * nothing then.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Manifest> {
  const { dir, dataDir } = options;
  await readBackup(dir); // a mistyped backup is told before anything else
  await withPath(dataDir, () => {
    const use = findDataDirUse(dataDir);
    if (use.kind === "in_use") throw describeUse(dataDir, use.pid);
    refuseServerFiles(dataDir);
    refuseInside(dataDir, dir);
  }, "taken");
  const manifest = await checkBackup(dir, options);
  const isNew = !exists(dataDir);
  const folder = await lockDataDir(dataDir);
  let isRestored = false;
  try {
    await withPath(dataDir, () => fillDataDir(options, manifest));
    isRestored = true;
  } finally {
    folder.close();
    if (isNew && !isRestored) {
      removeIfPossible(PLATFORM_DISK, `${dataDir}/${LOCK_FILE}`);
      removeIfPossible(PLATFORM_DISK, dataDir);
    }
  }
  return manifest;
}

function refuseServerFiles(dataDir: string): void {
  if (exists(`${dataDir}/${RESTORING_FOLDER}`)) {
    throw new BackupFault("taken", describeUnfinished(dataDir));
  }
  const path = findServerFile(dataDir);
  if (path === undefined) return;
  const advice = "nothing is overwritten; move it away, or name another folder with --data-dir";
  throw new BackupFault("taken", `${path} exists; ${advice}`);
}

function describeUnfinished(dataDir: string): string {
  return `a restore into ${dataDir} was not finished; remove the folder, or name another one with --data-dir`;
}

function describeUse(dataDir: string, pid: number | undefined): BackupFault {
  const by = pid === undefined ? "a server" : `a server (process ${pid})`;
  return new BackupFault("taken", `${dataDir} is in use by ${by}; name another folder with --data-dir`);
}

async function lockDataDir(dataDir: string): Promise<DataDir> {
  const outcome = await openDataDir(dataDir);
  switch (outcome.kind) {
    case "ok":
      return outcome.dir;
    case "in_use":
      throw describeUse(dataDir, outcome.pid);
    case "restoring":
      throw new BackupFault("taken", describeUnfinished(dataDir));
    case "unwritable":
      throw new BackupFault("taken", `${dataDir}: ${outcome.why}`);
  }
}

/** The caller holds the lock of the folder. */
async function fillDataDir(
  { dir, dataDir, now, ...work }: RestoreOptions,
  manifest: Manifest,
): Promise<void> {
  refuseServerFiles(dataDir); // a server may have been there until now
  const staging = `${dataDir}/${RESTORING_FOLDER}`;
  Deno.mkdirSync(staging, { mode: 0o700 });
  const created = [staging];
  try {
    syncFolder(dataDir);
    for (const { name } of manifest.files) {
      const [from, to] = [`${dir}/${name}`, `${staging}/${name}`];
      makeFolderOf(to);
      await withPath(from, () => copyFile(from, to, name, work));
    }
    const page = renumberRingFile(`${staging}/${RING_FILE}`, now - manifest.created);
    for (const file of manifest.files) {
      await verifyFile(staging, file, work, file.name === RING_FILE ? page : undefined);
    }
    verifyRingFile(`${staging}/${RING_FILE}`, manifest.logId);
    if (manifest.files.some(({ name }) => name === ARCHIVE_FILE)) {
      verifyArchive(`${staging}/${ARCHIVE_FILE}`, manifest.logId);
    }
    checkInterrupted(work);
    for (const { name } of manifest.files) {
      const to = `${dataDir}/${name}`;
      const folder = makeFolderOf(to);
      Deno.renameSync(`${staging}/${name}`, to);
      created.push(to);
      syncFolder(folder);
    }
    syncFolder(dataDir);
    await Deno.remove(staging, { recursive: true });
    syncFolder(dataDir);
    syncParentOf(dataDir);
  } catch (error) {
    // The folder that keeps servers from starting goes last.
    for (const path of created.reverse()) await Deno.remove(path, { recursive: true }).catch(() => {});
    throw error;
  }
}

/** Restarts after crashes since the backup that a restored log allows for: these, and one more for each hour. */
const RESTARTS = 16;
/** Restarts that a log can have, in all; there are twice as many numbers. */
const MAX_RESTARTS = 2 ** 20;

/**
 * Has the log go on with numbers that the server cannot have given since the backup was made, `age` milliseconds ago, even if
 * it has been restarted after crashes: at each such start the numbers go on {@link SEQ_JUMP} further. Returns the header
 * page that was there.
 */
function renumberRingFile(path: string, age: number): Uint8Array {
  const before = changeHeader(path, (header) => renumberHeader(header, age));
  if (before === undefined) throw new BackupFault("unsound", `${path} is damaged`);
  return before;
}

/** The header of a log that is restored `age` milliseconds after its backup was made. */
function renumberHeader(header: FileHeader, age: number): Partial<FileHeader> {
  const before = Math.floor(Math.max(header.boot, header.synced) / SEQ_JUMP);
  const since = RESTARTS + Math.max(0, Math.ceil(age / HOUR_MS));
  const boot = Math.min(before + since, MAX_RESTARTS) * SEQ_JUMP;
  return { clean: false, syncsFirst: false, boot: Math.max(header.boot, boot) };
}
