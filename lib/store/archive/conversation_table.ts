/** Conversations of the archive while it is written: their rows, which stay in memory as long as they are in use. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ConversationKey } from "../../log/archive.ts";
import { conversationKeyOf, type KeyRow, keyRowOf } from "./archive_schema.ts";
import type { IndexedConversation } from "./archive_index.ts";

/** Rows in memory before all are dropped. */
const MAX_CACHED = 10_000;

/** Owner ids of users without a key begin with `~` (hub/model/identifiers.ts); this is the character after it. */
const AFTER_TEMPORARY = "\x7f";

export interface ConversationRow extends IndexedConversation {
  shown: string;
  lastSeq: number;
  lastTime: number;
}

export class ConversationTable {
  readonly #rows = new Map<string, ConversationRow>();
  readonly #changed = new Set<ConversationRow>();
  readonly #find: StatementSync;
  readonly #keyOf: StatementSync;
  readonly #put: StatementSync;
  readonly #save: StatementSync;
  readonly #ownerOf: StatementSync;
  readonly #retire: StatementSync;
  readonly #retireOwner: StatementSync;
  readonly #temporaryOwners: StatementSync;
  readonly #rename: StatementSync;
  readonly #leave: StatementSync;
  readonly #putBreak: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare(
      "SELECT id, shown, last_seq, last_time FROM conversation WHERE kind = ? AND owner = ? AND name = ? AND retired = 0",
    );
    this.#keyOf = db.prepare("SELECT kind, owner, name FROM conversation WHERE id = ? AND retired = 0");
    this.#put = db.prepare(`INSERT INTO conversation (kind, owner, name, shown, pruned_until)
      VALUES (?, ?, ?, ?, (SELECT coalesce(max(until), 0) FROM loss WHERE why = 'pruned'))`);
    this.#save = db.prepare("UPDATE conversation SET shown = ?, last_seq = ?, last_time = ? WHERE id = ?");
    this.#ownerOf = db.prepare("SELECT owner FROM conversation WHERE id = ?");
    this.#retire = db.prepare("UPDATE conversation SET retired = 1 WHERE id = ?");
    this.#retireOwner = db.prepare(
      "UPDATE conversation SET retired = 1 WHERE kind = 'direct' AND owner = ? AND retired = 0",
    );
    // "~" and what follows it in the order of the index, up to the next character.
    this.#temporaryOwners = db.prepare(`SELECT DISTINCT owner FROM conversation
      WHERE kind = 'direct' AND owner >= '~' AND owner < '${AFTER_TEMPORARY}' AND retired = 0`);
    this.#rename = db.prepare("UPDATE conversation SET name = ?, shown = ? WHERE id = ?");
    this.#leave = db.prepare("DELETE FROM member WHERE conversation = ?");
    this.#putBreak = db.prepare("INSERT OR IGNORE INTO clock_break VALUES (?, ?)");
  }

  find(key: ConversationKey): ConversationRow | undefined {
    const { kind, owner, name } = keyRowOf(key);
    const cacheKey = `${kind} ${owner} ${name}`; // no name and no owner id has a space
    const known = this.#rows.get(cacheKey);
    if (known !== undefined) return known;
    const row = this.#find.get(kind, owner, name);
    if (row === undefined) return undefined;
    const found: ConversationRow = {
      id: Number(row["id"]),
      owner,
      shown: String(row["shown"]),
      lastSeq: Number(row["last_seq"]),
      lastTime: Number(row["last_time"]),
    };
    if (this.#rows.size >= MAX_CACHED) {
      this.flush();
      this.#rows.clear();
    }
    this.#rows.set(cacheKey, found);
    return found;
  }

  /** The conversation `id`; undefined: it is retired, or there is none. */
  findById(id: number): ConversationRow | undefined {
    const row = this.#keyOf.get(id);
    return row && this.find(conversationKeyOf(row as unknown as KeyRow));
  }

  /** The conversation `key`, created if necessary. */
  findOrCreate(key: ConversationKey, shown: string): ConversationRow {
    const found = this.find(key);
    if (found !== undefined) return found;
    const { kind, owner, name } = keyRowOf(key);
    this.#put.run(kind, owner, name, shown);
    return this.find(key)!;
  }

  /** Notes the newest entry of a conversation, and a clock break if its time goes back. */
  noteEntry(row: ConversationRow, seq: number, time: number, shown: string): void {
    if (time < row.lastTime) this.noteBreak(row.id, seq);
    row.shown = shown;
    row.lastSeq = seq;
    row.lastTime = time;
    this.#changed.add(row);
  }

  /** Notes that times go back at `seq`. */
  noteBreak(id: number, seq: number): void {
    this.#putBreak.run(id, seq);
  }

  /** Moves the channel `from` to the name `to`. The archive's former conversation of that name is retired. */
  rename(from: string, to: string, shown: string): void {
    const renamed = this.find({ kind: "channel", name: from });
    if (from !== to) this.retire(to);
    this.forget();
    if (renamed !== undefined) this.#rename.run(to, shown, renamed.id);
  }

  /** From here on nothing of the channel `name` is read. */
  retire(name: string): void {
    const row = this.find({ kind: "channel", name });
    if (row === undefined) return;
    this.forget();
    this.#retire.run(row.id);
    this.#leave.run(row.id);
  }

  /** From here on nothing of the direct conversations of `owner` is read. */
  retireOwner(owner: string): void {
    this.forget();
    this.#retireOwner.run(owner);
  }

  /** The same for all temporary owners but those in `except`. */
  retireTemporaryOwners(except: readonly string[]): void {
    const owners = this.#temporaryOwners.all().map(({ owner }) => String(owner));
    for (const owner of owners) if (!except.includes(owner)) this.retireOwner(owner);
  }

  /** The conversations with these ids that still exist. */
  indexed(ids: readonly number[]): IndexedConversation[] {
    return ids.flatMap((id) => {
      const row = this.#ownerOf.get(id);
      return row === undefined ? [] : [{ id, owner: String(row["owner"]) }];
    });
  }

  /** Writes what has changed; before the transaction ends. */
  flush(): void {
    for (const { id, shown, lastSeq, lastTime } of this.#changed) {
      this.#save.run(shown, lastSeq, lastTime, id);
    }
    this.#changed.clear();
  }

  /** Writes what has changed, and drops the rows in memory: their names or numbers change in the database. */
  forget(): void {
    this.flush();
    this.#rows.clear();
  }

  /** Drops the rows in memory after a transaction that was rolled back. */
  discard(): void {
    this.#changed.clear();
    this.#rows.clear();
  }
}
