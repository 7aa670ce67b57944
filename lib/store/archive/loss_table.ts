/** Ranges of records that the archive does not hold, in order and apart from each other. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ArchiveLoss } from "../../log/archive.ts";

export class LossTable {
  readonly #put: StatementSync;
  readonly #drop: StatementSync;
  readonly #touching: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare("INSERT INTO loss VALUES (?, ?, ?)");
    this.#drop = db.prepare("DELETE FROM loss WHERE first = ?");
    this.#touching = db.prepare(
      "SELECT first, until, why FROM loss WHERE first <= ? AND until >= ? ORDER BY first",
    );
  }

  /**
   * Adds a range, merged with those of the same reason that it touches. A range that was lost for another reason
   * keeps it, unless the new one covers it: then nothing tells them apart any more.
   */
  add(loss: ArchiveLoss): void {
    let { from, until } = loss;
    for (const row of this.#touching.all(until, from)) {
      const [first, end] = [Number(row["first"]), Number(row["until"])];
      const isCovered = first >= loss.from && end <= loss.until;
      if (row["why"] !== loss.why && !isCovered) {
        if (first < from) from = Math.max(from, end);
        else until = Math.min(until, first);
        continue;
      }
      this.#drop.run(first);
      from = Math.min(from, first);
      until = Math.max(until, end);
    }
    if (from < until) this.#put.run(from, until, loss.why);
  }
}

/** Losses that overlap the range from `from` up to `until`, in order. */
export function readLosses(
  db: DatabaseSync,
  from = 0,
  until: number = Number.MAX_SAFE_INTEGER,
): ArchiveLoss[] {
  return db.prepare("SELECT first, until, why FROM loss WHERE first < ? AND until > ? ORDER BY first")
    .all(until, from)
    .map(({ first, until, why }) => ({
      from: Number(first),
      until: Number(until),
      why: String(why) as ArchiveLoss["why"],
    }));
}
