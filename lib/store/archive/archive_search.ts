/**
 * Search in the archive, from the newest message back. Each step searches one part of the index, in a time that other
 * queries can wait for. Smaller steps would not be shorter: FTS5 finds a range of rows by going through the rows before
 * it. Nothing outside of the conversations of the query is looked at.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchAnswer, SearchQuery, SearchTerm } from "../../log/archive.ts";
import { conversationToken, LINK_TOKEN, ownerToken, readPart, senderToken } from "./archive_index.ts";
import { conversationKeyOf, inSnapshot, keyRowOf, parseConversationIds } from "./archive_schema.ts";
import { EntryTable, NO_BOUND } from "./entry_table.ts";
import { cutArchivedAtTime, readClockBreaks } from "./time_cut.ts";

/** Conversations in which one step looks for the times that the query is limited to. */
const CUTS_PER_STEP = 16;

type Hit = SearchAnswer["hits"][number];

interface SearchedConversation {
  readonly id: number;
  readonly kind: string;
  readonly owner: string;
  readonly name: string;
  readonly shown: string;
}

export class ArchiveSearch {
  readonly #db: DatabaseSync;
  readonly #query: SearchQuery;
  /** The statement of the part of the index that is searched. */
  #match: { readonly table: string; readonly statement: StatementSync } | undefined;
  readonly #newestBelow: StatementSync;
  readonly #hits: Hit[] = [];
  #conversations: Map<number, SearchedConversation> | undefined;
  /** Names of the channels of the query that are not in {@link #conversations}. */
  readonly #unknown: string[] = [];
  #expression = "";
  /** Conversations in which the limits of time are not found yet. */
  #uncut: SearchedConversation[] = [];
  /** Lowest number with a time after `query.after`, and highest with one before `query.before`, so far. */
  #lowest = 0;
  #highest = NO_BOUND;
  /** Everything from this number on is searched. */
  #searchedFrom: number;
  #isDone = false;

  constructor(db: DatabaseSync, query: SearchQuery) {
    this.#db = db;
    this.#query = query;
    this.#searchedFrom = query.beforeSeq ?? NO_BOUND;
    this.#newestBelow = db.prepare("SELECT max(seq) AS seq FROM record WHERE seq < ?");
  }

  /** Does one step; returns whether all is searched, or the limit is reached. */
  step(): boolean {
    if (this.#isDone) return true;
    inSnapshot(this.#db, () => {
      if (this.#conversations === undefined) this.#begin();
      else if (this.#uncut.length > 0) this.#cutAtTimes();
      else this.#searchPart();
    });
    return this.#isDone;
  }

  /** The answer as of now. */
  get answer(): SearchAnswer {
    const hits = this.#hits;
    const searchedFrom = this.#isDone && hits.length < this.#query.limit ? 0 : this.#searchedFrom;
    return { kind: "search", hits, isComplete: this.#isDone, searchedFrom, unknown: this.#unknown };
  }

  #begin(): void {
    const { conversations, owner = "", after, before, limit } = this.#query;
    const found = new Map<number, SearchedConversation>();
    const select = "SELECT id, kind, owner, name, shown FROM conversation WHERE kind = ? AND owner = ?";
    const one = this.#db.prepare(`${select} AND name = ? AND retired = 0`);
    const add = (row: unknown) => found.set((row as SearchedConversation).id, row as SearchedConversation);
    for (const key of conversations) {
      const { kind, owner, name } = keyRowOf(key);
      const rows = one.all(kind, owner, name);
      rows.forEach(add);
      if (rows.length === 0 && key.kind === "channel") this.#unknown.push(name);
    }
    const ids = [...found.keys()];
    if (owner !== "") this.#db.prepare(`${select} AND retired = 0`).all("direct", owner).forEach(add);
    this.#conversations = found;
    this.#expression = matchExpression(
      this.#query,
      ids,
      owner !== "" && found.size > ids.length ? owner : "",
    );
    this.#isDone = found.size === 0 || limit <= 0;
    if (after === undefined && before === undefined) return;
    this.#uncut = [...found.values()];
    this.#lowest = after === undefined ? 0 : NO_BOUND;
    this.#highest = before === undefined ? NO_BOUND : 0;
  }

  #cutAtTimes(): void {
    const { after, before } = this.#query;
    const entries = new EntryTable(this.#db);
    for (const { id } of this.#uncut.splice(-CUTS_PER_STEP)) {
      const breaks = readClockBreaks(this.#db, id);
      const cut = (time: number) => cutArchivedAtTime(entries, id, ["message"], breaks, time);
      if (after !== undefined) this.#lowest = Math.min(this.#lowest, cut(after).firstLater ?? NO_BOUND);
      if (before !== undefined) this.#highest = Math.max(this.#highest, cut(before).lastEarlier ?? 0);
    }
    if (this.#uncut.length > 0 || before === undefined) return;
    this.#searchedFrom = Math.min(this.#searchedFrom, this.#highest + 1);
  }

  #searchPart(): void {
    const newest = this.#newestBelow.get(this.#searchedFrom)?.["seq"];
    if (newest == null || Number(newest) < this.#lowest) {
      this.#isDone = true;
      return;
    }
    const until = Number(newest) + 1;
    const part = readPart(this.#db, until - 1);
    if (part === undefined) {
      this.#isDone = true; // nothing older is indexed
      return;
    }
    this.#collect(this.#matchIn(part.table), Math.max(part.first, this.#lowest), until);
  }

  #matchIn(table: string): StatementSync {
    if (this.#match?.table !== table) {
      const statement = this.#db.prepare(
        `SELECT seq, time, conversations, payload FROM ${table} JOIN record ON seq = ${table}.rowid
          WHERE ${table} MATCH ? AND ${table}.rowid >= ? AND ${table}.rowid < ? ORDER BY ${table}.rowid DESC`,
      );
      this.#match = { table, statement };
    }
    return this.#match.statement;
  }

  #collect(match: StatementSync, from: number, until: number): void {
    const { after = -Infinity, before = Infinity, limit } = this.#query;
    for (const row of match.iterate(this.#expression, from, until)) {
      const [seq, time] = [Number(row["seq"]), Number(row["time"])];
      const [home] = parseConversationIds(row["conversations"]).filter((id) => this.#conversations!.has(id));
      if (home === undefined || time <= after || time >= before) continue;
      const conversation = this.#conversations!.get(home)!;
      const payload = row["payload"] as Uint8Array;
      this.#hits.push({
        seq,
        time,
        payload,
        conversation: conversationKeyOf(conversation),
        name: conversation.shown,
      });
      if (this.#hits.length < limit) continue;
      this.#isDone = true;
      this.#searchedFrom = seq;
      return;
    }
    this.#searchedFrom = from;
  }
}

/** The query in the language of FTS5 (https://sqlite.org/fts5.html#full_text_query_syntax). */
function matchExpression(query: SearchQuery, ids: readonly number[], owner: string): string {
  const anyOf = (tokens: readonly string[]) => tokens.length === 0 ? [] : [`meta : (${tokens.join(" OR ")})`];
  const wanted = [
    ...anyOf([...ids.map(conversationToken), ...owner === "" ? [] : [ownerToken(owner)]]),
    ...anyOf(query.from.map(senderToken)),
    ...anyOf(query.hasLink ? [LINK_TOKEN] : []),
    ...query.terms.map((term) => `text : ${phrase(term)}`),
  ].join(" AND ");
  if (query.excluded.length === 0) return wanted;
  return `(${wanted}) NOT (${query.excluded.map((term) => `text : ${phrase(term)}`).join(" OR ")})`;
}

function phrase({ words, isPrefix }: SearchTerm): string {
  return `"${words.join(" ").replaceAll('"', '""')}"${isPrefix ? " *" : ""}`;
}
