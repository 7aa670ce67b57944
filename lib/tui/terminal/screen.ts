/**
 * The lower edge of a terminal: the line being typed stays there, and all else is printed above it into the terminal's own
 * scrollback. Each change is one write: erase the line, print what is new, draw the line again with the cursor in its place.
 *
 * The line is written without breaks and the terminal wraps it. On a resize some terminals re-wrap it and some don't: where the
 * cursor is then tells which (see {@link Screen.handleResize}); in doubt, rather a remnant of the line stays than a message goes.
 * `CSI n A` stops at the upper edge, so a line higher than the screen shows only the rows around the cursor.
 */
import { toPrintable } from "../../base/printable_text.ts";
import type { EditorLine } from "./line_editor.ts";
import { countColumns, splitGraphemes } from "../view/text_width.ts";

/** Columns and rows of the terminal. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Rows of text as a terminal of some width wraps them, and where in them the cursor stands. */
export interface Layout {
  readonly rows: readonly string[];
  readonly row: number;
  /** What stands before the cursor in its row. */
  readonly lead: string;
}

/** From the beginning of a row. Not from its first cell: in the upper left corner, tmux would take that for "put all into history". */
const ERASE_DOWN = " \x1b[J\r";
const CLEAR_ALL = "\x1b[H\x1b[2J";
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";
/** DSR (ECMA-48 section 8.3.35): where is the cursor? */
const ASK_CURSOR = "\x1b[6n";

/** Wraps `prompt` and `line` at `columns`. A wide character that does not fit the end of a row begins the next. */
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
  /** Where the next cell of `width` goes: behind a full row that is the beginning of the next. */
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
  /** First row of the layout that is on the screen; above 0 only for a line higher than the screen. */
  #top = 0;
  #drawn: DrawnLine | undefined;

  /** `write` gets one string a change; `size` is asked at each. */
  constructor(write: (text: string) => void, size: () => TerminalSize) {
    this.#write = write;
    this.#size = size;
  }

  /** Shows the line, and asks the terminal to mark pasted text. */
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

  /** Prints finished rows above the line. They may hold colours, but nothing that moves the cursor. */
  print(rows: readonly string[]): void {
    if (rows.length === 0) return;
    this.#write(this.#erase() + rows.map((row) => row + "\r\n").join("") + this.#draw());
  }

  /** The terminal has changed its size: asks where the cursor is now; the answer comes by {@link handleCursorReport}. */
  handleResize(): void {
    this.#write(ASK_CURSOR);
  }

  /** The cursor is in `column`: draws the line again. */
  handleCursorReport(column: number): void {
    this.#write(this.#erase(column) + this.#draw());
  }

  /** Clears the screen (Ctrl-L); the line moves to the top. */
  clear(): void {
    this.#write(this.#erase() + CLEAR_ALL + this.#draw());
  }

  /** Takes the line away and leaves the terminal as it was found. */
  close(): void {
    this.#write(this.#erase() + PASTE_OFF);
  }

  #set(prompt: string, line: EditorLine): void {
    this.#prompt = toPrintable(prompt);
    this.#line = line;
  }

  /** Moves to where the line begins on the screen, and erases from there. */
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
    // The window stays where it is as long as the cursor is in it.
    this.#top = Math.min(this.#top, layout.row, Math.max(0, layout.rows.length - height));
    this.#top = Math.max(this.#top, layout.row - height + 1);
    const visible = layout.rows.slice(this.#top, this.#top + height);
    const row = layout.row - this.#top;
    const before = visible.slice(0, row).join("") + layout.lead;
    this.#drawn = { columns, before, row, column: countColumns(layout.lead) };
    // Terminals disagree on the width of some emoji. Written a second time up to there, the text itself puts the cursor.
    return visible.map((row, i) => i > 0 && row === "" ? WRAP_FILL : row).join("") +
      "\r" + cursorUp(visible.length - 1) + before +
      (layout.lead === "" && row > 0 ? firstGrapheme(visible[row]!) + "\r" : "");
  }
}

/** What is on the screen: the width it was drawn for, the text before the cursor, and where that left the cursor. */
interface DrawnLine {
  readonly columns: number;
  readonly before: string;
  readonly row: number;
  readonly column: number;
}

/** Rows between the line's first one and the cursor, when the terminal is `columns` wide now and the cursor is in `column`. */
function countRowsAbove(drawn: DrawnLine, columns: number, column: number | undefined): number {
  if (drawn.columns === columns) return drawn.row;
  const wrapped = computeLayout(drawn.before, { text: "", cursor: 0 }, columns);
  const ifWrapped = countColumns(wrapped.lead);
  const ifLeft = Math.min(drawn.column, columns - 1);
  if (ifWrapped !== ifLeft && column === ifWrapped) return wrapped.row;
  if (ifWrapped !== ifLeft && column === ifLeft) return drawn.row;
  return Math.min(drawn.row, wrapped.row);
}

/** Behind a full row the cursor waits at its end; a space makes the terminal go on to the next row. */
const WRAP_FILL = " ";

function firstGrapheme(row: string): string {
  return splitGraphemes(row)[0] ?? WRAP_FILL;
}

function cursorUp(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}
