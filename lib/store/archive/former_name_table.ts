/**
 * Names that channels have given up, because they were renamed or retired, and owners of direct conversations that
 * have ended. An older export has a conversation of that name, which must not become readable as another channel's.
 *
 * The table is bounded: without its oldest row, nothing is known of exports that are as old.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Rows of the table; with more, the oldest is dropped. */
export const MAX_FORMER_NAMES = 10_000;

/** An export with a cursor below `until` has under `name` (folded; or an owner id) what is not to be brought back. */
export interface FormerName {
  readonly name: string;
  readonly until: number;
}

export class FormerNameTable {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #count: StatementSync;
  readonly #dropOldest: StatementSync;
  readonly #setChangesFrom: StatementSync;
  readonly #changesFrom: StatementSync;

  constructor(db: DatabaseSync, readonly max = MAX_FORMER_NAMES) {
    this.#put = db.prepare(`INSERT INTO former_name VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET until = max(until, excluded.until)`);
    this.#get = db.prepare("SELECT until FROM former_name WHERE name = ?");
    this.#count = db.prepare("SELECT count(*) AS count FROM former_name");
    this.#dropOldest = db.prepare(`DELETE FROM former_name
      WHERE name = (SELECT name FROM former_name ORDER BY until LIMIT 1) RETURNING until`);
    this.#setChangesFrom = db.prepare("UPDATE archive SET changes_from = max(changes_from, ?)");
    this.#changesFrom = db.prepare("SELECT changes_from FROM archive");
  }

  add({ name, until }: FormerName): void {
    this.#put.run(name, until);
    while (Number(this.#count.get()?.["count"]) > this.max) {
      this.forgetBefore(Number(this.#dropOldest.get()?.["until"]));
    }
  }

  /** Whether an export with that cursor has another conversation under `name`. */
  isFormer(name: string, cursor: number): boolean {
    return cursor < Number(this.#get.get(name)?.["until"] ?? 0);
  }

  /** Not all is known that was renamed, retired or deleted after exports with a cursor below `until`. */
  forgetBefore(until: number): void {
    this.#setChangesFrom.run(until);
  }

  /** All is known that was renamed, retired or deleted after an export with this cursor, or a later one. */
  get changesFrom(): number {
    return Number(this.#changesFrom.get()?.["changes_from"] ?? 0);
  }
}

export function readFormerNames(db: DatabaseSync): FormerName[] {
  return db.prepare("SELECT name, until FROM former_name ORDER BY until, name").all()
    .map(({ name, until }) => ({ name: String(name), until: Number(until) }));
}
