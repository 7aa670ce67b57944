/**
 * Heights of the rows of a long list, measured or estimated, in pixels: the offset of a row, and the row at an offset,
 * without walking over all rows. Pure.
 */

interface HeightBlock {
  readonly heights: number[];
  sum: number;
}

/** Rows in a block; a block twice as long is cut into two. */
const BLOCK_ROWS = 512;

export class RowHeights {
  readonly #blocks: HeightBlock[] = [];
  #count = 0;
  #total = 0;

  /** Number of rows. */
  get count(): number {
    return this.#count;
  }

  /** Height of all rows together. */
  get total(): number {
    return this.#total;
  }

  /** Replaces `removed` rows at `at` by rows of the given heights. */
  splice(at: number, removed: number, heights: readonly number[]): void {
    this.#remove(at, removed);
    if (heights.length > 0) this.#insert(at, heights);
  }

  get(index: number): number {
    const { block, start } = this.#find(index);
    return this.#blocks[block]!.heights[index - start]!;
  }

  /** The row at `index` has the height `height`. */
  set(index: number, height: number): void {
    const { block, start } = this.#find(index);
    const { heights } = this.#blocks[block]!;
    const change = height - heights[index - start]!;
    heights[index - start] = height;
    this.#blocks[block]!.sum += change;
    this.#total += change;
  }

  /** Height of all rows before `index`, which may be {@link count}. */
  offsetOf(index: number): number {
    let [start, offset] = [0, 0];
    for (const { heights, sum } of this.#blocks) {
      if (index < start + heights.length) {
        for (let row = 0; row < index - start; row++) offset += heights[row]!;
        return offset;
      }
      start += heights.length;
      offset += sum;
    }
    return offset;
  }

  /** The row that `offset` is in; the first or the last one for an offset outside. There must be a row. */
  indexAt(offset: number): number {
    let [start, top] = [0, 0];
    for (const { heights, sum } of this.#blocks) {
      if (offset < top + sum) {
        for (const [row, height] of heights.entries()) {
          if (offset < top + height) return start + row;
          top += height;
        }
        return start + heights.length - 1; // sums of fractions differ in their last digits
      }
      start += heights.length;
      top += sum;
    }
    return Math.max(0, this.#count - 1);
  }

  #find(index: number): { block: number; start: number } {
    let start = 0;
    for (const [block, { heights }] of this.#blocks.entries()) {
      if (index < start + heights.length) return { block, start };
      start += heights.length;
    }
    throw new RangeError("a row that is not there");
  }

  #remove(at: number, removed: number): void {
    for (let left = removed; left > 0;) {
      const { block, start } = this.#find(at);
      const { heights } = this.#blocks[block]!;
      const gone = heights.splice(at - start, left);
      left -= gone.length;
      this.#count -= gone.length;
      this.#refresh(block);
    }
  }

  #insert(at: number, heights: readonly number[]): void {
    const isAtEnd = at === this.#count;
    const { block, start } = this.#count === 0
      ? { block: 0, start: 0 }
      : isAtEnd
      ? { block: this.#blocks.length - 1, start: this.#count - this.#blocks.at(-1)!.heights.length }
      : this.#find(at);
    const known = this.#blocks[block];
    const rows = known === undefined
      ? [...heights]
      : [...known.heights.slice(0, at - start), ...heights, ...known.heights.slice(at - start)];
    this.#count += heights.length;
    this.#total -= known?.sum ?? 0;
    const blocks: HeightBlock[] = [];
    const step = rows.length > 2 * BLOCK_ROWS ? BLOCK_ROWS : rows.length;
    for (let first = 0; first < rows.length; first += step) {
      const part = rows.slice(first, first + step);
      blocks.push({ heights: part, sum: sumOf(part) });
      this.#total += blocks.at(-1)!.sum;
    }
    this.#blocks.splice(block, known === undefined ? 0 : 1, ...blocks);
  }

  /** Sums the block up anew, or drops it if it is empty. */
  #refresh(block: number): void {
    const { heights, sum } = this.#blocks[block]!;
    const now = sumOf(heights);
    this.#total += now - sum;
    if (heights.length === 0) this.#blocks.splice(block, 1);
    else this.#blocks[block]!.sum = now;
  }
}

function sumOf(heights: readonly number[]): number {
  let sum = 0;
  for (const height of heights) sum += height;
  return sum;
}
