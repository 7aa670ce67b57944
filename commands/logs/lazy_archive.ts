/** The archive of a data folder, opened when it is needed: SQLite is loaded only then. */
import { UnreadableArchive } from "../../lib/store/archive/unreadable_archive.ts";
import { ARCHIVE_FILE } from "../../lib/store/disk/data_dir.ts";
import type { RoomArchive } from "./room_archive.ts";

export class LazyArchive {
  readonly #path: string;
  readonly #logId: string;
  readonly #onFailure: (path: string, why: string) => void;
  #opening: Promise<RoomArchive | undefined> | undefined;

  /** `onFailure` is told why an archive that is there cannot be read, or not to its end. */
  constructor(dataDir: string, logId: string, onFailure: (path: string, why: string) => void) {
    this.#path = `${dataDir}/${ARCHIVE_FILE}`;
    this.#logId = logId;
    this.#onFailure = onFailure;
  }

  /**
   * What `read` makes of the archive; undefined: there is none of the log, or it cannot be read. That is told once, and
   * it is not read any more.
   */
  async use<T>(read: (archive: RoomArchive) => T): Promise<T | undefined> {
    const archive = await this.#get();
    if (archive === undefined) return undefined;
    try {
      return read(archive);
    } catch (error) {
      return await this.#giveUp(error);
    }
  }

  /** The same of what `read` gives by and by. */
  async *follow<T, Result>(
    read: (archive: RoomArchive) => AsyncGenerator<T, Result>,
  ): AsyncGenerator<T, Result | undefined> {
    const archive = await this.#get();
    if (archive === undefined) return undefined;
    try {
      return yield* read(archive);
    } catch (error) {
      return await this.#giveUp(error);
    }
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
    this.#opening = undefined;
  }

  #get(): Promise<RoomArchive | undefined> {
    return this.#opening ??= this.#open();
  }

  async #open(): Promise<RoomArchive | undefined> {
    const { RoomArchive } = await import("./room_archive.ts");
    try {
      return RoomArchive.open(this.#path, this.#logId);
    } catch (error) {
      return this.#tell(error);
    }
  }

  async #giveUp(error: unknown): Promise<undefined> {
    await this.close();
    this.#opening = Promise.resolve(undefined);
    this.#tell(error);
  }

  /** Throws an error that is not the archive's. */
  #tell(error: unknown): undefined {
    if (!(error instanceof UnreadableArchive)) throw error;
    this.#onFailure(this.#path, error.message);
  }
}
