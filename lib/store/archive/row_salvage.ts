/** Reads the rows of a damaged table, around what cannot be read. */
import type { DatabaseSync } from "node:sqlite";
import { isDamageSymptom } from "./archive_schema.ts";

type SalvagedRow = Readonly<Record<string, unknown>>;

/** Behind all keys. */
export const NO_BOUND = Number.MAX_SAFE_INTEGER;
/** Rows that are read at once. */
const SLICE_ROWS = 500;

/**
 * Rows of `table` in the order of its integer primary key `key`, a slice at a time. `onGap` is called between two
 * slices where rows with keys from `from` up to `until` cannot be read. Rows of a damaged page may come out of order:
 * they count as rows that cannot be read.
 */
export function* salvageRows(
  db: DatabaseSync,
  table: string,
  key: string,
  onGap: (from: number, until: number) => void = () => {},
): Generator<readonly SalvagedRow[]> {
  const keyOf = (row: SalvagedRow) => Number(row[key]);
  const read = (from: number, limit: number): readonly SalvagedRow[] | undefined => {
    try {
      const rows = db.prepare(`SELECT * FROM ${table} WHERE ${key} >= ? ORDER BY ${key} LIMIT ?`)
        .all(from, limit);
      const wrong = rows.findIndex((row, nth) => keyOf(row) < (nth === 0 ? from : keyOf(rows[nth - 1]!) + 1));
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
