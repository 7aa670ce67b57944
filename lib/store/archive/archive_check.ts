/**
 * Check of an archive: whether its tables say the same. It only reads, in slices between which a server writes; each
 * slice sees one state of the database.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { searchWords } from "../../base/search_words.ts";
import type { ArchiveLoss, SearchableReader, SearchableText } from "../../log/archive.ts";
import { ANY_SENDER, conversationToken, readPart, senderToken } from "./archive_index.ts";
import { inSnapshot, isDamageSymptom, parseConversationIds, readArchiveRow } from "./archive_schema.ts";
import { readLosses } from "./loss_table.ts";
import type { RecordRow } from "./record_table.ts";

export interface ArchiveFault {
  readonly kind: FaultKind;
  /** How many there are. */
  readonly count: number;
  /** Of the first one. */
  readonly detail: string;
}

export type FaultKind =
  /** SQLite finds the file damaged. */
  | "file"
  /** A record of a conversation that is not there, or that does not list it. */
  | "entry"
  /** An entry without its record. */
  | "record"
  /** A message that searches don't find. */
  | "index"
  /** A payload that cannot be read. */
  | "payload"
  /** Times that go back where no clock break says so. */
  | "clock"
  /** Records beyond the cursor. */
  | "cursor";

export interface ArchiveReport {
  readonly logId: string;
  readonly cursor: number;
  readonly records: number;
  readonly conversations: number;
  /** Times of the oldest and the newest record; undefined: there is none. */
  readonly oldestTime: number | undefined;
  readonly newestTime: number | undefined;
  readonly losses: readonly ArchiveLoss[];
  readonly faults: readonly ArchiveFault[];
}

/** Rows that are read in one slice. */
const SLICE_ROWS = 10_000;
/** Of so many messages one is looked up by its words, which takes longer than all else; the others by their sender. */
const WORDS_SAMPLE = 64;
/** Words of a message that are looked up in the index. */
const MAX_CHECKED_WORDS = 16;
/** Lines of SQLite's own check. */
const MAX_FILE_FAULTS = 100;

/** Checks the archive `db`; yields after each slice, and returns the report. */
export function* checkArchive(
  db: DatabaseSync,
  readSearchable: SearchableReader,
): Generator<void, ArchiveReport> {
  const check = new ArchiveCheck(db, readSearchable);
  for (const slice of [() => check.checkFile(), () => check.checkRecords(), () => check.checkEntries()]) {
    while (check.attempt(slice)) yield;
  }
  return check.report();
}

class ArchiveCheck {
  readonly #db: DatabaseSync;
  readonly #readSearchable: SearchableReader;
  readonly #faults = new Map<FaultKind, { count: number; detail: string }>();
  /** The newest record so far, by conversation. */
  readonly #newest = new Map<number, Pick<RecordRow, "seq" | "time">>();
  /** The record, and the entry, that the next slice begins after. */
  #lastSeq = -1;
  #lastEntry = { conversation: -1, kind: -1, seq: -1 };
  #records = 0;
  #oldestTime: number | undefined;
  #newestTime: number | undefined;

  constructor(db: DatabaseSync, readSearchable: SearchableReader) {
    this.#db = db;
    this.#readSearchable = readSearchable;
  }

  /** Runs one slice; returns whether there are more. Damage ends it. */
  attempt(slice: () => boolean): boolean {
    try {
      return inSnapshot(this.#db, slice);
    } catch (error) {
      if (!isDamageSymptom(error)) throw error;
      this.#fault("file", (error as Error).message);
      return false;
    }
  }

  checkFile(): boolean {
    for (const { quick_check: text } of this.#db.prepare(`PRAGMA quick_check(${MAX_FILE_FAULTS})`).all()) {
      if (text !== "ok") this.#fault("file", String(text));
    }
    return false;
  }

  checkRecords(): boolean {
    const rows = this.#db.prepare("SELECT * FROM record WHERE seq > ? ORDER BY seq LIMIT ?")
      .all(this.#lastSeq, SLICE_ROWS) as unknown as RecordRow[];
    const { cursor } = readArchiveRow(this.#db);
    const conversation = this.#db.prepare("SELECT 1 FROM conversation WHERE id = ?");
    const entry = this.#db.prepare("SELECT 1 FROM entry WHERE conversation = ? AND kind = ? AND seq = ?");
    const clockBreak = this.#db.prepare(
      "SELECT 1 FROM clock_break WHERE conversation = ? AND seq > ? AND seq <= ?",
    );
    const indexed = this.#indexedFrom(rows);
    for (const row of rows) {
      const ids = parseConversationIds(row.conversations);
      const isListed = ids.length > 0 &&
        ids.every((id) =>
          conversation.get(id) !== undefined && entry.get(id, row.kind, row.seq) !== undefined
        );
      if (!isListed) this.#fault("entry", `record ${row.seq}`);
      if (row.seq >= cursor) this.#fault("cursor", `record ${row.seq}, cursor ${cursor}`);
      this.#checkTimes(row, ids, clockBreak);
      if (row.indexed !== 0) this.#checkWords(row, ids, indexed);
      this.#oldestTime ??= row.time;
      this.#newestTime = row.time;
    }
    this.#records += rows.length;
    this.#lastSeq = rows.at(-1)?.seq ?? this.#lastSeq;
    return rows.length === SLICE_ROWS;
  }

  /** Entries that no record lists. */
  checkEntries(): boolean {
    const { conversation, kind, seq } = this.#lastEntry;
    const rows = this.#db.prepare(`SELECT conversation, kind, seq FROM entry
      WHERE (conversation, kind, seq) > (?, ?, ?) ORDER BY conversation, kind, seq LIMIT ?`)
      .all(conversation, kind, seq, SLICE_ROWS) as unknown as {
        conversation: number;
        kind: number;
        seq: number;
      }[];
    const record = this.#db.prepare("SELECT kind, conversations FROM record WHERE seq = ?");
    for (const row of rows) {
      const found = record.get(row.seq);
      const isListed = found !== undefined && found["kind"] === row.kind &&
        parseConversationIds(found["conversations"]).includes(row.conversation);
      if (!isListed) this.#fault("record", `record ${row.seq}`);
    }
    this.#lastEntry = rows.at(-1) ?? this.#lastEntry;
    return rows.length === SLICE_ROWS;
  }

  report(): ArchiveReport {
    const faults = Array.from(this.#faults, ([kind, { count, detail }]) => ({ kind, count, detail }));
    const rest = {
      records: this.#records,
      oldestTime: this.#oldestTime,
      newestTime: this.#newestTime,
      faults,
    };
    try {
      return inSnapshot(this.#db, () => {
        const conversations = this.#db.prepare("SELECT count(*) AS count FROM conversation WHERE retired = 0")
          .get();
        const losses = readLosses(this.#db);
        const { logId, cursor } = readArchiveRow(this.#db);
        return {
          logId,
          cursor,
          conversations: Number(conversations?.["count"]),
          losses,
          ...rest,
        };
      });
    } catch (error) {
      if (!isDamageSymptom(error)) throw error;
      return { logId: "", cursor: 0, conversations: 0, losses: [], ...rest };
    }
  }

  #checkTimes({ seq, time }: RecordRow, ids: readonly number[], clockBreak: StatementSync): void {
    // The record at the break itself may be removed.
    for (const id of ids) {
      const last = this.#newest.get(id);
      const goesBack = last !== undefined && time < last.time;
      if (goesBack && clockBreak.get(id, last.seq, seq) === undefined) this.#fault("clock", `record ${seq}`);
      this.#newest.set(id, { seq, time });
    }
  }

  /** Numbers of the messages in the index, from the first to the last one of `rows`. */
  #indexedFrom(rows: readonly RecordRow[]): Set<number> {
    const found = new Set<number>();
    const end = (rows.at(-1)?.seq ?? -1) + 1;
    for (let next = rows[0]?.seq ?? end; next < end;) {
      const part = readPart(this.#db, next);
      if (part === undefined) return found;
      const { table, until } = part;
      const inPart = this.#db.prepare(
        `SELECT rowid FROM ${table} WHERE ${table} MATCH ? AND rowid >= ? AND rowid < ?`,
      );
      for (const { rowid } of inPart.iterate(ANY_SENDER, next, Math.min(until, end))) {
        found.add(Number(rowid));
      }
      next = until;
    }
    return found;
  }

  #checkWords({ seq, payload }: RecordRow, ids: readonly number[], indexed: ReadonlySet<number>): void {
    const message = this.#readSearchable(payload);
    if (message === undefined) return this.#fault("payload", `record ${seq}`);
    const isFound = indexed.has(seq) && (seq % WORDS_SAMPLE !== 0 || this.#isFound(seq, message, ids));
    if (!isFound) this.#fault("index", `record ${seq}`);
  }

  #isFound(seq: number, message: SearchableText, ids: readonly number[]): boolean {
    const part = readPart(this.#db, seq);
    if (part === undefined) return false;
    const { table } = part;
    return this.#db.prepare(`SELECT 1 FROM ${table} WHERE ${table} MATCH ? AND rowid = ?`)
      .get(expressionOf(message, ids), seq) !== undefined;
  }

  #fault(kind: FaultKind, detail: string): void {
    const known = this.#faults.get(kind);
    if (known === undefined) this.#faults.set(kind, { count: 1, detail });
    else known.count++;
  }
}

/** What finds a message by its sender, its conversations and its first words. */
function expressionOf({ text, from }: SearchableText, ids: readonly number[]): string {
  const tokens = [senderToken(from), ...ids.map(conversationToken)].map((token) => `meta : ${token}`);
  const words = searchWords(text).slice(0, MAX_CHECKED_WORDS);
  return [...tokens, ...words.length === 0 ? [] : [`text : "${words.join(" ")}"`]].join(" AND ");
}
