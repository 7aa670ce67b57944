/** Reads the rows of a damaged table, around what cannot be read. */
import type { DatabaseSync } from "node:sqlite";
import { isDamageSymptom } from "./archive_schema.ts";

export type SalvagedRow = Readonly<Record<string, unknown>>;

/** Behind all keys. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;
/** Rows that are read at once. */
const SLICE_ROWS = 500;

export interface SalvageOptions {
  readonly table: string;
  /** Its integer primary key; or, with `where`, a column that comes next in its index. */
  readonly key: string;
  /** A condition that all rows to read fulfil. */
  readonly where?: string;
  /** Whether a row can be what was written: a page may be that of another table. */
  readonly isSound?: (row: SalvagedRow) => boolean;
  /** Called between two slices where rows with keys from `from` up to `until` cannot be read. */
  readonly onGap?: (from: number, until: number) => void;
}

/**
 * Rows of a table in the order of a key, a slice at a time. Rows of a damaged page may come out of order, or be those
 * of another table: they count as rows that cannot be read. What a page hides that is in the place of another one is
 * no gap: {@link isTableSound} tells.
 */
export function* salvageRows(
  db: DatabaseSync,
  { table, key, where, isSound = () => true, onGap = () => {} }: SalvageOptions,
): Generator<readonly SalvagedRow[]> {
  const keyOf = (row: SalvagedRow) => Number(row[key]);
  const condition = where === undefined ? "" : `${where} AND `;
  const read = (from: number, limit: number): readonly SalvagedRow[] | undefined => {
    try {
      const rows = db.prepare(`SELECT * FROM ${table} WHERE ${condition}${key} >= ? ORDER BY ${key} LIMIT ?`)
        .all(from, limit);
      const wrong = rows.findIndex((row, nth) =>
        !isSound(row) || keyOf(row) < (nth === 0 ? from : keyOf(rows[nth - 1]!) + 1)
      );
      return wrong < 0 ? rows : wrong === 0 ? undefined : rows.slice(0, wrong);
    } catch (error) {
      if (isDamageSymptom(error)) return undefined;
      throw error;
    }
  };
  let next = 0;
  let limit = SLICE_ROWS;
  while (true) {
    const rows = read(next, limit);
    if (rows !== undefined && rows.length > 0) {
      yield rows;
      next = keyOf(rows.at(-1)!) + 1;
      limit = Math.min(SLICE_ROWS, limit * 2);
    } else if (rows !== undefined) return;
    else if (limit > 1) limit = Math.floor(limit / 2);
    else {
      const after = findReadable(next, (from) => read(from, 1));
      onGap(next, after === undefined ? NO_BOUND : keyOf(after));
      if (after === undefined) return;
      next = keyOf(after);
    }
  }
}

/** The first row that can be read behind damage at `from`; undefined: there is none. */
function findReadable(
  from: number,
  read: (from: number) => readonly SalvagedRow[] | undefined,
): SalvagedRow | undefined {
  let [low, high] = [from, from + 1]; // reading from `low` on fails
  let rows = read(high);
  for (let width = 1; rows === undefined; width *= 2) {
    if (high >= NO_BOUND) return undefined;
    low = high;
    high = Math.min(NO_BOUND, high + width);
    rows = read(high);
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    const found = read(middle);
    if (found === undefined) low = middle;
    else [high, rows] = [middle, found];
  }
  return rows[0];
}

/** Lines of SQLite's own check. */
const FAULT_LINES = 100_000;

/** Whether SQLite finds all rows of `table` in their places. */
export function isTableSound(db: DatabaseSync, table: string): boolean {
  return quickCheck(db, table)?.every((text) => text === "ok") === true;
}

/** Whether there are pages that no table leads to: another page is in the place of the root of their table. */
export function hasStrayPages(db: DatabaseSync): boolean {
  return quickCheck(db, FAULT_LINES)?.some((text) => text.endsWith("never used")) !== false;
}

function quickCheck(db: DatabaseSync, of: string | number): string[] | undefined {
  try {
    return db.prepare(`PRAGMA quick_check(${of})`).all().map(({ quick_check: text }) => String(text));
  } catch (error) {
    if (isDamageSymptom(error)) return undefined;
    throw error;
  }
}
