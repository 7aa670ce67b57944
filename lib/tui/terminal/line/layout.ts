/**
 * The rows of the input line: wrapped at words, the further ones indented. The last column stays free for the cursor, so
 * that a terminal never wraps a row by itself. Pure.
 */
import { toPrintable } from "../../../base/printable_text.ts";
import { countMaxColumns, splitGraphemes } from "../../../base/text_width.ts";
import type { EditorLine } from "./editor_line.ts";

/** Text wrapped to the width of a terminal, and the position of the cursor in it. */
export interface Layout {
  readonly rows: readonly string[];
  /** The row with the cursor. */
  readonly row: number;
  /** The text before the cursor in its row. */
  readonly lead: string;
}

/** A grapheme of the line in its place. One that is not seen (a line break, a space at a wrap) has no text. */
interface Cell {
  readonly text: string;
  readonly width: number;
  /** Where it begins in the line, in UTF-16 units. */
  readonly index: number;
  /** A row may be wrapped before it. */
  readonly isBreak: boolean;
}

interface Row {
  /** The prompt, or the indent. */
  readonly head: string;
  readonly headWidth: number;
  cells: Cell[];
  width: number;
}

/** A prompt that takes more of a row does not indent the others. */
const INDENT_SHARE = 0.25;
const NARROW_INDENT_COLUMNS = 2;

/** Lays out `prompt`, which is printable, and `line` in rows of fewer than `columns` columns. */
export function computeLayout(prompt: string, line: EditorLine, columns: number): Layout {
  const { rows, row, cellsBefore } = place(prompt, line, columns);
  const found = rows[row]!;
  return {
    rows: rows.map(({ head, cells }) => head + joinCells(cells)),
    row,
    lead: found.head + joinCells(found.cells.slice(0, cellsBefore)),
  };
}

/**
 * Where the cursor goes from its row to the one `steps` further, in the column `goal` (left out: its own); undefined:
 * there is no such row.
 */
export function moveByRow(
  prompt: string,
  line: EditorLine,
  columns: number,
  steps: 1 | -1,
  goal?: number,
): { readonly cursor: number; readonly goal: number } | undefined {
  const { rows, row, cellsBefore } = place(prompt, line, columns);
  const from = rows[row]!;
  const column = goal ?? from.headWidth + sumWidths(from.cells.slice(0, cellsBefore));
  const to = rows[row + steps];
  if (to === undefined || to.cells.length === 0 && row + steps < rows.length - 1) return undefined; // of the prompt
  let at = to.headWidth;
  for (const cell of to.cells) {
    if (at + cell.width > column || cell.width === 0 && cell.text === "") {
      return { cursor: cell.index, goal: column };
    }
    at += cell.width;
  }
  return { cursor: endOf(rows, row + steps, line.text), goal: column };
}

/** The index behind the last cell of a row that is in the row still. */
function endOf(rows: readonly Row[], row: number, text: string): number {
  return row === rows.length - 1 ? text.length : rows[row]!.cells.at(-1)?.index ?? text.length;
}

function place(
  prompt: string,
  { text, cursor }: EditorLine,
  columns: number,
): { readonly rows: readonly Row[]; readonly row: number; readonly cellsBefore: number } {
  const width = Math.max(1, columns - 1);
  const rows = wrapCells(makeCells(text), prompt, width);
  for (let row = 0; row < rows.length; row++) {
    const before = rows[row]!.cells.findIndex(({ index }) => index >= cursor);
    if (before >= 0) return { rows, row, cellsBefore: before };
  }
  return { rows, row: rows.length - 1, cellsBefore: rows.at(-1)!.cells.length };
}

function makeCells(text: string): Cell[] {
  const cells: Cell[] = [];
  let index = 0;
  let isAfterBreak = true; // the prompt
  for (const grapheme of splitGraphemes(text)) {
    const shown = grapheme === "\n" ? "" : toPrintable(grapheme);
    const width = countMaxColumns(shown);
    const isWide = width > 1;
    cells.push({ text: shown, width, index, isBreak: isAfterBreak || isWide });
    isAfterBreak = grapheme === " " || isWide;
    index += grapheme.length;
  }
  return cells;
}

function wrapCells(cells: readonly Cell[], prompt: string, width: number): Row[] {
  const indent = indentOf(prompt, width);
  const rows = beginRows(prompt, width);
  const promptRows = rows.length;
  const breakRow = (moved: Cell[] = []) =>
    rows.push({
      head: " ".repeat(indent),
      headWidth: indent,
      cells: moved,
      width: indent + sumWidths(moved),
    });
  for (const cell of cells) {
    let row = rows.at(-1)!;
    const mayBreak = row.cells.length > 0 || rows.length === promptRows && row.width > 0;
    if (row.width + cell.width > width && mayBreak) {
      if (cell.text === " ") { // it is where the row ends
        row.cells.push({ ...cell, text: "", width: 0 });
        breakRow();
        continue;
      }
      breakRow(cell.isBreak ? [] : cutLastWord(row, width - indent - cell.width, rows.length === promptRows));
      row = rows.at(-1)!;
    }
    row.cells.push(cell);
    row.width += cell.width;
    if (cell.text === "") breakRow();
  }
  return rows;
}

/** Takes the word at the end of `row` out of it, if it has at most `room` columns; else nothing. All of a row is taken if the prompt stands before it. */
function cutLastWord(row: Row, room: number, isOfPrompt: boolean): Cell[] {
  const start = row.cells.findLastIndex(({ isBreak }) => isBreak);
  const word = start > 0 || start === 0 && isOfPrompt ? row.cells.slice(start) : [];
  const columns = sumWidths(word);
  if (word.length === 0 || columns > room) return [];
  row.cells = row.cells.slice(0, start);
  row.width -= columns;
  return word;
}

/** The rows of the prompt, wrapped at words, of which the last one goes on with the line. */
function beginRows(prompt: string, width: number): Row[] {
  const heads = [""];
  let used = 0;
  const put = (text: string, columns: number) => {
    if (used + columns > width && used > 0) {
      heads.push("");
      used = 0;
    }
    heads[heads.length - 1] += text;
    used += columns;
  };
  for (const word of prompt.match(/^\s+|\S+\s*/g) ?? []) {
    const seen = word.trimEnd();
    const behind = word.slice(seen.length);
    const cells = countMaxColumns(seen) > width ? splitGraphemes(seen) : [seen];
    for (const cell of cells) put(cell, countMaxColumns(cell));
    if (used + behind.length <= width) put(behind, behind.length);
  }
  return heads.map((head) => {
    const headWidth = countMaxColumns(head);
    return { head, headWidth, cells: [], width: headWidth };
  });
}

function indentOf(prompt: string, width: number): number {
  const columns = countMaxColumns(prompt);
  if (columns <= width * INDENT_SHARE) return columns;
  return width > 4 * NARROW_INDENT_COLUMNS ? NARROW_INDENT_COLUMNS : 0;
}

function joinCells(cells: readonly Cell[]): string {
  return cells.map(({ text }) => text).join("");
}

function sumWidths(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}
