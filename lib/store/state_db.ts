/**
 * What is no stream, in SQLite beside the ring file: `state.sqlite`. So far that is the rooms' topics, which would
 * otherwise be forgotten when the ring overwrites them.
 *
 *     log     id                                     the log whose sequence numbers `seq` means; one row
 *     topics  room (folded), name, topic, source, time (ms since the epoch), seq
 *
 * The ring file comes first: a row is written, in one transaction with all others of its time, when the record that it
 * stands for is on disk. So the database never knows of anything that the log does not, and a crash between the two
 * leaves rows that are too old; the next start replays the log over them and saves what is newer.
 *
 * WAL, so that a crash in the middle of a transaction leaves the state before it; synchronous=FULL, so that a commit is
 * on disk when it returns (https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous).
 */
import { DatabaseSync } from "node:sqlite";
import { MAX_TOPICS, type TopicRow } from "./topic_row.ts";

/** "CBST": ours among all SQLite files (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x43425354;
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE log (id TEXT NOT NULL) STRICT;
  INSERT INTO log VALUES ('');
  CREATE TABLE topics (
    room TEXT PRIMARY KEY, name TEXT NOT NULL, topic TEXT NOT NULL,
    source TEXT NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Throws what SQLite throws, and {@link WrongVersion}. */
export class StateDb {
  readonly #db: DatabaseSync;

  /** The database at `path`, made where there is none. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    try {
      this.#prepare();
      this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** All topics; `seq` is 0 where it is that of another log than `logId`. */
  topics(logId: string): TopicRow[] {
    const same = this.#db.prepare("SELECT id FROM log").get()?.["id"] === logId;
    const rows = this.#db.prepare("SELECT room, name, topic, source, time, seq FROM topics").all();
    return (rows as unknown as TopicRow[]).map((row) => ({ ...row, seq: same ? row.seq : 0 }));
  }

  /** Saves `rows` of the log `logId`, all or none. */
  save(rows: readonly TopicRow[], logId: string): void {
    const db = this.#db;
    db.exec("BEGIN IMMEDIATE");
    try {
      if (db.prepare("UPDATE log SET id = ? WHERE id <> ?").run(logId, logId).changes > 0) {
        db.exec("UPDATE topics SET seq = 0");
      }
      const put = db.prepare("INSERT OR REPLACE INTO topics VALUES (?, ?, ?, ?, ?, ?)");
      const drop = db.prepare("DELETE FROM topics WHERE room = ?");
      for (const { room, name, topic, source, time, seq } of rows) {
        if (topic === "") drop.run(room);
        else put.run(room, name, topic, source, time, seq);
      }
      db.prepare(
        "DELETE FROM topics WHERE room IN (SELECT room FROM topics ORDER BY time DESC LIMIT -1 OFFSET ?)",
      )
        .run(MAX_TOPICS);
      db.exec("COMMIT");
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  #prepare(): void {
    const version = this.#pragma("user_version");
    const ours = this.#pragma("application_id") === APPLICATION_ID;
    const empty = this.#db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.["tables"] === 0;
    if (empty) this.#db.exec(`BEGIN; ${SCHEMA} COMMIT`);
    else if (!ours || version !== SCHEMA_VERSION) throw new WrongVersion(ours ? Number(version) : undefined);
  }

  #pragma(name: string): unknown {
    return this.#db.prepare(`PRAGMA ${name}`).get()?.[name];
  }
}

/** It is another program's database, or of another version of ours. */
export class WrongVersion extends Error {
  override readonly name = "WrongVersion";

  constructor(version: number | undefined) {
    super(
      version === undefined
        ? "it is another program's database"
        : `it has version ${version}, this program knows ${SCHEMA_VERSION}`,
    );
  }
}
