/**
 * Brings topics to the state database: each when the record that it stands for is on disk, and all that are by then in one
 * transaction. SQLite is loaded with the first.
 */
import { STATE_FILE } from "./data_dir.ts";
import { reason } from "./disk_file.ts";
import type { Ring } from "../log/ring.ts";
import type { StateDb } from "./state_db.ts";
import type { TopicRow } from "./topic_row.ts";

export class TopicSaver {
  readonly #ring: Ring;
  readonly #path: string;
  readonly #logId: string;
  /** By room: the newest that is not saved. */
  readonly #waiting = new Map<string, TopicRow>();
  #db: StateDb | undefined;

  /** `path`: the database's. `logId`: of the log in `ring`. */
  constructor(ring: Ring, path: string, logId: string) {
    this.#ring = ring;
    this.#path = path;
    this.#logId = logId;
  }

  add(rows: readonly TopicRow[]): void {
    for (const row of rows) this.#waiting.set(row.room, row);
  }

  /** Saves what can be saved; the rest waits. Throws what the disk and SQLite throw: then all of it waits. */
  async save(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const { durableSeq } = this.#ring;
    const rows = [...this.#waiting.values()].filter(({ seq }) => seq < durableSeq);
    if (rows.length === 0) return;
    const { StateDb } = await import("./state_db.ts");
    try {
      this.#db ??= new StateDb(this.#path);
      this.#db.save(rows, this.#logId);
    } catch (error) {
      this.close();
      throw new Error(`${STATE_FILE}: ${reason(error)}`);
    }
    for (const row of rows) if (this.#waiting.get(row.room) === row) this.#waiting.delete(row.room);
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }
}
