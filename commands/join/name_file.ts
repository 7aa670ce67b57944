/**
 * A file about a name on a server: `<folder>/<server>/<name>`, 0600, in folders of 0700. It is written as a whole, so that a
 * crash at any moment leaves the old text or the new one. Several processes may use one: a change that depends on what is
 * in the file is made under a lock ({@link NameFile.exclusively}).
 */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { readProgramFile } from "../../lib/cli/files/small_file.ts";
import type { SmallFileOutcome } from "../../lib/cli/files/small_file.ts";
import { encodeFileName, serverFolderName } from "../../lib/client/identity/file_names.ts";
import type { Address } from "../../lib/net/address.ts";
import { removeStaleDrafts, replaceFile } from "../../lib/store/disk/atomic_file.ts";
import { withFolderLock } from "../../lib/store/disk/folder_lock.ts";

/** Files of one name beside that of the name itself: what stands behind the `+` occurs in no encoded name. */
export type NameFileSuffix = `+${string}`;

export class NameFile {
  readonly path: string;
  readonly #folder: string;
  #isSwept = false;

  /** `folder`: of all files of this kind, in the state folder. Folders are made with the first text. */
  constructor(folder: string, address: Address, name: string, suffix: NameFileSuffix | "" = "") {
    this.#folder = `${folder}/${serverFolderName(address)}`;
    this.path = `${this.#folder}/${encodeFileName(name)}${suffix}`;
  }

  /** `isSecret`: a file that other users can read is not used. */
  read(maxBytes: number, isSecret = false): SmallFileOutcome {
    return readProgramFile(this.path, maxBytes, isSecret);
  }

  /** Runs `act` while no other process is in such a call for this folder. Throws disk errors. */
  exclusively<T>(act: () => T): T {
    this.makeFolder();
    return withFolderLock(this.#folder, act);
  }

  /** `isDurable`: as for {@link replaceFile}. Throws disk errors. */
  write(text: string, isDurable = true): void {
    this.makeFolder();
    replaceFile(this.path, text, isDurable);
  }

  /** Appends the line `text`; one before it that a crash has cut off keeps to itself. Throws disk errors. */
  appendLine(text: string): void {
    this.makeFolder();
    using file = Deno.openSync(this.path, { read: true, append: true, create: true, mode: 0o600 });
    const bytes = encodeUtf8(endsInLine(file) ? `\n${text}\n` : `${text}\n`);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  }

  /** Throws disk errors; that there is no file is none. */
  remove(): void {
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Makes the folder, and removes what processes that were killed have left in it. Throws disk errors. */
  makeFolder(): void {
    Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (!this.#isSwept) removeStaleDrafts(this.#folder);
    this.#isSwept = true;
  }
}

const LINE_FEED = 0x0a;

/** Whether the last line of `file` has no end. */
function endsInLine(file: Deno.FsFile): boolean {
  const { size } = file.statSync();
  if (size === 0) return false;
  const last = new Uint8Array(1);
  file.seekSync(size - 1, Deno.SeekMode.Start);
  return file.readSync(last) === 1 && last[0] !== LINE_FEED;
}
