/**
 * Which rows of a long conversation are in the document, and where it is scrolled to. The page keeps at most
 * {@link MAX_WINDOW_ROWS} rows, with empty space of the height of all others above and below. Whatever happens to other
 * rows, the one at the top of what is seen stays where it is; at the end of the conversation, the end does. Lengths are
 * in CSS pixels. Pure.
 */
import { RowHeights } from "./row_heights.ts";
import type { RowSplice } from "./row.ts";

/** Most rows in the document at one time. */
export const MAX_WINDOW_ROWS = 300;
/** Distance from the end within which the list counts as scrolled to the end. */
export const END_TOLERANCE_PX = 24;
export const OVERSCAN_VIEWS = 1;

export interface RowRange {
  /** Index of the first row. */
  readonly start: number;
  /** Index behind the last row. */
  readonly end: number;
}

/** What the page draws. */
export interface WindowLayout extends RowRange {
  /** Empty space above the first row. */
  readonly above: number;
  /** Empty space below the last row. */
  readonly below: number;
  /** Where the list is to be scrolled to. */
  readonly scrollTop: number;
}

export interface WindowOptions {
  /** Height of the row at `index` until it is measured. */
  readonly estimate: (index: number) => number;
}

/** The row that stays where it is, and its distance from the top of the view: negative if it begins above. */
interface Anchor {
  readonly index: number;
  readonly distance: number;
}

export class ListWindow {
  readonly #heights = new RowHeights();
  readonly #estimate: (index: number) => number;
  #viewHeight = 0;
  #scrollTop = 0;
  #isAtEnd = true;
  /** Height of the rows that are kept above and below what is seen, in heights of the view. */
  overscanViews = OVERSCAN_VIEWS;
  /** The rows of the last layout, wherever they are now; undefined: they are not in one piece any more. */
  #drawn: RowRange | undefined;

  constructor({ estimate }: WindowOptions) {
    this.#estimate = estimate;
  }

  get count(): number {
    return this.#heights.count;
  }

  /** The end of the conversation is seen, and stays so when rows are added to it. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  get scrollTop(): number {
    return this.#scrollTop;
  }

  /** The row at the top of the view, and its distance from there; undefined: there are no rows. */
  get anchor(): Anchor | undefined {
    if (this.count === 0) return undefined;
    const index = this.#heights.indexAt(this.#scrollTop);
    return { index, distance: this.#heights.offsetOf(index) - this.#scrollTop };
  }

  get layout(): WindowLayout {
    const range = this.#drawn = this.#range();
    const above = this.#heights.offsetOf(range.start);
    const below = Math.max(0, this.#heights.total - this.#heights.offsetOf(range.end));
    return { ...range, above, below, scrollTop: this.#scrollTop };
  }

  /** Distance of the row `index` from the beginning of the list. */
  offsetOf(index: number): number {
    return this.#heights.offsetOf(index);
  }

  /** The view has the height `height`. */
  resize(height: number): void {
    const anchor = this.anchor;
    this.#viewHeight = height;
    this.#hold(anchor);
  }

  /** The person has scrolled to `top`. */
  scroll(top: number): void {
    this.#scrollTop = this.#clamp(top);
    this.#isAtEnd = this.#scrollTop >= this.maxScrollTop - END_TOLERANCE_PX;
  }

  /** The list of rows has changed. */
  splice({ at, removed, inserted }: RowSplice): void {
    const anchor = this.anchor;
    const known = Array.from(
      { length: Math.min(removed, inserted) },
      (_, row) => this.#heights.get(at + row),
    );
    const heights = Array.from({ length: inserted }, (_, row) => this.#estimate(at + row));
    if (removed === inserted) known.forEach((height, row) => heights[row] = height); // changed in place: near enough
    this.#heights.splice(at, removed, heights);
    this.#drawn &&= moveRange(this.#drawn, { at, removed, inserted });
    this.#hold(anchor && moveAnchor(anchor, { at, removed, inserted }));
  }

  /** Rows have been drawn: the heights of those from `start` on, in order. */
  measure(start: number, heights: readonly number[]): void {
    const anchor = this.anchor;
    for (const [row, height] of heights.entries()) {
      if (start + row < this.count) this.#heights.set(start + row, Math.max(0, height));
    }
    this.#hold(anchor);
  }

  /** Scrolls to the end, and stays there. */
  scrollToEnd(): void {
    this.#isAtEnd = true;
    this.#hold(undefined);
  }

  /** Scrolls so that the row `index` begins at `distance` below the top of the view. */
  scrollTo(index: number, distance = 0): void {
    this.scroll(this.#heights.offsetOf(index) - distance);
  }

  /** The furthest that it can be scrolled. */
  get maxScrollTop(): number {
    return Math.max(0, this.#heights.total - this.#viewHeight);
  }

  #clamp(top: number): number {
    return Math.min(Math.max(0, top), this.maxScrollTop);
  }

  /** Scrolls so that `anchor`, or the end, is where it was. */
  #hold(anchor: Anchor | undefined): void {
    if (this.#isAtEnd || anchor === undefined) this.#scrollTop = this.maxScrollTop;
    else this.#scrollTop = this.#clamp(this.#heights.offsetOf(anchor.index) - anchor.distance);
  }

  /**
   * The rows to keep: what is seen and some more, at most {@link MAX_WINDOW_ROWS}. Those of the last layout stay as long
   * as half of what is around the view is there, so that most changes touch no other rows.
   */
  #range(): RowRange {
    if (this.count === 0) return { start: 0, end: 0 };
    const more = this.#viewHeight * this.overscanViews;
    const drawn = this.#drawn;
    if (drawn !== undefined && drawn.end - drawn.start <= MAX_WINDOW_ROWS) {
      const [least, most] = [this.#around(more / 2), this.#around(more * 1.5)];
      if (isWithin(least, drawn) && isWithin(drawn, most)) return drawn;
    }
    const first = this.#heights.indexAt(this.#scrollTop);
    const last = this.#heights.indexAt(this.#scrollTop + this.#viewHeight);
    const { start: from, end: to } = this.#around(more);
    // What is seen comes first where rows are very low.
    const end = Math.min(to, Math.max(last + 1, from + MAX_WINDOW_ROWS), first + MAX_WINDOW_ROWS);
    return { start: Math.max(from, end - MAX_WINDOW_ROWS), end };
  }

  /** The rows of the view, and of `more` pixels above and below. */
  #around(more: number): RowRange {
    const start = this.#heights.indexAt(this.#scrollTop - more);
    return { start, end: this.#heights.indexAt(this.#scrollTop + this.#viewHeight + more) + 1 };
  }
}

function isWithin(inner: RowRange, outer: RowRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The range behind a change of the list, with what has come at its end; undefined: something in it has come or gone. */
function moveRange({ start, end }: RowRange, { at, removed, inserted }: RowSplice): RowRange | undefined {
  const more = inserted - removed;
  if (at >= end) return at === end && removed === 0 ? { start, end: end + more } : { start, end };
  if (at + removed <= start) return { start: start + more, end: end + more };
  return more === 0 ? { start, end } : undefined;
}

/** The anchor behind a change of the list; if its row is gone, the row in its place. */
function moveAnchor({ index, distance }: Anchor, { at, removed, inserted }: RowSplice): Anchor {
  if (index < at) return { index, distance };
  if (index >= at + removed) return { index: index + inserted - removed, distance };
  return { index: Math.min(index, at + Math.max(0, inserted - 1)), distance };
}
