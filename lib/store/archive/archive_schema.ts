/**
 * The archive's database: `archive.sqlite`, beside the ring file. It holds the records of the log by conversation.
 *
 *     archive       log_id, cursor, known_from, repeated_until, changes_from   one row
 *     record        seq, time, kind, conversations, indexed, payload
 *     conversation  id, kind, owner, name, shown, retired, last_seq, last_time, pruned_until
 *     entry         conversation, kind, seq                   what a record is in a conversation
 *     clock_break   conversation, seq                         from here on times do not decrease until the next break
 *     member        nick, conversation                        channels that a user is in
 *     redacted      seq                                       what no import brings back
 *     former_name   name, until                               the same of channels (former_name_table.ts)
 *     loss          first, until, why                         records that the archive does not hold
 *     index_part    id, first, time, messages                 parts of the full-text index (archive_index.ts)
 *
 * `kind` and `conversations` (ids, separated by spaces) of a record are what `entry` says, seen from the record. No id
 * is given twice (AUTOINCREMENT). `name` is folded, `shown` the spelling. Of a `retired` conversation nothing is read.
 * `pruned_until`: entries of the conversation below this number may have been pruned.
 *
 * `cursor`: every record below this number is handled.
 * `known_from`: of the channels that lost their rights before this number, the archive holds nothing that can be read.
 * `repeated_until`: the last order that was carried out in place of a lost record is of the record before this number.
 * `changes_from`: all is known that was renamed, retired or deleted after an export with this cursor, or a later one.
 *
 * The cursor changes in the transaction that writes the records, so a crash leaves neither a hole nor a record twice.
 *
 * WAL, so that reading and writing don't wait for each other. secure_delete: what is removed is overwritten with
 * zeros. auto_vacuum=INCREMENTAL: free pages are returned to the file system a few at a time (archive_pruning.ts);
 * it must be set before the first table exists (https://sqlite.org/pragma.html).
 */
import { DatabaseSync } from "node:sqlite";
import type { ConversationKey, EntryKind } from "../../log/archive.ts";

/** "CBAR": marks the database as a ChatterBox archive (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x43424152;
/** Also grows when base/search_words.ts or the index's tokens change: an indexed text is removed by its words. */
export const SCHEMA_VERSION = 2;
/** Owner only: the archive holds direct messages. */
const FILE_MODE = 0o600;
const CACHE_KIB = 16_384;
/** How long a reader waits while the writer opens or closes the archive. */
const OPEN_MS = 2000;
/** The WAL file is cut to this size after a checkpoint. */
const MAX_IDLE_WAL_BYTES = 16 * 1024 * 1024;
/** A step of a reader takes much less: the writer waits for it when the WAL is to be emptied. */
const BUSY_TIMEOUT_MS = 1000;
/** The same for a reader that has not ended within that time: another program may read one state for minutes. */
const BLOCKED_TIMEOUT_MS = 100;

const SCHEMA = `
  CREATE TABLE archive (
    log_id TEXT NOT NULL, cursor INTEGER NOT NULL, known_from INTEGER NOT NULL, repeated_until INTEGER NOT NULL,
    changes_from INTEGER NOT NULL
  ) STRICT;
  INSERT INTO archive VALUES ('', 0, 0, 0, 0);
  CREATE TABLE record (
    seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT NULL, conversations TEXT NOT NULL,
    indexed INTEGER NOT NULL, payload BLOB NOT NULL
  ) STRICT;
  CREATE TABLE conversation (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL,
    shown TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0, last_seq INTEGER NOT NULL DEFAULT 0,
    last_time INTEGER NOT NULL DEFAULT 0, pruned_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE UNIQUE INDEX conversation_key ON conversation (kind, owner, name) WHERE retired = 0;
  CREATE INDEX conversation_retired ON conversation (id) WHERE retired = 1;
  CREATE TABLE entry (
    conversation INTEGER NOT NULL, kind INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (conversation, kind, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE clock_break (
    conversation INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (conversation, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE member (
    nick TEXT NOT NULL, conversation INTEGER NOT NULL, PRIMARY KEY (nick, conversation)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX member_conversation ON member (conversation);
  CREATE TABLE redacted (seq INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE former_name (name TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE loss (first INTEGER PRIMARY KEY, until INTEGER NOT NULL, why TEXT NOT NULL) STRICT;
  CREATE TABLE index_part (
    id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL UNIQUE, time INTEGER NOT NULL, messages INTEGER NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Numbers of the kinds in the table `entry`. */
export const ENTRY_KINDS: Readonly<Record<EntryKind, number>> = {
  message: 0,
  event: 1,
  redaction: 2,
  rename: 3,
};

/** Opens the archive at `path` for writing, and creates it if there is no file or an empty one. */
export function openArchive(path: string): DatabaseSync {
  Deno.openSync(path, { write: true, create: true, mode: FILE_MODE }).close(); // SQLite's own files get the same mode
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA secure_delete = ON");
    if (isEmpty(db)) {
      db.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
      db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    } else checkVersion(db);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA journal_size_limit = ${MAX_IDLE_WAL_BYTES}; PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** The id of the log in the archive at `path`, which no writer has open. Throws if there is none. */
export function readArchivedLogId(path: string): string {
  const db = openArchiveForReading(path);
  try {
    return readArchiveRow(db).logId;
  } finally {
    db.close();
  }
}

/** Opens the archive at `path` for reading only, beside a writer. Throws if there is none. */
export function openArchiveForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: OPEN_MS });
  try {
    requireArchiveSchema(db);
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/**
 * Opens what is left of the archive at `path`, without what in its schema is damaged; undefined: it is no database at
 * all. writable_schema has SQLite read the rest of a damaged schema (https://sqlite.org/pragma.html). Throws an
 * {@link EmptyArchive}.
 */
export function openDamagedArchive(path: string): DatabaseSync | undefined {
  const options = { readOnly: true, defensive: false }; // not in the types yet
  const db = new DatabaseSync(path, options);
  try {
    db.exec("PRAGMA writable_schema = ON");
    requireArchiveSchema(db);
    return db;
  } catch (error) {
    db.close();
    if (isDamage(error) && !(error instanceof EmptyArchive)) return undefined;
    throw error;
  }
}

/** Throws unless `db` is an archive of this version: an {@link EmptyArchive}, or what says what it is. */
export function requireArchiveSchema(db: DatabaseSync): void {
  if (isEmpty(db)) throw new EmptyArchive();
  checkVersion(db);
}

/** The row of the table `archive`. */
export interface ArchiveRow {
  readonly logId: string;
  readonly cursor: number;
  readonly knownFrom: number;
  readonly repeatedUntil: number;
  readonly changesFrom: number;
}

export function readArchiveRow(db: DatabaseSync): ArchiveRow {
  const row = db.prepare("SELECT * FROM archive").get();
  if (row === undefined) throw new DamagedArchive("the table with its cursor is empty");
  const {
    log_id: logId,
    cursor,
    known_from: knownFrom,
    repeated_until: repeatedUntil,
    changes_from: changesFrom,
  } = row;
  const isSound = isCount(cursor) && isCount(knownFrom) && isCount(repeatedUntil) && isCount(changesFrom);
  if (typeof logId !== "string" || !isSound) {
    throw new DamagedArchive("the table with its cursor holds something else");
  }
  return { logId, cursor, knownFrom, repeatedUntil, changesFrom };
}

/** Whether a value that was read can be a sequence number, an id, or a flag. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Brings all of the WAL to the database and empties it; false: another connection still reads an older state.
 * `wasBlocked`: so it was the last time.
 */
export function emptyWal(db: DatabaseSync, wasBlocked: boolean): boolean {
  if (wasBlocked) db.exec(`PRAGMA busy_timeout = ${BLOCKED_TIMEOUT_MS}`);
  try {
    return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0;
  } finally {
    if (wasBlocked) db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/** Runs `change` in one transaction: all of it or nothing. */
export function inTransaction<Result>(db: DatabaseSync, change: () => Result): Result {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = change();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK"); // on a full disk SQLite has rolled back already
    throw error;
  }
}

/** Runs `read` on one state of the database, whatever is written meanwhile. */
export function inSnapshot<Result>(db: DatabaseSync, read: () => Result): Result {
  db.exec("BEGIN");
  try {
    return read();
  } finally {
    if (db.isTransaction) db.exec("ROLLBACK");
  }
}

/** A row of the table `conversation`, as far as its key goes. */
export interface KeyRow {
  readonly kind: string;
  readonly owner: string;
  readonly name: string;
}

export function keyRowOf(key: ConversationKey): KeyRow {
  return { kind: key.kind, owner: key.kind === "direct" ? key.owner : "", name: key.name };
}

export function conversationKeyOf({ kind, owner, name }: KeyRow): ConversationKey {
  return kind === "direct" ? { kind, owner, name } : { kind: "channel", name };
}

/** The ids in the column `conversations` of a record. */
export function parseConversationIds(column: unknown): number[] {
  return String(column).split(" ").filter((each) => each !== "").map(Number);
}

/** The database belongs to another program, or to another version of this one. */
export class WrongArchiveVersion extends Error {
  override readonly name = "WrongArchiveVersion";
  /** It is another program's. */
  readonly isForeign: boolean;

  constructor(version: number | undefined) {
    super(
      version === undefined
        ? "it is another program's database"
        : `it has version ${version}; this program supports ${SCHEMA_VERSION}`,
    );
    this.isForeign = version === undefined;
  }
}

/** The database is readable, but part of it is not what was written. */
class DamagedArchive extends Error {
  override readonly name = "DamagedArchive";
}

/** There is nothing in the file: the archive is being created, or a server begins one in it. */
export class EmptyArchive extends DamagedArchive {
  constructor() {
    super("it has no tables");
  }
}

/** The archive belongs to another log: its sequence numbers mean other records. */
export class ForeignArchive extends Error {
  override readonly name = "ForeignArchive";

  constructor(readonly logId: string) {
    super(`it belongs to another log (${logId})`);
  }
}

/**
 * SQLite's codes for a file that is damaged, for one that is no database, and for a value that is longer than any
 * (https://sqlite.org/rescode.html).
 */
const DAMAGE_CODES: readonly unknown[] = [11, 26, 18];

/** Whether `error` says that the archive is damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof DamagedArchive || DAMAGE_CODES.includes(primaryCode(error));
}

/** SQLite's code for a statement that doesn't fit the schema. */
const ERROR_CODE = 1;

/**
 * Whether `error`, thrown while a file was read that may be damaged, comes from damage: also of a table that is gone,
 * or of a value that its column cannot hold.
 */
export function isDamageSymptom(error: unknown): boolean {
  return isDamage(error) || primaryCode(error) === ERROR_CODE || error instanceof TypeError ||
    error instanceof RangeError;
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** Whether nothing was ever written to the database. Pages without a table are what is left of a damaged one. */
function isEmpty(db: DatabaseSync): boolean {
  const tables = db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.["tables"];
  if (tables !== 0) return false;
  if (Number(db.prepare("PRAGMA page_count").get()?.["page_count"]) <= 1) return true;
  checkVersion(db);
  throw new DamagedArchive("its tables are gone");
}

function checkVersion(db: DatabaseSync): void {
  const ours = db.prepare("PRAGMA application_id").get()?.["application_id"] === APPLICATION_ID;
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (!ours || version !== SCHEMA_VERSION) throw new WrongArchiveVersion(ours ? version : undefined);
}
