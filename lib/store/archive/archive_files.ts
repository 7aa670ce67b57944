/** The files of an archive. */
import { PLATFORM_DISK, removeIfPossible, syncParent } from "../disk/disk.ts";

/** What SQLite keeps beside a database while it is open, and after a crash. */
const COMPANIONS = ["-wal", "-shm"];

/** What distinguishes a file from another one that takes its place. */
type FileIdentity = Pick<Deno.FileInfo, "ino" | "dev">;

/**
 * The files of an archive that is open. In WAL mode SQLite does not notice that they were removed or replaced, and goes
 * on with files that no path leads to.
 */
export class OpenFiles {
  readonly #path: string;
  readonly #identities: ReadonlyMap<string, FileIdentity | undefined>;

  /** `path`: of an archive that was just opened. */
  constructor(path: string) {
    this.#path = path;
    this.#identities = new Map(["", ...COMPANIONS].map((suffix) => [suffix, identityOf(path + suffix)]));
  }

  /** Whether the archive's path still leads to the file that is open. */
  get isInPlace(): boolean {
    return this.#isStill("");
  }

  /** Removes what is left beside the place of an archive that was moved: SQLite would add it to another archive. */
  removeCompanions(): void {
    for (const suffix of COMPANIONS) {
      if (this.#isStill(suffix)) removeIfPossible(PLATFORM_DISK, this.#path + suffix);
    }
  }

  #isStill(suffix: string): boolean {
    const [then, now] = [this.#identities.get(suffix), identityOf(this.#path + suffix)];
    return now !== undefined && now.ino === then?.ino && now.dev === then?.dev;
  }
}

/** Removes the archive at `path`; nothing happens if there is none. */
export function removeArchive(path: string): void {
  for (const file of [path, ...COMPANIONS.map((each) => path + each)]) removeIfPossible(PLATFORM_DISK, file);
}

/**
 * Moves the archive at `path`, which nothing has open, out of the way: to the same name with `label`. Returns its new
 * path. What a crash left in a WAL file moves along.
 */
export function setArchiveAside(path: string, label: string): string {
  const stem = path.replace(/\.sqlite$/, "");
  for (let copy = 1;; copy++) {
    const to = `${stem}-${label}${copy === 1 ? "" : `-${copy}`}.sqlite`;
    if (exists(to)) continue;
    for (const companion of COMPANIONS) {
      if (exists(path + companion)) PLATFORM_DISK.rename(path + companion, to + companion);
    }
    PLATFORM_DISK.rename(path, to);
    removeIfPossible(PLATFORM_DISK, `${to}-shm`); // shared memory of processes that have ended
    syncParent(PLATFORM_DISK, path);
    return to;
  }
}

/** Puts the archive at `from`, which nothing has open, at `path`, where there is none. */
export function putArchive(from: string, path: string): void {
  PLATFORM_DISK.rename(from, path);
  syncParent(PLATFORM_DISK, path);
}

/** Bytes of the archive at `path`; 0: there is none. */
export function archiveBytes(path: string): number {
  let bytes = 0;
  for (const each of [path, `${path}-wal`]) if (exists(each)) bytes += Deno.statSync(each).size;
  return bytes;
}

function exists(path: string): boolean {
  return identityOf(path) !== undefined;
}

/** Undefined: there is no file. */
function identityOf(path: string): FileIdentity | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
