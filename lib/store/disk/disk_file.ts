/**
 * A file that is read and written by offset, completely or not at all. The calls block: at the start there is nothing
 * else to do, and later they run in the sync worker.
 */

import { AssertionFailure } from "../../base/assert.ts";

/** What the store needs of a file. Tests put a failing one in its place. */
export interface StoreFile {
  readonly size: number;
  /**
   * Fills `into` from `offset` on; the part beyond the end of the file stays unchanged. Returns the number of bytes
   * read.
   */
  readAt(offset: number, into: Uint8Array): number;
  writeAt(offset: number, bytes: Uint8Array): void;
  /** Returns once everything written is on the disk. */
  sync(): void;
  /** Why the path does not lead to this file any more; undefined if it does, or if that cannot be determined. */
  findReplacement(): string | undefined;
  close(): void;
}

export class DiskFile implements StoreFile {
  readonly #file: Deno.FsFile;
  /** Identifies the open file whatever happens to its path; both are null on platforms that have no such id. */
  readonly #id: Pick<Deno.FileInfo, "ino" | "dev">;

  private constructor(readonly path: string, options: Deno.OpenOptions) {
    this.#file = Deno.openSync(path, options);
    const { ino, dev } = this.#file.statSync();
    this.#id = { ino, dev };
  }

  static open(path: string, access: "read" | "write"): DiskFile {
    const { isFile, isDirectory, mode } = Deno.statSync(path);
    if (!isFile && !isDirectory) throw new Error("it is not a regular file"); // opening a pipe would wait for its writer
    if (access === "write" && isFile) restrictToOwner(path, mode);
    return new DiskFile(path, { read: true, write: access === "write" });
  }

  /** Creates a file for its owner only, replacing an existing one; a link is removed, not followed. */
  static create(path: string): DiskFile {
    try {
      if (!Deno.lstatSync(path).isDirectory) Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return new DiskFile(path, { read: true, write: true, createNew: true, mode: 0o600 });
  }

  get size(): number {
    return this.#file.statSync().size;
  }

  readAt(offset: number, into: Uint8Array): number {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    let done = 0;
    while (done < into.length) {
      const count = this.#file.readSync(into.subarray(done));
      if (count === null || count === 0) break;
      done += count;
    }
    return done;
  }

  writeAt(offset: number, bytes: Uint8Array): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) {
      const count = this.#file.writeSync(bytes.subarray(done));
      if (count === 0) throw new Error("no space left on the disk");
      done += count;
    }
  }

  sync(): void {
    this.#file.syncDataSync();
  }

  findReplacement(): string | undefined {
    let there: Deno.FileInfo;
    try {
      there = Deno.statSync(this.path);
    } catch (error) {
      const away = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
      return away ? "it was removed" : undefined; // no permission, for example: the open file still works
    }
    const same = there.ino === this.#id.ino && there.dev === this.#id.dev;
    return same ? undefined : "another file is in its place";
  }

  close(): void {
    this.#file.close();
  }
}

/** Makes the names in `folder` durable: only then is a rename on disk. Windows neither supports nor needs it. */
export function syncFolder(folder: string): void {
  if (Deno.build.os === "windows") return;
  using file = Deno.openSync(folder, { read: true });
  file.syncSync();
}

/** The text of a disk error. Rethrows errors that a disk cannot have caused: they are bugs. */
export function diskErrorText(error: unknown): string {
  const ours = [TypeError, RangeError, AssertionFailure].some((kind) => error instanceof kind);
  if (ours || !(error instanceof Error)) throw error;
  // The platform refuses access to the system's own folders (/proc, /sys, /dev), and its message names a flag of its
  // own.
  if (error instanceof Deno.errors.NotCapable) {
    return "it belongs to the system and holds no ChatterBox files";
  }
  return error.message;
}

/** A restored backup may be readable by other users; it holds direct messages. */
function restrictToOwner(path: string, mode: number | null): void {
  if (mode !== null && (mode & 0o077) !== 0) Deno.chmodSync(path, 0o600);
}
