/** Records of the archive, their entries and their words: what is added and removed together. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ArchiveChange, SearchableReader } from "../../log/archive.ts";
import { ArchiveIndex, type PartBounds } from "./archive_index.ts";
import { ENTRY_KINDS, parseConversationIds } from "./archive_schema.ts";
import type { ConversationRow, ConversationTable } from "./conversation_table.ts";
import { ALL_KINDS, EntryTable, NO_BOUND } from "./entry_table.ts";

type AddedRecord = Extract<ArchiveChange, { kind: "add" }>;

/** A row of the table `record`. */
export interface RecordRow {
  readonly seq: number;
  readonly time: number;
  /** Number of its kind (ENTRY_KINDS). */
  readonly kind: number;
  readonly conversations: string;
  readonly indexed: number;
  readonly payload: Uint8Array;
}

export class RecordTable {
  readonly index: ArchiveIndex;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #drop: StatementSync;
  readonly #setConversations: StatementSync;
  readonly #entries: EntryTable;
  readonly #putEntry: StatementSync;
  readonly #dropEntry: StatementSync;

  constructor(
    db: DatabaseSync,
    readonly conversations: ConversationTable,
    readonly readSearchable: SearchableReader,
    bounds: PartBounds,
  ) {
    this.index = new ArchiveIndex(db, bounds);
    this.#put = db.prepare("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)");
    this.#get = db.prepare("SELECT * FROM record WHERE seq = ?");
    this.#drop = db.prepare("DELETE FROM record WHERE seq = ?");
    this.#setConversations = db.prepare("UPDATE record SET conversations = ? WHERE seq = ?");
    this.#entries = new EntryTable(db);
    this.#putEntry = db.prepare("INSERT INTO entry VALUES (?, ?, ?)");
    this.#dropEntry = db.prepare("DELETE FROM entry WHERE conversation = ? AND kind = ? AND seq = ?");
  }

  get(seq: number): RecordRow | undefined {
    return this.#get.get(seq) as unknown as RecordRow | undefined;
  }

  /** Whether the conversation `id` has a record below `seq`. */
  hasEntryBefore(id: number, seq: number): boolean {
    return this.#entries.oldest(id, ALL_KINDS, 0, seq, 1).length > 0;
  }

  /** Adds a record; its entries have one kind. One that belongs to no conversation is left out. */
  add({ record: { seq, time, payload }, entries, searchable }: AddedRecord): void {
    if (entries[0] === undefined) return;
    const kind = ENTRY_KINDS[entries[0].kind];
    const rows: ConversationRow[] = [];
    for (const { conversation, name } of entries) {
      const row = this.conversations.findOrCreate(conversation, name);
      if (rows.some(({ id }) => id === row.id)) continue;
      this.conversations.noteEntry(row, seq, time, name);
      this.#putEntry.run(row.id, kind, seq);
      rows.push(row);
    }
    const conversations = rows.map(({ id }) => id).join(" ");
    this.#put.run(seq, time, kind, conversations, searchable === undefined ? 0 : 1, payload);
    if (searchable !== undefined) this.index.add(seq, time, rows, searchable);
  }

  /**
   * Adds a row of another archive, in the conversations `rows` of this one, also before records that are there. Its
   * payload decides whether it is indexed. False: its number is there already.
   */
  restore(row: RecordRow, rows: readonly ConversationRow[]): boolean {
    const { seq, time, kind, payload } = row;
    if (this.get(seq) !== undefined) return false;
    const searchable = row.indexed === 0 ? undefined : this.readSearchable(payload);
    for (const each of rows) {
      if (seq > each.lastSeq) this.conversations.noteEntry(each, seq, time, each.shown);
      else this.#noteOlderEntry(each.id, seq, time);
      this.#putEntry.run(each.id, kind, seq);
    }
    const conversations = rows.map(({ id }) => id).join(" ");
    this.#put.run(seq, time, kind, conversations, searchable === undefined ? 0 : 1, payload);
    if (searchable !== undefined) this.index.add(seq, time, rows, searchable);
    return true;
  }

  /** Notes clock breaks where an entry is added between others. */
  #noteOlderEntry(id: number, seq: number, time: number): void {
    const [before] = this.#entries.newest(id, ALL_KINDS, 0, seq, 1);
    const [after] = this.#entries.oldest(id, ALL_KINDS, seq + 1, NO_BOUND, 1);
    const timeOf = (other: number) => this.#entries.timeOf(other) ?? time;
    if (before !== undefined && time < timeOf(before)) this.conversations.noteBreak(id, seq);
    if (after !== undefined && timeOf(after) < time) this.conversations.noteBreak(id, after);
  }

  /** Removes the record `seq` with its entries and words; false: there is none. */
  remove(seq: number): boolean {
    const row = this.get(seq);
    if (row === undefined) return false;
    this.removeWords(row);
    this.removeRow(row);
    return true;
  }

  /** Removes a record with its entries, and leaves its words to the part of the index that they are in. */
  removeRow({ seq, kind, conversations }: RecordRow): void {
    for (const id of parseConversationIds(conversations)) this.#dropEntry.run(id, kind, seq);
    this.#drop.run(seq);
  }

  /** Takes the record `seq` out of the conversation `id`; out of the last one: removes it. */
  removeFrom(id: number, seq: number): void {
    const row = this.get(seq);
    if (row === undefined) { // in a damaged archive
      for (const kind of Object.values(ENTRY_KINDS)) this.#dropEntry.run(id, kind, seq);
      return;
    }
    this.#dropEntry.run(id, row.kind, seq);
    const left = parseConversationIds(row.conversations).filter((each) => each !== id);
    this.removeWords(row);
    if (left.length === 0) {
      this.#drop.run(seq);
      return;
    }
    const conversations = left.join(" ");
    this.#setConversations.run(conversations, seq);
    this.addWords({ ...row, conversations });
  }

  /** Adds the words of a row to the index. */
  addWords(row: RecordRow): void {
    const message = row.indexed === 0 ? undefined : this.readSearchable(row.payload);
    if (message !== undefined) this.index.add(row.seq, row.time, this.#indexed(row), message);
  }

  removeWords(row: RecordRow): void {
    const message = row.indexed === 0 ? undefined : this.readSearchable(row.payload);
    if (message !== undefined) this.index.remove(row.seq, this.#indexed(row), message);
  }

  #indexed({ conversations }: RecordRow) {
    return this.conversations.indexed(parseConversationIds(conversations));
  }
}
