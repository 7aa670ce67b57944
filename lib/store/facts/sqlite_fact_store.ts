/**
 * What is no stream, in SQLite beside the ring file: `state.sqlite`. It holds facts: who has an account, what a room's topic
 * is, who is banned. What their values mean, the hub says.
 *
 *     log       id                                        the log whose sequence numbers `seq` means; one row
 *     database  id, saves, facts                          this database's mark (database_mark.ts), and how many facts it
 *                                                         holds; one row
 *     facts     kind, key, value (JSON), seq, key_crc, crc
 *
 * `key_crc` is the CRC-32 of kind and key, `crc` that of kind, key, value and seq; NUL stands between them.
 *
 * The ring file comes first: a fact is written, in one transaction with all others of its time, when the record that it
 * stands for is on disk. So the database never knows of anything that the log does not, and a crash between the two
 * leaves facts that are too old; the next start replays the log over them and saves what is newer.
 *
 * WAL, so that a crash in the middle of a transaction leaves the state before it; synchronous=FULL, so that a commit is
 * on disk when it returns (https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous).
 */
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "../../base/crc.ts";
import type { DatabaseMark } from "./database_mark.ts";
import type { SavedFact } from "../../log/fact.ts";

/** "CBST": ours among all SQLite files (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x43425354;
const SCHEMA_VERSION = 3;
/** Accounts' keys are in it: for its owner alone. */
const FILE_MODE = 0o600;
const ID_BYTES = 16;

const encoder = new TextEncoder();

const FACTS_SCHEMA = `
  CREATE TABLE facts (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL,
    key_crc INTEGER NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE database (id TEXT NOT NULL, saves INTEGER NOT NULL, facts INTEGER NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

const SCHEMA = `
  CREATE TABLE log (id TEXT NOT NULL) STRICT;
  INSERT INTO log VALUES ('');
  ${FACTS_SCHEMA}
  PRAGMA application_id = ${APPLICATION_ID};
`;

/** How the facts of an older version are read, and the table that held them. */
const OLDER_VERSIONS: Readonly<Record<number, { readonly table: string; readonly facts: string }>> = {
  // Topics and nothing else.
  1: {
    table: "topics",
    facts: `SELECT 'topic' AS kind, room AS key,
      json_object('name', name, 'topic', topic, 'source', source, 'time', time) AS value, seq FROM older`,
  },
  // No checksums and no mark.
  2: { table: "facts", facts: "SELECT kind, key, value, seq FROM older" },
};

/** A row of the table `facts`. */
interface StoredFactRow {
  readonly kind: string;
  readonly key: string;
  readonly value: string;
  readonly seq: number;
  readonly key_crc: number;
  readonly crc: number;
}

/** Throws what SQLite throws, {@link WrongDatabaseVersion} and {@link DamagedDatabase}. */
export class SqliteFactStore {
  readonly #db: DatabaseSync;

  /** The database at `path`, made where there is none, or an empty one. */
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
    for (const file of [path, `${path}-wal`, `${path}-shm`]) restrictFile(file); // an older version made it
  }

  /** False: no such file, or a database without a table. Throws what SQLite throws. */
  static hasDatabase(path: string): boolean {
    // SQLite deletes the WAL of an empty file when it opens it.
    if (!hasContent(path)) return false;
    const db = new DatabaseSync(path);
    try {
      return !hasNoTables(db);
    } finally {
      db.close();
    }
  }

  get mark(): DatabaseMark {
    const { id, saves } = this.#one("SELECT id, saves FROM database");
    return { id: String(id), saves: Number(saves) };
  }

  /** The log whose sequence numbers the facts have; "" before the first save. */
  get logId(): string {
    return String(this.#one("SELECT id FROM log")["id"]);
  }

  /** All facts. Those whose value cannot be vouched for say so in `fault`. */
  readFacts(): SavedFact[] {
    const check = this.#db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (check !== "ok") throw new DamagedDatabase(String(check));
    const rows = this.#db.prepare("SELECT * FROM facts").all() as unknown as StoredFactRow[];
    const expected = this.#one("SELECT facts FROM database")["facts"];
    if (rows.length !== expected) throw new DamagedDatabase(`it holds ${rows.length} facts of ${expected}`);
    return rows.map(toSavedFact);
  }

  /** Saves `facts` of the log `logId`, all or none; answers the mark after it. */
  save(facts: readonly SavedFact[], logId: string): DatabaseMark {
    const db = this.#db;
    db.exec("BEGIN IMMEDIATE");
    try {
      if (db.prepare("UPDATE log SET id = ? WHERE id <> ?").run(logId, logId).changes > 0) {
        this.#forgetNumbers();
      }
      const drop = db.prepare("DELETE FROM facts WHERE kind = ? AND key = ?");
      const put = db.prepare("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)");
      let more = 0;
      for (const { kind, key, value, seq } of facts) {
        more -= Number(drop.run(kind, key).changes);
        if (value === undefined) continue;
        put.run(kind, key, value, seq, keyCrc(kind, key), rowCrc(kind, key, value, seq));
        more++;
      }
      db.prepare("UPDATE database SET saves = saves + 1, facts = facts + ?").run(more);
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK"); // on a full disk SQLite has rolled back by itself
      throw error;
    }
    return this.mark;
  }

  close(): void {
    this.#db.close();
  }

  /** The log is another one: its numbers say nothing of facts that were saved before. A damaged fact stays damaged. */
  #forgetNumbers(): void {
    const rows = this.#db.prepare("SELECT * FROM facts").all() as unknown as StoredFactRow[];
    const set = this.#db.prepare("UPDATE facts SET seq = 0, crc = ? WHERE kind = ? AND key = ?");
    for (const { kind, key, value, ...row } of rows.filter(isChecksumValid)) {
      if (row.seq !== 0) set.run(rowCrc(kind, key, value, 0), kind, key);
    }
  }

  #prepare(): void {
    const version = Number(this.#pragma("user_version"));
    const ours = this.#pragma("application_id") === APPLICATION_ID;
    if (hasNoTables(this.#db)) this.#make(SCHEMA);
    else if (ours && OLDER_VERSIONS[version] !== undefined) {
      this.#upgrade(OLDER_VERSIONS[version].table, OLDER_VERSIONS[version].facts);
    } else if (!ours || version !== SCHEMA_VERSION) {
      throw new WrongDatabaseVersion(ours ? version : undefined);
    }
  }

  #make(schema: string, facts: readonly SavedFact[] = []): void {
    this.#db.exec(`BEGIN IMMEDIATE; ${schema}`);
    const id = crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
    this.#db.prepare("INSERT INTO database VALUES (?, 0, ?)").run(id, facts.length);
    const put = this.#db.prepare("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)");
    for (const { kind, key, value = "", seq } of facts) {
      put.run(kind, key, value, seq, keyCrc(kind, key), rowCrc(kind, key, value, seq));
    }
    this.#db.exec("COMMIT");
  }

  /** An older version's, in one transaction. What it holds is taken as it is: it has no checksums. */
  #upgrade(table: string, query: string): void {
    const facts = this.#db.prepare(query.replace("older", table)).all() as unknown as SavedFact[];
    const drop = `DROP TABLE ${table};`;
    this.#make(`${drop} ${FACTS_SCHEMA}`, facts);
  }

  #one(query: string): Record<string, unknown> {
    const row = this.#db.prepare(query).get();
    if (row === undefined) throw new DamagedDatabase("a table that has one row has none");
    return row;
  }

  #pragma(name: string): unknown {
    return this.#db.prepare(`PRAGMA ${name}`).get()?.[name];
  }
}

/** It is another program's database, or of another version of ours. */
export class WrongDatabaseVersion extends Error {
  override readonly name = "WrongVersion";

  constructor(version: number | undefined) {
    super(
      version === undefined
        ? "it is another program's database"
        : `it has version ${version}, this program knows ${SCHEMA_VERSION}`,
    );
  }
}

/** The database can be read, and something in it is not as it was written. */
export class DamagedDatabase extends Error {
  override readonly name = "Damaged";
}

function hasContent(path: string): boolean {
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) throw new Error("it is not a regular file");
    return size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function hasNoTables(db: DatabaseSync): boolean {
  return db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.["tables"] === 0;
}

function restrictFile(path: string): void {
  if (Deno.build.os === "windows") return;
  try {
    Deno.chmodSync(path, FILE_MODE);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // SQLite makes these files when it needs them
  }
}

function keyCrc(kind: string, key: string): number {
  return crc32(encoder.encode(`${kind}\0${key}`));
}

function rowCrc(kind: string, key: string, value: string, seq: number): number {
  return crc32(encoder.encode(`${kind}\0${key}\0${value}\0${seq}`));
}

function isChecksumValid({ kind, key, value, seq, crc }: StoredFactRow): boolean {
  return rowCrc(kind, key, value, seq) === crc;
}

/** A fact whose key cannot be vouched for could be about anything: throws {@link DamagedDatabase}. */
function toSavedFact(row: StoredFactRow): SavedFact {
  const { kind, key, value, seq } = row;
  if (isChecksumValid(row)) return { kind, key, value, seq };
  if (keyCrc(kind, key) !== row.key_crc) throw new DamagedDatabase(`the key of a fact: ${kind} ${key}`);
  return { kind, key, value, seq: 0, fault: "its checksum does not hold" };
}
