/**
 * Makes a backup of a data folder, whether a server uses it or not.
 *
 * The order makes the files fit together. First the archive's state is held, then the ring file is copied: the archive
 * follows the log, so the copy of the ring has all that the archive lacks. Then the facts are copied: they may be newer
 * than the log, but not older (facts/database_mark.ts). The held state of the archive is copied last, because it takes
 * longest.
 */
import type { DatabaseMark } from "../../log/fact_store.ts";
import { replaceFile, writeNewFile } from "../disk/atomic_file.ts";
import { ARCHIVE_FILE, RING_FILE, STATE_FILE } from "../disk/data_dir.ts";
import { diskErrorText, syncFolder } from "../disk/disk_file.ts";
import { findDatabaseFault } from "../facts/database_mark.ts";
import { BACKUP_FILES, exists } from "./backup_files.ts";
import { BackupFault, withPath } from "./backup_fault.ts";
import { verifyBackup } from "./backup_reader.ts";
import { DatabaseSnapshot } from "./database_snapshot.ts";
import { checkInterrupted, copyFile, digestFile, syncParentOf } from "./file_copy.ts";
import type { FileDigest } from "./file_copy.ts";
import { copyHistory, type HistoryOptions, leavesOutArchive, withArchiveAdvice } from "./history_copy.ts";
import {
  encodeManifest,
  type Manifest,
  MANIFEST_FILE,
  type ManifestFile,
  UNFINISHED_FILE,
} from "./manifest.ts";

/** `dir` must not exist, or be empty. */
export interface BackupOptions extends HistoryOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Version of this program. */
  readonly program: string;
}

const UNFINISHED_TEXT = "This backup is not complete. Remove the folder, and make the backup again.\n";

/**
 * Makes a backup and verifies it; returns its manifest. Throws a {@link BackupFault}, and has removed then what it
 * made.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { dataDir, dir } = options;
  const ring = `${dataDir}/${RING_FILE}`;
  if (!await withPath(ring, () => exists(ring))) {
    throw new BackupFault("io", `${dataDir} is not the data folder of a server: it has no ${RING_FILE}`);
  }
  await withPath(dir, () => refuseInside(dir, dataDir), "taken");
  const isNew = await withPath(dir, () => createTarget(dir), "taken");
  try {
    return await withPath(dir, () => fillTarget(options));
  } catch (error) {
    await removeTarget(dir, isNew);
    throw error;
  }
}

/** Makes the folder, for its owner only; returns whether it was not there. */
function createTarget(dir: string): boolean {
  let isNew = true;
  try {
    Deno.mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new BackupFault("taken", describeMissingParent(dir));
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    isNew = false;
    if (!Deno.statSync(dir).isDirectory) {
      throw new BackupFault("taken", `${dir} is not a folder; name one that does not exist yet`);
    }
    const [first] = Deno.readDirSync(dir);
    if (first !== undefined) throw new BackupFault("taken", describeTaken(dir));
    if (Deno.build.os !== "windows") Deno.chmodSync(dir, 0o700);
  }
  return isNew;
}

/** Refuses the folder `dir` if it would be below `outer`: what copies or removes one would do so with the other. */
export function refuseInside(dir: string, outer: string): void {
  const within = Deno.realPathSync(outer);
  let nearest = dir;
  while (!exists(nearest)) nearest = parentOf(nearest);
  let path = Deno.realPathSync(nearest);
  if (nearest === dir) path = parentOf(path);
  for (; path !== within; path = parentOf(path)) if (path === parentOf(path)) return;
  throw new BackupFault("taken", `${dir} is inside of ${outer}; name a folder elsewhere`);
}

function parentOf(path: string): string {
  const parent = path.replace(/[^/]+\/*$/, "").replace(/(?<=.)\/+$/, "");
  return parent === "" ? "." : parent;
}

function describeMissingParent(dir: string): string {
  return `${dir} cannot be made: the folder ${parentOf(dir)} does not exist`;
}

function describeTaken(dir: string): string {
  if (exists(`${dir}/${UNFINISHED_FILE}`)) {
    return `${dir} holds a backup that was not finished; remove it, or name another folder`;
  }
  return `${dir} is not empty; name a folder that does not exist yet`;
}

/** Removes an unfinished backup. What cannot be removed stays, with the file that says so. */
async function removeTarget(dir: string, isNew: boolean): Promise<void> {
  try {
    for (const { name } of Deno.readDirSync(dir)) {
      if (name !== UNFINISHED_FILE) await Deno.remove(`${dir}/${name}`, { recursive: true });
    }
    if (exists(`${dir}/${UNFINISHED_FILE}`)) await Deno.remove(`${dir}/${UNFINISHED_FILE}`);
    if (isNew) await Deno.remove(dir);
  } catch (error) {
    diskErrorText(error); // a disk error: the one that led here is reported
  }
}

async function fillTarget(options: BackupOptions): Promise<Manifest> {
  const { dir, program, now: created } = options;
  writeNewFile(`${dir}/${UNFINISHED_FILE}`, UNFINISHED_TEXT);
  syncFolder(dir);
  const { ring, archive } = await copyHistory(options);
  try {
    const { header, newest } = ring.found;
    const files: ManifestFile[] = [{ name: RING_FILE, ...ring.digest }];
    files.push(...await copyFacts(options, header?.database));
    if (archive !== undefined) {
      await withArchiveAdvice(() => archive.copyTo(`${dir}/${ARCHIVE_FILE}`, ARCHIVE_FILE, options));
      files.push({
        name: ARCHIVE_FILE,
        ...await digestFile(`${dir}/${ARCHIVE_FILE}`, ARCHIVE_FILE, options),
      });
    }
    files.push(...await copySmallFiles(options));
    const manifest = {
      program,
      logId: header!.logId,
      created,
      through: newest.seq,
      files,
      isWithoutArchive: leavesOutArchive(options),
    };
    replaceFile(`${dir}/${MANIFEST_FILE}`, encodeManifest(manifest));
    await verifyBackup(dir, options);
    checkInterrupted(options);
    await Deno.remove(`${dir}/${UNFINISHED_FILE}`);
    syncFolder(dir);
    syncParentOf(dir);
    return manifest;
  } finally {
    archive?.close();
  }
}

/** Copies the facts of a log that knows the database `known`. */
async function copyFacts(options: BackupOptions, known: DatabaseMark | undefined): Promise<ManifestFile[]> {
  const [from, to] = [`${options.dataDir}/${STATE_FILE}`, `${options.dir}/${STATE_FILE}`];
  const isThere = exists(from);
  let found: DatabaseMark | undefined;
  if (isThere) {
    const snapshot = await DatabaseSnapshot.open(from);
    try {
      found = await snapshot.copyTo(to, STATE_FILE, options);
    } finally {
      snapshot.close();
    }
  }
  const fault = findDatabaseFault(known, found);
  if (fault !== undefined) {
    const why = fault === "older"
      ? "an older copy"
      : fault === "another"
      ? "not the one of this log"
      : "missing";
    throw new BackupFault("unsound", `${from} is ${why}; a server would not start with it`);
  }
  return isThere ? [{ name: STATE_FILE, ...await digestFile(to, STATE_FILE, options) }] : [];
}

async function copySmallFiles(options: BackupOptions): Promise<ManifestFile[]> {
  const copied: ManifestFile[] = [];
  const folders = new Set<string>();
  for (const { name } of BACKUP_FILES.filter(({ kind }) => kind === "small")) {
    const [from, to] = [`${options.dataDir}/${name}`, `${options.dir}/${name}`];
    if (!exists(from)) continue;
    folders.add(makeFolderOf(to));
    const digest: FileDigest = await withPath(from, () => copyFile(from, to, name, options));
    copied.push({ name, ...digest });
  }
  folders.forEach(syncFolder);
  return copied;
}

/** Makes the folder of the file at `path`, for its owner only. */
export function makeFolderOf(path: string): string {
  const folder = path.slice(0, path.lastIndexOf("/"));
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
