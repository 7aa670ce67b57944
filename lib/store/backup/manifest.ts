/**
 * The manifest of a backup, `backup.json`: which files it holds, with their sizes and checksums. It is the last file to
 * be written.
 *
 *     {"format": 1, "program": "0.1.0", "log": "1k2x…", "created": "2025-03-01T02:00:00.000Z", "through": 4711,
 *      "files": [{"name": "log.ring", "bytes": 16781312, "sha256": "9f86…"}, …]}
 *
 * `log` is the id of the log. `through` is the sequence number of the last record in the backup; it holds every record
 * up to this one that the server still had. Accounts and settings may be newer. `"withoutArchive": true`: the server had
 * an archive, which is not in the backup.
 */
import { RING_FILE } from "../disk/data_dir.ts";
import { BACKUP_FILES } from "./backup_files.ts";
import type { FileDigest } from "./file_copy.ts";

export const MANIFEST_FILE = "backup.json";
/** There until the backup is complete. */
export const UNFINISHED_FILE = "backup.unfinished";
const MANIFEST_FORMAT = 1;
export const MANIFEST_MAX_BYTES = 64 * 1024;

export interface Manifest {
  /** Version of the program that made the backup. */
  readonly program: string;
  readonly logId: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly through: number;
  readonly files: readonly ManifestFile[];
  /** The server had an archive, which was left out. */
  readonly isWithoutArchive: boolean;
}

export interface ManifestFile extends FileDigest {
  /** One of {@link BACKUP_FILES}. */
  readonly name: string;
}

export type ManifestOutcome =
  | { readonly kind: "ok"; readonly manifest: Manifest }
  | { readonly kind: "bad"; readonly why: string };

export function encodeManifest(manifest: Manifest): string {
  const { program, logId, created, through, files, isWithoutArchive } = manifest;
  const value = {
    format: MANIFEST_FORMAT,
    program,
    log: logId,
    created: new Date(created).toISOString(),
    through,
    ...isWithoutArchive && { withoutArchive: true },
    files,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Reads a manifest. The names of its files are known ones, so none of them leads out of a folder. */
export function parseManifest(text: string): ManifestOutcome {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad("it is not JSON");
  }
  if (!isObject(value) || !isCount(value["format"])) return bad("it is not the manifest of a backup");
  const { format, program, log, created, through, files } = value;
  if (format !== MANIFEST_FORMAT) {
    const by = typeof program === "string" ? `ChatterBox ${program}` : "another version of ChatterBox";
    return bad(`it has format version ${format}, made by ${by}; this program supports ${MANIFEST_FORMAT}`);
  }
  const time = typeof created === "string" ? Date.parse(created) : NaN;
  if (typeof program !== "string" || typeof log !== "string" || Number.isNaN(time) || !isCount(through)) {
    return bad("a field is missing or invalid");
  }
  if (!Array.isArray(files) || !files.every(isManifestFile)) return bad("its list of files is invalid");
  const names = new Set(files.map(({ name }) => name));
  if (names.size < files.length || !names.has(RING_FILE)) return bad("its list of files is invalid");
  return {
    kind: "ok",
    manifest: {
      program,
      logId: log,
      created: time,
      through,
      files,
      isWithoutArchive: value["withoutArchive"] === true,
    },
  };
}

function bad(why: string): ManifestOutcome {
  return { kind: "bad", why };
}

function isManifestFile(value: unknown): value is ManifestFile {
  if (!isObject(value)) return false;
  const { name, bytes, sha256 } = value;
  return BACKUP_FILES.some((file) => file.name === name) && isCount(bytes) &&
    typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
