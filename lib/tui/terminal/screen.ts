/**
 * The input line at the bottom of a terminal; everything else is printed above it into the terminal's own
 * scrollback. Each change is one write: erase the line, print the new rows, draw the line again and place the
 * cursor.
 *
 * The line is written without breaks and the terminal wraps it. On a resize some terminals re-wrap it and
 * some do not: the cursor position then tells which (see {@link Screen.handleResize}). In doubt, a remnant of
 * the line stays rather than a message being erased. `CSI n A` stops at the upper edge, so of a line higher
 * than the screen only the rows around the cursor are shown.
 */
import { toPrintable } from "../../base/printable_text.ts";
import type { EditorLine } from "./line_editor.ts";
import { countColumns, splitGraphemes } from "../../base/text_width.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Text wrapped to the width of a terminal, and the position of the cursor in it. */
export interface Layout {
  readonly rows: readonly string[];
  readonly row: number;
  /** The text before the cursor in its row. */
  readonly lead: string;
}

/** Erases from the second cell: from the upper left corner, tmux would move the screen into its history. */
const ERASE_DOWN = " \x1b[J\r";
const CLEAR_ALL = "\x1b[H\x1b[2J";
/** Bracketed paste (DECSET 2004), and reports of the focus (DECSET 1004), which are off in the same moments. */
export const PASTE_ON = "\x1b[?2004h\x1b[?1004h";
export const PASTE_OFF = "\x1b[?1004l\x1b[?2004l";
/** DSR (ECMA-48 section 8.3.35): asks for the cursor position. */
const ASK_CURSOR = "\x1b[6n";

/** Wraps `prompt` and `line` at `columns`. A wide character that does not fit a row begins the next one. */
export function computeLayout(prompt: string, line: EditorLine, columns: number): Layout {
  const rows = [""];
  let used = 0;
  const put = (cell: string, width: number) => {
    if (used + width > columns) {
      rows.push("");
      used = 0;
    }
    rows[rows.length - 1] += cell;
    used += width;
  };
  /** Position of the next cell of `width`: after a full row, the beginning of the next one. */
  const place = (width: number) =>
    used + width > columns ? { row: rows.length, lead: "" } : { row: rows.length - 1, lead: rows.at(-1)! };
  const widthOf = (cell: string) => Math.min(countColumns(cell), columns);

  for (const cell of splitGraphemes(prompt)) put(cell, widthOf(cell));
  let cursor: { row: number; lead: string } | undefined;
  let index = 0;
  for (const grapheme of splitGraphemes(line.text)) {
    const cells = splitGraphemes(toPrintable(grapheme));
    if (index >= line.cursor) cursor ??= place(widthOf(cells[0] ?? ""));
    for (const cell of cells) put(cell, widthOf(cell));
    index += grapheme.length;
  }
  cursor ??= place(1);
  if (cursor.row === rows.length) rows.push("");
  return { rows, ...cursor };
}

export class Screen {
  readonly #write: (text: string) => void;
  readonly #size: () => TerminalSize;
  #prompt = "";
  #line: EditorLine = { text: "", cursor: 0 };
  /** First visible row of the layout; above 0 only for a line higher than the screen. */
  #top = 0;
  #drawn: DrawnLine | undefined;

  /** `write` is called once per change, and `size` too. */
  constructor(write: (text: string) => void, size: () => TerminalSize) {
    this.#write = write;
    this.#size = size;
  }

  /** Shows the line, and switches bracketed paste on. */
  open(prompt: string, line: EditorLine): void {
    this.#set(prompt, line);
    this.#write(PASTE_ON + this.#draw());
  }

  /** Redraws the line. */
  update(prompt: string, line: EditorLine): void {
    const erase = this.#erase();
    this.#set(prompt, line);
    this.#write(erase + this.#draw());
  }

  /** Prints rows above the line. They may contain colours, but nothing that moves the cursor. */
  print(rows: readonly string[]): void {
    if (rows.length === 0) return;
    this.#write(this.#erase() + rows.map((row) => row + "\r\n").join("") + this.#draw());
  }

  /** The terminal has been resized: asks for the cursor position (see {@link handleCursorReport}). */
  handleResize(): void {
    this.#write(ASK_CURSOR);
  }

  /** Draws the line again; the cursor is in `column`. */
  handleCursorReport(column: number): void {
    this.#write(this.#erase(column) + this.#draw());
  }

  /** Clears the screen (Ctrl-L); the line moves to the top. */
  clear(): void {
    this.#write(this.#erase() + CLEAR_ALL + this.#draw());
  }

  /** Erases the line and switches bracketed paste off. */
  close(): void {
    this.#write(this.#erase() + PASTE_OFF);
  }

  #set(prompt: string, line: EditorLine): void {
    this.#prompt = toPrintable(prompt);
    this.#line = line;
  }

  /** Moves to the beginning of the line, and erases from there. */
  #erase(column?: number): string {
    if (this.#drawn === undefined) return "";
    const { columns, rows } = this.#size();
    const up = Math.min(countRowsAbove(this.#drawn, columns, column), rows - 1);
    this.#drawn = undefined;
    return "\r" + cursorUp(up) + ERASE_DOWN;
  }

  #draw(): string {
    const { columns, rows } = this.#size();
    const layout = computeLayout(this.#prompt, this.#line, columns);
    const height = Math.max(rows - 1, 1);
    // The window does not move while the cursor is in it.
    this.#top = Math.min(this.#top, layout.row, Math.max(0, layout.rows.length - height));
    this.#top = Math.max(this.#top, layout.row - height + 1);
    const visible = layout.rows.slice(this.#top, this.#top + height);
    const row = layout.row - this.#top;
    const before = visible.slice(0, row).join("") + layout.lead;
    this.#drawn = { columns, before, row, column: countColumns(layout.lead) };
    // Terminals disagree on the width of some emoji: writing the text before the cursor again places it.
    return visible.map((row, i) => i > 0 && row === "" ? WRAP_FILL : row).join("") +
      "\r" + cursorUp(visible.length - 1) + before +
      (layout.lead === "" && row > 0 ? firstGrapheme(visible[row]!) + "\r" : "");
  }
}

/** The line as last drawn: the width, the text before the cursor, and the position of the cursor. */
interface DrawnLine {
  readonly columns: number;
  readonly before: string;
  readonly row: number;
  readonly column: number;
}

/** Rows of the line above the cursor, in a terminal now `columns` wide with the cursor in `column`. */
function countRowsAbove(drawn: DrawnLine, columns: number, column: number | undefined): number {
  if (drawn.columns === columns) return drawn.row;
  const wrapped = computeLayout(drawn.before, { text: "", cursor: 0 }, columns);
  const ifWrapped = countColumns(wrapped.lead);
  const ifLeft = Math.min(drawn.column, columns - 1);
  if (ifWrapped !== ifLeft && column === ifWrapped) return wrapped.row;
  if (ifWrapped !== ifLeft && column === ifLeft) return drawn.row;
  return Math.min(drawn.row, wrapped.row);
}

/** After a full row the cursor stays at its end; a space moves the terminal to the next row. */
const WRAP_FILL = " ";

function firstGrapheme(row: string): string {
  return splitGraphemes(row)[0] ?? WRAP_FILL;
}

function cursorUp(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}
