/**
 * Full-text index of the archive. It holds no text: for each message, with its sequence number as rowid, the words of
 *
 *     text   the message (base/search_words.ts)
 *     meta   c<id>      each of its conversations
 *            o<hex>     owner of each direct conversation
 *            n<hex>     folded nick of the sender
 *            hlink      it has a link
 *
 * It consists of parts, one table for each: `words_<id>` holds the messages from `index_part.first` up to that of the
 * next part. Pruning drops a part with its last record, which costs nothing per message. The words of a message that
 * is removed alone go at once, in place (`secure-delete`), at ten times the cost of adding them. A row is removed by
 * the very text that was indexed, which is recomputed from the payload
 * (https://sqlite.org/fts5.html#the_delete_command).
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { hasLink, searchWords } from "../../base/search_words.ts";
import type { SearchableText } from "../../log/archive.ts";

export const LINK_TOKEN = "hlink";

export function conversationToken(id: number): string {
  return `c${id}`;
}

export function ownerToken(owner: string): string {
  return `o${hexOf(owner)}`;
}

export function senderToken(nick: string): string {
  return `n${hexOf(nick)}`;
}

/** Finds all messages: each has one sender. */
export const ANY_SENDER = "meta : n *";

/** A conversation of an indexed message; `owner`: "" for a channel. */
export interface IndexedConversation {
  readonly id: number;
  readonly owner: string;
}

/** Tokens of the column `meta`, separated by spaces. */
function metaTokens(
  conversations: readonly IndexedConversation[],
  { text, from }: SearchableText,
): string {
  const owners = new Set(conversations.map(({ owner }) => owner).filter((owner) => owner !== ""));
  return [
    ...conversations.map(({ id }) => conversationToken(id)),
    ...Array.from(owners, ownerToken),
    senderToken(from),
    ...hasLink(text) ? [LINK_TOKEN] : [],
  ].join(" ");
}

/** How much one part holds at most. */
export interface PartBounds {
  readonly messages: number;
  /** From the time of its first message to that of its last one. */
  readonly spanMs: number;
}

/** The beginning of a word is searched in a part as a whole, in about 0.1 s. */
const MAX_PART_MESSAGES = 50_000;
/** With a bound of 1 MiB, dropping a part leaves at least three quarters of it. */
const MIN_PART_MESSAGES = 500;
/** Parts that an archive has at least when it is full: words that are out of bounds are about as large a part of it. */
const MIN_PARTS = 16;
/** Of a message and its words, about. */
const MESSAGE_BYTES = 280;

/** Bounds of the parts of an archive of at most `maxBytes` and `maxAgeMs`. */
export function partBoundsOf(
  { maxBytes = Infinity, maxAgeMs = Infinity }: { readonly maxBytes?: number; readonly maxAgeMs?: number },
): PartBounds {
  const fitting = Math.floor(maxBytes / MESSAGE_BYTES / MIN_PARTS);
  return {
    messages: Math.max(MIN_PART_MESSAGES, Math.min(MAX_PART_MESSAGES, fitting)),
    spanMs: maxAgeMs / MIN_PARTS,
  };
}

interface PartStatements {
  readonly put: StatementSync;
  readonly drop: StatementSync;
}

interface IndexPart {
  readonly id: number;
  readonly first: number;
  readonly firstTime: number;
  messages: number;
  statements?: PartStatements;
}

/** A part as it is read: from `first` up to `until`. */
export interface PartRange {
  readonly table: string;
  readonly first: number;
  readonly until: number;
}

/** The part with the message `seq`; undefined: there is none. */
export function readPart(db: DatabaseSync, seq: number): PartRange | undefined {
  const row = db.prepare("SELECT id, first FROM index_part WHERE first <= ? ORDER BY first DESC LIMIT 1").get(
    seq,
  );
  if (row === undefined) return undefined;
  const next = db.prepare("SELECT min(first) AS first FROM index_part WHERE first > ?").get(seq)?.["first"];
  return {
    table: tableOf(Number(row["id"])),
    first: Number(row["first"]),
    until: next == null ? Number.MAX_SAFE_INTEGER : Number(next),
  };
}

/** The index while it is written. */
export class ArchiveIndex {
  readonly #db: DatabaseSync;
  readonly #bounds: PartBounds;
  readonly #save: StatementSync;
  /** In order; undefined: not read yet. */
  #parts: IndexPart[] | undefined;
  /** Parts of which the number of messages changed. */
  readonly #changed = new Set<IndexPart>();

  constructor(db: DatabaseSync, bounds: PartBounds) {
    this.#db = db;
    this.#bounds = bounds;
    this.#save = db.prepare("UPDATE index_part SET messages = ? WHERE id = ?");
  }

  add(
    seq: number,
    time: number,
    conversations: readonly IndexedConversation[],
    message: SearchableText,
  ): void {
    const part = this.#partFor(seq, time);
    part.messages++;
    this.#changed.add(part);
    this.#of(part).put.run(seq, wordsColumn(message), metaTokens(conversations, message));
  }

  /** Removes a message that was added with the same arguments. */
  remove(seq: number, conversations: readonly IndexedConversation[], message: SearchableText): void {
    const part = this.#find(seq);
    if (part === undefined) return;
    part.messages--;
    this.#changed.add(part);
    this.#of(part).drop.run(seq, wordsColumn(message), metaTokens(conversations, message));
  }

  /** Whether there is a part of which no record is left; it is the oldest one. */
  get hasSpentPart(): boolean {
    const [oldest, next] = this.#all;
    if (oldest === undefined || oldest.messages === 0 && next === undefined) return false;
    const left = this.#db.prepare("SELECT 1 FROM record WHERE seq < ? LIMIT 1");
    return left.get(next?.first ?? Number.MAX_SAFE_INTEGER) === undefined;
  }

  dropOldestPart(): void {
    const id = this.#all[0]!.id;
    this.#db.exec(`DROP TABLE ${tableOf(id)}; DELETE FROM index_part WHERE id = ${id}`);
    this.discard();
  }

  /** Writes what has changed; before the transaction ends. */
  flush(): void {
    for (const { id, messages } of this.#changed) this.#save.run(messages, id);
    this.#changed.clear();
  }

  /** Forgets the parts in memory: they have changed in the database, or a transaction was rolled back. */
  discard(): void {
    this.#parts = undefined;
    this.#changed.clear();
  }

  get #all(): IndexPart[] {
    return this.#parts ??= this.#db.prepare("SELECT id, first, time, messages FROM index_part ORDER BY first")
      .all()
      .map(({ id, first, time, messages }) => ({
        id: Number(id),
        first: Number(first),
        firstTime: Number(time),
        messages: Number(messages),
      }));
  }

  #find(seq: number): IndexPart | undefined {
    return this.#all.findLast(({ first }) => first <= seq);
  }

  /** The part for the message `seq`: a new one if its part is full and it comes after all messages of it. */
  #partFor(seq: number, time: number): IndexPart {
    const part = this.#find(seq);
    if (part === undefined) return this.#create(0, time);
    const isFull = part.messages >= this.#bounds.messages ||
      part.messages > 0 && Math.abs(time - part.firstTime) > this.#bounds.spanMs;
    return isFull && this.#isNewestOf(part, seq) ? this.#create(seq, time) : part;
  }

  /** Whether no record of `part` comes after `seq`. */
  #isNewestOf(part: IndexPart, seq: number): boolean {
    const until = this.#all[this.#all.indexOf(part) + 1]?.first ?? Number.MAX_SAFE_INTEGER;
    return this.#db.prepare("SELECT 1 FROM record WHERE seq > ? AND seq < ? LIMIT 1").get(seq, until) ===
      undefined;
  }

  #create(first: number, time: number): IndexPart {
    const { lastInsertRowid } = this.#db.prepare(
      "INSERT INTO index_part (first, time, messages) VALUES (?, ?, 0)",
    )
      .run(first, time);
    const part: IndexPart = { id: Number(lastInsertRowid), first, firstTime: time, messages: 0 };
    const table = tableOf(part.id);
    // The tokenizer takes each word of base/search_words.ts as it is.
    this.#db.exec(`CREATE VIRTUAL TABLE ${table} USING fts5 (
        text, meta, content='', columnsize=0, tokenize='ascii'
      );
      INSERT INTO ${table} (${table}, rank) VALUES ('secure-delete', 1)`);
    this.#all.push(part);
    this.#all.sort((a, b) => a.first - b.first);
    return part;
  }

  #of(part: IndexPart): PartStatements {
    const table = tableOf(part.id);
    return part.statements ??= {
      put: this.#db.prepare(`INSERT INTO ${table} (rowid, text, meta) VALUES (?, ?, ?)`),
      drop: this.#db.prepare(`INSERT INTO ${table} (${table}, rowid, text, meta) VALUES ('delete', ?, ?, ?)`),
    };
  }
}

function tableOf(id: number): string {
  return `words_${id}`;
}

function wordsColumn({ text }: SearchableText): string {
  return searchWords(text).join(" ");
}

function hexOf(name: string): string {
  return new TextEncoder().encode(name).toHex();
}
