/**
 * Fact store in SQLite: `state.sqlite`, beside the ring file. It holds facts: accounts, topics, bans. The hub defines
 * their values.
 *
 *     log       id                                        the log that the numbers `seq` belong to; one row
 *     database  id, saves, facts                          mark of this database (database_mark.ts), and its number of
 *                                                         facts; one row
 *     facts     kind, key, value (JSON), seq, key_crc, crc
 *
 * `key_crc` is the CRC-32 of kind and key, `crc` that of kind, key, value and seq, each separated by NUL.
 *
 * The ring file comes first: a fact is written, in one transaction with all others that are ready, once the record
 * that it follows from is durable. So the database never knows of an event that is missing from the log. A crash
 * between the two leaves facts that are out of date; the next start replays the log over them and saves the newer
 * ones.
 *
 * WAL: a crash in the middle of a transaction leaves the state before it. synchronous=FULL: a commit is on disk when
 * it returns (https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous).
 */
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "../../base/crc.ts";
import type { DatabaseMark, FactStore } from "../../log/fact_store.ts";
import type { SavedFact } from "../../log/fact.ts";

/** "CBST": marks the database as ChatterBox's (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x43425354;
const SCHEMA_VERSION = 3;
/** Owner only: the database holds the accounts' keys. */
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

/** Older version → the table of its facts, and the query that reads them. */
const OLDER_VERSIONS: Readonly<Record<number, { readonly table: string; readonly facts: string }>> = {
  // only topics
  1: {
    table: "topics",
    facts: `SELECT 'topic' AS kind, room AS key,
      json_object('name', name, 'topic', topic, 'source', source, 'time', time) AS value, seq FROM older`,
  },
  // no checksums and no mark
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

/** Throws errors of SQLite, {@link WrongDatabaseVersion} and {@link DamagedDatabase}. */
export class SqliteFactStore implements FactStore {
  readonly #db: DatabaseSync;

  /** Opens the database at `path`, and creates it if there is no file or an empty one. */
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
    for (const file of [path, `${path}-wal`, `${path}-shm`]) restrictFile(file); // files of an older version
  }

  /** False if there is no such file or the database has no table. Throws errors of SQLite. */
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

  /** The log that the facts' sequence numbers belong to; "" before the first save. */
  get logId(): string {
    return String(this.#one("SELECT id FROM log")["id"]);
  }

  /** All facts. Those with a damaged value have a `fault`. */
  readFacts(): SavedFact[] {
    const check = this.#db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (check !== "ok") throw new DamagedDatabase(String(check));
    const rows = this.#db.prepare("SELECT * FROM facts").all() as unknown as StoredFactRow[];
    const expected = this.#one("SELECT facts FROM database")["facts"];
    if (rows.length !== expected) throw new DamagedDatabase(`it holds ${rows.length} of ${expected} facts`);
    return rows.map(toSavedFact);
  }

  /** Saves `facts` of the log `logId`, all or none; returns the mark afterwards. */
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
      if (db.isTransaction) db.exec("ROLLBACK"); // on a full disk SQLite has rolled back already
      throw error;
    }
    return this.mark;
  }

  close(): void {
    this.#db.close();
  }

  /** For another log: its sequence numbers say nothing about facts saved earlier. A damaged fact stays damaged. */
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

  /** Takes over an older version's facts in one transaction. They are not checked: they have no checksums. */
  #upgrade(table: string, query: string): void {
    const facts = this.#db.prepare(query.replace("older", table)).all() as unknown as SavedFact[];
    const drop = `DROP TABLE ${table};`;
    this.#make(`${drop} ${FACTS_SCHEMA}`, facts);
  }

  #one(query: string): Record<string, unknown> {
    const row = this.#db.prepare(query).get();
    if (row === undefined) throw new DamagedDatabase("a table that must have one row is empty");
    return row;
  }

  #pragma(name: string): unknown {
    return this.#db.prepare(`PRAGMA ${name}`).get()?.[name];
  }
}

/** The mark of a database of facts that is open; undefined: it is another one, or of a version without marks. */
export function readDatabaseMark(db: DatabaseSync): DatabaseMark | undefined {
  const pragma = (name: string) => db.prepare(`PRAGMA ${name}`).get()?.[name];
  if (pragma("application_id") !== APPLICATION_ID || pragma("user_version") !== SCHEMA_VERSION) {
    return undefined;
  }
  const row = db.prepare("SELECT id, saves FROM database").get();
  return row && { id: String(row["id"]), saves: Number(row["saves"]) };
}

/** The database belongs to another program, or to another version of this one. */
export class WrongDatabaseVersion extends Error {
  override readonly name = "WrongDatabaseVersion";

  constructor(version: number | undefined) {
    super(
      version === undefined
        ? "it is another program's database"
        : `it has version ${version}; this program supports ${SCHEMA_VERSION}`,
    );
  }
}

/** The database is readable, but part of it is not what was written. */
export class DamagedDatabase extends Error {
  override readonly name = "DamagedDatabase";
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
    if (!(error instanceof Deno.errors.NotFound)) throw error; // SQLite creates these files when it needs them
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

/** Throws {@link DamagedDatabase} if the key is damaged: the fact could be about anything. */
function toSavedFact(row: StoredFactRow): SavedFact {
  const { kind, key, value, seq } = row;
  if (isChecksumValid(row)) return { kind, key, value, seq };
  if (keyCrc(kind, key) !== row.key_crc) {
    throw new DamagedDatabase(`the key of a fact is damaged: ${kind} ${key}`);
  }
  return { kind, key, value, seq: 0, fault: "its checksum does not match" };
}
