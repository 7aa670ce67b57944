/**
 * Full-text index of the archive: the table `words`, with the message's sequence number as rowid. It holds no text.
 *
 *     text   the words of the message (base/search_words.ts)
 *     meta   c<id>      of each of its conversations
 *            o<hex>     owner of each direct conversation
 *            n<hex>     folded nick of the sender
 *            hlink      it has a link
 *
 * A contentless row is removed by the very text that was indexed, which is recomputed from the payload
 * (https://sqlite.org/fts5.html#the_delete_command). `secure-delete` is on: nothing of it stays in the index.
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

/** A conversation of an indexed message; `owner`: "" for a channel. */
export interface IndexedConversation {
  readonly id: number;
  readonly owner: string;
}

/** Tokens of the column `meta`, separated by spaces. */
export function metaTokens(
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

export class ArchiveIndex {
  readonly #put: StatementSync;
  readonly #drop: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare("INSERT INTO words (rowid, text, meta) VALUES (?, ?, ?)");
    this.#drop = db.prepare("INSERT INTO words (words, rowid, text, meta) VALUES ('delete', ?, ?, ?)");
  }

  add(seq: number, conversations: readonly IndexedConversation[], message: SearchableText): void {
    this.#put.run(seq, wordsColumn(message), metaTokens(conversations, message));
  }

  /** Removes a message that was added with the same arguments. */
  remove(seq: number, conversations: readonly IndexedConversation[], message: SearchableText): void {
    this.#drop.run(seq, wordsColumn(message), metaTokens(conversations, message));
  }
}

function wordsColumn({ text }: SearchableText): string {
  return searchWords(text).join(" ");
}

function hexOf(name: string): string {
  return new TextEncoder().encode(name).toHex();
}
