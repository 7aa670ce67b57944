/**
 * What is no stream, in SQLite beside the ring file: `state.sqlite`. It holds facts: who has an account, what a room's topic
 * is, who is banned. What their values mean, the hub says.
 *
 *     log    id                       the log whose sequence numbers `seq` means; one row
 *     facts  kind, key, value (JSON), seq
 *
 * The ring file comes first: a fact is written, in one transaction with all others of its time, when the record that it
 * stands for is on disk. So the database never knows of anything that the log does not, and a crash between the two
 * leaves facts that are too old; the next start replays the log over them and saves what is newer.
 *
 * WAL, so that a crash in the middle of a transaction leaves the state before it; synchronous=FULL, so that a commit is
 * on disk when it returns (https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous).
 */
import { DatabaseSync } from "node:sqlite";
import type { FactRow } from "./fact_row.ts";

/** "CBST": ours among all SQLite files (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x43425354;
const SCHEMA_VERSION = 2;
/** Accounts' keys are in it: for its owner alone. */
const FILE_MODE = 0o600;

const FACTS = `
  CREATE TABLE facts (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
`;

const SCHEMA = `
  CREATE TABLE log (id TEXT NOT NULL) STRICT;
  INSERT INTO log VALUES ('');
  ${FACTS}
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Version 1 had a table of topics and nothing else. */
const FROM_VERSION_1 = `
  ${FACTS}
  INSERT INTO facts SELECT 'topic', room,
    json_object('name', name, 'topic', topic, 'source', source, 'time', time), seq FROM topics;
  DROP TABLE topics;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Throws what SQLite throws, and {@link WrongVersion}. */
export class StateDb {
  readonly #db: DatabaseSync;

  /** The database at `path`, made where there is none. */
  constructor(path: string) {
    Deno.openSync(path, { write: true, create: true, mode: FILE_MODE }).close(); // SQLite's own files get the same mode
    this.#db = new DatabaseSync(path);
    try {
      this.#prepare();
      this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    } catch (error) {
      this.#db.close();
      throw error;
    }
    if (Deno.build.os !== "windows") Deno.chmodSync(path, FILE_MODE); // it was made by an older version
  }

  /** All facts; `seq` is 0 where it is that of another log than `logId`. */
  facts(logId: string): FactRow[] {
    const same = this.#db.prepare("SELECT id FROM log").get()?.["id"] === logId;
    const rows = this.#db.prepare("SELECT kind, key, value, seq FROM facts").all();
    return (rows as unknown as FactRow[]).map((row) => ({ ...row, seq: same ? row.seq : 0 }));
  }

  /** Saves `rows` of the log `logId`, all or none. */
  save(rows: readonly FactRow[], logId: string): void {
    const db = this.#db;
    db.exec("BEGIN IMMEDIATE");
    try {
      if (db.prepare("UPDATE log SET id = ? WHERE id <> ?").run(logId, logId).changes > 0) {
        db.exec("UPDATE facts SET seq = 0");
      }
      const put = db.prepare("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)");
      const drop = db.prepare("DELETE FROM facts WHERE kind = ? AND key = ?");
      for (const { kind, key, value, seq } of rows) {
        if (value === undefined) drop.run(kind, key);
        else put.run(kind, key, value, seq);
      }
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
    else if (ours && version === 1) this.#db.exec(`BEGIN IMMEDIATE; ${FROM_VERSION_1} COMMIT`);
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
