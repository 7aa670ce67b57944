/** Reads the manifest of a backup, and verifies its files by it. */
import { readProgramFile } from "../../cli/files/small_file.ts";
import { readArchivedLogId } from "../archive/archive_schema.ts";
import { RING_FILE } from "../disk/data_dir.ts";
import { diskErrorText } from "../disk/disk_file.ts";
import { isRecoverable } from "../ring_file/verification.ts";
import { exists } from "./backup_files.ts";
import { BackupFault, withPath } from "./backup_fault.ts";
import { digestFile } from "./file_copy.ts";
import type { LongWork } from "./file_copy.ts";
import {
  type Manifest,
  MANIFEST_FILE,
  MANIFEST_MAX_BYTES,
  type ManifestFile,
  parseManifest,
  UNFINISHED_FILE,
} from "./manifest.ts";
import { inspectRingFile } from "./ring_copy.ts";

/** The manifest of the complete backup in `dir`. Throws a {@link BackupFault}. */
export function readBackup(dir: string): Promise<Manifest> {
  return withPath(dir, () => {
    if (!Deno.statSync(dir).isDirectory) throw new BackupFault("unsound", `${dir} is not a folder`);
    if (exists(`${dir}/${UNFINISHED_FILE}`)) {
      throw new BackupFault("unsound", `${dir}: the backup was not finished`);
    }
    return readManifest(dir);
  });
}

function readManifest(dir: string): Manifest {
  const path = `${dir}/${MANIFEST_FILE}`;
  const read = readProgramFile(path, MANIFEST_MAX_BYTES);
  if (read.kind === "bad") {
    if (read.fault === "missing") {
      throw new BackupFault("unsound", `${dir} is not a backup: it has no ${MANIFEST_FILE}`);
    }
    throw new BackupFault(read.fault === "too_large" ? "unsound" : "io", `${path}: ${read.why}`);
  }
  const outcome = parseManifest(read.text);
  if (outcome.kind === "bad") throw new BackupFault("unsound", `${path}: ${outcome.why}`);
  return outcome.manifest;
}

/** Verifies every file of the backup in `dir`, finished or not. Throws a {@link BackupFault} for the first damaged one. */
export async function verifyBackup(dir: string, work: LongWork): Promise<Manifest> {
  const manifest = readManifest(dir);
  for (const file of manifest.files) await verifyFile(dir, file, work);
  verifyRingFile(`${dir}/${RING_FILE}`, manifest.logId);
  return manifest;
}

/** Verifies that the file at `path` is an archive of the log. SQLite may leave files beside it. */
export function verifyArchive(path: string, logId: string): void {
  let found: string;
  try {
    found = readArchivedLogId(path);
  } catch (error) {
    throw new BackupFault("unsound", `${path} is no sound archive: ${diskErrorText(error)}`);
  }
  if (found !== logId) throw new BackupFault("unsound", `${path} is not the archive of the log ${logId}`);
}

/** Verifies one file in `dir` by the manifest. `replaced`: its first bytes in the backup, if they differ here. */
export async function verifyFile(
  dir: string,
  { name, bytes, sha256 }: ManifestFile,
  work: LongWork,
  replaced?: Uint8Array,
): Promise<void> {
  const path = `${dir}/${name}`;
  if (!exists(path)) throw new BackupFault("unsound", `${path} is missing`);
  for (let part = path; part.length > dir.length; part = part.slice(0, part.lastIndexOf("/"))) {
    if (!Deno.lstatSync(part).isSymlink) continue;
    throw new BackupFault("unsound", `${part} is a symbolic link; a backup has the files themselves`);
  }
  const found = await withPath(path, () => digestFile(path, name, work, replaced));
  if (found.bytes !== bytes) {
    throw new BackupFault("unsound", `${path} is damaged: it has ${found.bytes} bytes instead of ${bytes}`);
  }
  if (found.sha256 !== sha256) throw new BackupFault("unsound", `${path} is damaged: its checksum is wrong`);
}

/** Verifies that a server can start with the ring file at `path`, and that it is that of the log. */
export function verifyRingFile(path: string, logId: string): void {
  const found = inspectRingFile(path);
  if (!isRecoverable(found)) throw new BackupFault("unsound", `${path} is damaged`);
  if (found.header?.logId !== logId) throw new BackupFault("unsound", `${path} is not the log ${logId}`);
}
