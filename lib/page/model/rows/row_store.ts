/**
 * A long list of rows that grows at both ends and changes in between, with the changes since they were last asked for.
 * Adding or changing a row costs the same however many there are, but for the moving of the array. Pure.
 */
import type { Row, RowSplice } from "../row.ts";
import type { PresenceCounts } from "./presence_fold.ts";

/** A row and its place. */
export interface Slot {
  row: Row;
  /** Grows from one slot to the next. */
  position: number;
  /** Of a presence row. */
  counts?: PresenceCounts;
  /** The row before an edit of ours that is not acknowledged yet. */
  beforeEdit?: Row;
}

/** Changes kept before they are taken: more of them become one change of everything. */
export const MAX_SPLICES = 500;

export class RowStore {
  #slots: Slot[] = [];
  readonly #byKey = new Map<string, Slot>();
  #splices: RowSplice[] = [];
  /** Number of rows when the changes were last taken. */
  #countTaken = 0;
  #version = 0;
  #work = 0;

  get count(): number {
    return this.#slots.length;
  }

  get version(): number {
    return this.#version;
  }

  /** Rows made, changed or removed so far. */
  get work(): number {
    return this.#work;
  }

  at(index: number): Row {
    return this.slotAt(index).row;
  }

  slotAt(index: number): Slot {
    return this.#slots[index]!;
  }

  get(key: string): Slot | undefined {
    return this.#byKey.get(key);
  }

  /** Index of `slot`, which is in the list. */
  indexOf({ position }: Slot): number {
    let [low, high] = [0, this.#slots.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#slots[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(slot: Slot): boolean {
    return this.#byKey.get(slot.row.key) === slot;
  }

  /** Puts `slots` before the row at `index`, or at the end. */
  insert(index: number, slots: readonly Slot[]): void {
    if (slots.length === 0) return;
    const before = this.#slots[index - 1]?.position;
    const after = this.#slots[index]?.position;
    const step = before === undefined || after === undefined ? 1 : (after - before) / (slots.length + 1);
    const first = before === undefined ? (after ?? 0) - step * slots.length : before + step;
    for (const [nth, slot] of slots.entries()) {
      slot.position = first + nth * step;
      this.#byKey.set(slot.row.key, slot);
    }
    if (index === this.#slots.length) { for (const slot of slots) this.#slots.push(slot); }
    else this.#slots = [...this.#slots.slice(0, index), ...slots, ...this.#slots.slice(index)];
    this.#note(index, 0, slots.length);
    // Between two numbers there are only so many others.
    if (first <= (before ?? -Infinity) || slots.at(-1)!.position >= (after ?? Infinity)) this.#renumber();
  }

  /** Removes `count` rows from `index` on, and returns them. */
  remove(index: number, count = 1): Slot[] {
    const gone = this.#slots.splice(index, count);
    for (const { row } of gone) this.#byKey.delete(row.key);
    this.#note(index, gone.length, 0);
    return gone;
  }

  /** `slot` shows `row` from now on, under the same key. */
  change(slot: Slot, row: Row): void {
    if (slot.row === row) return;
    slot.row = row;
    if (this.has(slot)) this.#note(this.indexOf(slot), 1, 1);
  }

  takeSplices(): RowSplice[] {
    const splices = this.count === 0 ? this.#listRemovals() : this.#splices;
    this.#splices = [];
    this.#countTaken = this.count;
    return splices;
  }

  /** Where no row is left, none of those between is told. */
  #listRemovals(): RowSplice[] {
    return this.#countTaken === 0 ? [] : [{ at: 0, removed: this.#countTaken, inserted: 0 }];
  }

  #renumber(): void {
    for (const [index, slot] of this.#slots.entries()) slot.position = index;
  }

  #note(at: number, removed: number, inserted: number): void {
    this.#version++;
    this.#work += removed === inserted ? inserted : removed + inserted;
    this.#splices.push({ at, removed, inserted });
    if (this.#splices.length <= MAX_SPLICES) return;
    this.#splices = [{ at: 0, removed: this.#countTaken, inserted: this.count }];
  }
}
