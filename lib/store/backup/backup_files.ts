/** The files of a data folder that a backup holds: what a server needs to come back as itself. */
import { CLOAK_KEY_FILE } from "../disk/cloak_key.ts";
import {
  ARCHIVE_FILE,
  CERTIFICATE_FILE,
  CERTIFICATE_KEY_FILE,
  RING_FILE,
  STATE_FILE,
} from "../disk/data_dir.ts";

/** `small`: is never changed once it is there. */
export type BackupFileKind = "ring" | "database" | "small";

export interface BackupFile {
  /** Path below the data folder and below the backup. */
  readonly name: string;
  readonly kind: BackupFileKind;
}

export const BACKUP_FILES: readonly BackupFile[] = [
  { name: RING_FILE, kind: "ring" },
  { name: STATE_FILE, kind: "database" },
  { name: ARCHIVE_FILE, kind: "database" },
  { name: CLOAK_KEY_FILE, kind: "small" },
  { name: CERTIFICATE_FILE, kind: "small" }, // before its key, which a server makes first
  { name: CERTIFICATE_KEY_FILE, kind: "small" },
];

/** What SQLite may leave beside a database. A database with another one's is damaged. */
const DATABASE_SUFFIXES = ["", "-wal", "-shm", "-journal"];

/** The first file of a server in `dataDir`; undefined: there is none. Throws disk errors. */
export function findServerFile(dataDir: string): string | undefined {
  const paths = BACKUP_FILES.flatMap(({ name, kind }) =>
    (kind === "database" ? DATABASE_SUFFIXES : [""]).map((suffix) => `${dataDir}/${name}${suffix}`)
  );
  return paths.find(exists);
}

/** Whether there is anything at `path`, a link that leads nowhere included. Throws disk errors. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    const away = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (away) return false;
    throw error;
  }
}
