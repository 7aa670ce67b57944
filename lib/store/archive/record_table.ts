/** Records of the archive, their entries and their words: what is added and removed together. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ArchiveChange, SearchableReader } from "../../log/archive.ts";
import { ArchiveIndex } from "./archive_index.ts";
import { ENTRY_KINDS, parseConversationIds } from "./archive_schema.ts";
import type { ConversationRow, ConversationTable } from "./conversation_table.ts";

type AddedRecord = Extract<ArchiveChange, { kind: "add" }>;

/** A row of the table `record`. */
export interface RecordRow {
  readonly seq: number;
  readonly time: number;
  readonly conversations: string;
  readonly indexed: number;
  readonly payload: Uint8Array;
}

export class RecordTable {
  readonly #index: ArchiveIndex;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #drop: StatementSync;
  readonly #setConversations: StatementSync;
  readonly #putEntry: StatementSync;
  readonly #dropEntries: StatementSync;

  constructor(
    db: DatabaseSync,
    readonly conversations: ConversationTable,
    readonly readSearchable: SearchableReader,
  ) {
    this.#index = new ArchiveIndex(db);
    this.#put = db.prepare("INSERT INTO record VALUES (?, ?, ?, ?, ?)");
    this.#get = db.prepare("SELECT * FROM record WHERE seq = ?");
    this.#drop = db.prepare("DELETE FROM record WHERE seq = ?");
    this.#setConversations = db.prepare("UPDATE record SET conversations = ? WHERE seq = ?");
    this.#putEntry = db.prepare("INSERT INTO entry VALUES (?, ?, ?)");
    const kinds = Object.values(ENTRY_KINDS).join(", ");
    this.#dropEntries = db.prepare(
      `DELETE FROM entry WHERE conversation = ? AND kind IN (${kinds}) AND seq = ?`,
    );
  }

  get(seq: number): RecordRow | undefined {
    return this.#get.get(seq) as unknown as RecordRow | undefined;
  }

  /** Adds a record. One that belongs to no conversation is left out. */
  add({ record: { seq, time, payload }, entries, searchable }: AddedRecord): void {
    const rows: ConversationRow[] = [];
    for (const { conversation, name, kind } of entries) {
      const row = this.conversations.findOrCreate(conversation, name);
      if (rows.some(({ id }) => id === row.id)) continue;
      this.conversations.noteEntry(row, seq, time, name);
      this.#putEntry.run(row.id, ENTRY_KINDS[kind], seq);
      rows.push(row);
    }
    if (rows.length === 0) return;
    this.#put.run(seq, time, rows.map(({ id }) => id).join(" "), searchable === undefined ? 0 : 1, payload);
    if (searchable !== undefined) this.#index.add(seq, rows, searchable);
  }

  /** Removes the record `seq` with its entries and words; false: there is none. */
  remove(seq: number): boolean {
    const row = this.get(seq);
    if (row === undefined) return false;
    this.removeWords(row);
    for (const id of parseConversationIds(row.conversations)) this.#dropEntries.run(id, seq);
    this.#drop.run(seq);
    return true;
  }

  /** Takes the record `seq` out of the conversation `id`; out of the last one: removes it. */
  removeFrom(id: number, seq: number): void {
    const row = this.get(seq);
    this.#dropEntries.run(id, seq);
    if (row === undefined) return;
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
    if (message !== undefined) this.#index.add(row.seq, this.#indexed(row), message);
  }

  removeWords(row: RecordRow): void {
    const message = row.indexed === 0 ? undefined : this.readSearchable(row.payload);
    if (message !== undefined) this.#index.remove(row.seq, this.#indexed(row), message);
  }

  #indexed({ conversations }: RecordRow) {
    return this.conversations.indexed(parseConversationIds(conversations));
  }
}
