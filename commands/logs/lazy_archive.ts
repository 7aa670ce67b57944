/** The archive of a data folder, opened when it is needed: SQLite is loaded only then. */
import { ARCHIVE_FILE } from "../../lib/store/disk/data_dir.ts";
import type { RoomArchive } from "./room_archive.ts";

export class LazyArchive {
  readonly #path: string;
  readonly #logId: string;
  readonly #onFailure: (path: string, why: string) => void;
  #opening: Promise<RoomArchive | undefined> | undefined;

  /** `onFailure` is told why an archive that is there cannot be read. */
  constructor(dataDir: string, logId: string, onFailure: (path: string, why: string) => void) {
    this.#path = `${dataDir}/${ARCHIVE_FILE}`;
    this.#logId = logId;
    this.#onFailure = onFailure;
  }

  /** Undefined: there is no archive of the log, or it cannot be read. */
  get(): Promise<RoomArchive | undefined> {
    return this.#opening ??= this.#open();
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
    this.#opening = undefined;
  }

  async #open(): Promise<RoomArchive | undefined> {
    const { RoomArchive } = await import("./room_archive.ts");
    const { diskErrorText } = await import("../../lib/store/disk/disk_file.ts");
    try {
      return RoomArchive.open(this.#path, this.#logId);
    } catch (error) {
      this.#onFailure(this.#path, diskErrorText(error));
      return undefined;
    }
  }
}
