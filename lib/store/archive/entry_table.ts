/**
 * Entries of a conversation, read in the order of the log: those of some kinds together. Each kind is read in order
 * from the primary key, and SQLite merges them.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EntryKind } from "../../log/archive.ts";
import { ENTRY_KINDS } from "./archive_schema.ts";

/** Above every sequence number. */
export const NO_BOUND = Number.MAX_SAFE_INTEGER;

export const ALL_KINDS = Object.keys(ENTRY_KINDS) as readonly EntryKind[];

interface KindStatements {
  readonly oldest: StatementSync;
  readonly newest: StatementSync;
}

/** Reads the entries of one database. */
export class EntryTable {
  readonly #db: DatabaseSync;
  /** By the kinds that are read. */
  readonly #statements = new Map<string, KindStatements>();
  readonly #timeOf: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#timeOf = db.prepare("SELECT time FROM record WHERE seq = ?");
  }

  /** Time of the record `seq`; undefined: there is none. */
  timeOf(seq: number): number | undefined {
    const row = this.#timeOf.get(seq);
    return row === undefined ? undefined : Number(row["time"]);
  }

  /** The oldest `limit` entries from `from` up to `until`, in order. */
  oldest(id: number, kinds: readonly EntryKind[], from: number, until: number, limit: number): number[] {
    if (limit <= 0 || kinds.length === 0) return [];
    return this.#of(kinds).oldest.all(id, from, until, limit).map(({ seq }) => Number(seq));
  }

  /** The newest `limit` entries from `from` up to `until`, the newest first. */
  newest(id: number, kinds: readonly EntryKind[], from: number, until: number, limit: number): number[] {
    if (limit <= 0 || kinds.length === 0) return [];
    return this.#of(kinds).newest.all(id, from, until, limit).map(({ seq }) => Number(seq));
  }

  #of(kinds: readonly EntryKind[]): KindStatements {
    const numbers = [...new Set(kinds)].map((kind) => ENTRY_KINDS[kind]).sort();
    const key = numbers.join(" ");
    let statements = this.#statements.get(key);
    if (statements === undefined) {
      const each = numbers.map((kind) =>
        `SELECT seq FROM entry WHERE conversation = ?1 AND kind = ${kind} AND seq >= ?2 AND seq < ?3`
      ).join(" UNION ALL ");
      statements = {
        oldest: this.#db.prepare(`${each} ORDER BY seq LIMIT ?4`),
        newest: this.#db.prepare(`${each} ORDER BY seq DESC LIMIT ?4`),
      };
      this.#statements.set(key, statements);
    }
    return statements;
  }
}
