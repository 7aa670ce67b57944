/** Opens the archive of a data folder: beside its server, or with the folder locked against one. */
import type { DatabaseSync } from "node:sqlite";
import {
  EmptyArchive,
  isDamage,
  openArchiveForReading,
  WrongArchiveVersion,
} from "../../lib/store/archive/archive_schema.ts";
import { ARCHIVE_FILE, type DataDir, openDataDir, RING_FILE } from "../../lib/store/disk/data_dir.ts";
import { diskErrorText } from "../../lib/store/disk/disk_file.ts";
import { ArchiveFault } from "./archive_fault.ts";

/** Path of the archive in `dataDir`. */
export function archivePathIn(dataDir: string): string {
  return `${dataDir}/${ARCHIVE_FILE}`;
}

/** Throws an {@link ArchiveFault} if there is no file at `path`. */
export function requireArchive(path: string): void {
  try {
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new ArchiveFault("io", `${path}: ${diskErrorText(error)}`);
    }
    throw new ArchiveFault("none", `${path}: there is no archive (serve --archive writes one)`);
  }
}

/** Throws an {@link ArchiveFault} unless `dataDir` is a server's: it has a log, or an archive. */
export function requireServerFolder(dataDir: string): void {
  const isThere = [RING_FILE, ARCHIVE_FILE].some((name) => existsFile(`${dataDir}/${name}`));
  if (isThere) return;
  throw new ArchiveFault("none", `${dataDir} is not the data folder of a server: it has no ${RING_FILE}`);
}

function existsFile(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw new ArchiveFault("io", `${path}: ${diskErrorText(error)}`);
  }
}

/** Opens the archive at `path` for reading, also while a server writes it. Throws an {@link ArchiveFault}. */
export function openForReading(path: string): DatabaseSync {
  requireArchive(path);
  return withArchiveFaults(path, () => openArchiveForReading(path));
}

/** Runs `act` with `dataDir` locked: no server uses it. Throws an {@link ArchiveFault}. */
export async function withDataDir<T>(dataDir: string, act: (dir: DataDir) => Promise<T>): Promise<T> {
  const outcome = await openDataDir(dataDir);
  switch (outcome.kind) {
    case "ok":
      break;
    case "in_use": {
      const holder = outcome.pid === undefined ? "" : ` (process ${outcome.pid})`;
      throw new ArchiveFault("taken", `${dataDir} is in use by a server${holder}; stop it first`);
    }
    case "restoring":
      throw new ArchiveFault("taken", `${dataDir} is being restored, or that was interrupted`);
    case "unwritable":
      throw new ArchiveFault("taken", `${dataDir}: ${outcome.why}`);
  }
  try {
    return await act(outcome.dir);
  } finally {
    outcome.dir.close();
  }
}

/** Runs `act`; its errors are faults of the archive at `path`. */
function withArchiveFaults<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw toArchiveFault(path, error);
  }
}

/** How the platform words an error of the system for which it has no class. */
const OS_ERROR = /\(os error \d+\)/;

/** `error` as a fault of the file at `path`. */
export function toArchiveFault(path: string, error: unknown): unknown {
  if (error instanceof ArchiveFault || !(error instanceof Error)) return error;
  if (error instanceof WrongArchiveVersion) {
    return new ArchiveFault("unsound", describeWrongVersion(path, error));
  }
  if (error instanceof EmptyArchive) {
    return new ArchiveFault(
      "none",
      `${path}: the file is empty: there is no archive yet; a server begins it there`,
    );
  }
  if (isDamage(error)) {
    return new ArchiveFault("damaged", `${path}: it is damaged (${error.message}); ${REPAIR_ADVICE}`);
  }
  const isOfFile = Object.values(Deno.errors).some((kind) => error instanceof kind) ||
    "errcode" in error || "code" in error || OS_ERROR.test(error.message);
  return isOfFile ? new ArchiveFault("io", `${path}: ${diskErrorText(error)}`) : error;
}

function describeWrongVersion(path: string, { message, isForeign }: WrongArchiveVersion): string {
  const advice = isForeign
    ? "stop the server and move the file away: the server begins a new archive"
    : "use the version of ChatterBox that wrote it, or move the file away";
  return `${path}: ${message}; ${advice}`;
}

export const REPAIR_ADVICE = "stop the server, then: chatterbox archive repair";
