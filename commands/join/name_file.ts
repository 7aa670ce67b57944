/**
 * A file about a name on a server: `<folder>/<server>/<name>`, 0600, in folders of 0700. It is written as a whole, so that a
 * crash at any moment leaves the old text or the new one.
 */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { readProgramFile } from "../../lib/cli/files/small_file.ts";
import type { SmallFileOutcome } from "../../lib/cli/files/small_file.ts";
import { encodeFileName, serverFolderName } from "../../lib/client/identity/file_names.ts";
import type { Address } from "../../lib/net/address.ts";
import { replaceFile } from "../../lib/store/disk/atomic_file.ts";

export class NameFile {
  readonly path: string;
  readonly #folder: string;

  /** `folder`: of all files of this kind, in the state folder. Folders are made with the first text. */
  constructor(folder: string, address: Address, name: string) {
    this.#folder = `${folder}/${serverFolderName(address)}`;
    this.path = `${this.#folder}/${encodeFileName(name)}`;
  }

  /** `isSecret`: a file that other users can read is not used. */
  read(maxBytes: number, isSecret = false): SmallFileOutcome {
    return readProgramFile(this.path, maxBytes, isSecret);
  }

  /** Throws disk errors. */
  write(text: string): void {
    this.#makeFolder();
    replaceFile(this.path, text);
  }

  /** Throws disk errors. */
  append(text: string): void {
    this.#makeFolder();
    using file = Deno.openSync(this.path, { append: true, create: true, mode: 0o600 });
    const bytes = encodeUtf8(text);
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

  #makeFolder(): void {
    Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }
}
