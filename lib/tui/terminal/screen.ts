/**
 * The input line at the bottom of a terminal; everything else is printed above it into the terminal's own
 * scrollback. What is below the scrollback is drawn as one block: the rows above the line (what is not sent yet), the
 * line, and the rows below it (hints). Each change is one write: erase the block, print the new rows, draw the block
 * again and place the cursor. Text that is typed at the end of a row is written by itself.
 *
 * No row of the block fills the width of the terminal, so that each ends with a line break of ours. On a resize to fewer
 * columns some terminals wrap rows and some cut them: the cursor position then tells which (see
 * {@link Screen.handleResize}). In doubt, a remnant of the block stays rather than a message being erased. `CSI n A`
 * stops at the upper edge, so of a line higher than the screen only the rows around the cursor are shown.
 */
import { toPrintable } from "../../base/printable_text.ts";
import { countColumns, countMaxColumns, splitGraphemes } from "../../base/text_width.ts";
import { computeLayout } from "./line/layout.ts";
import { EMPTY_LINE } from "./line/editor_line.ts";
import type { EditorLine } from "./line/editor_line.ts";
import type { Layout } from "./line/layout.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is shown below the scrollback. Rows may contain colours; they are cut to the width by the caller. */
export interface InputBlock {
  readonly prompt: string;
  readonly line: EditorLine;
  readonly above?: readonly string[];
  readonly below?: readonly string[];
}

/** Erases from the second cell: from the upper left corner, tmux would move the screen into its history. */
const ERASE_DOWN = " \x1b[J\r";
const CLEAR_ALL = "\x1b[H\x1b[2J";
/** Bracketed paste (DECSET 2004), and reports of the focus (DECSET 1004), which are off in the same moments. */
export const PASTE_ON = "\x1b[?2004h\x1b[?1004h";
export const PASTE_OFF = "\x1b[?1004l\x1b[?2004l";
/** DSR (ECMA-48 section 8.3.35): asks for the cursor position. */
const ASK_CURSOR = "\x1b[6n";
/** SGR (ECMA-48 section 8.3.117): rows may have colours. */
const COLOUR = /\x1b\[[\d;]*m/g;

export class Screen {
  readonly #write: (text: string) => void;
  readonly #size: () => TerminalSize;
  #block: InputBlock = { prompt: "", line: EMPTY_LINE };
  /** First visible row of the layout; above 0 only for a line higher than the screen. */
  #top = 0;
  #drawn: DrawnBlock | undefined;
  #layout: { readonly layout: Layout; readonly block: InputBlock; readonly columns: number } | undefined;
  /** The last rows that were printed, and the width of the terminal then. */
  #printed = { columns: 0, rows: 0 };

  /** What a report has shown, or is known of the terminal. */
  #wrapsAnew: boolean;
  /** Reports that have been asked for. */
  #asked = 0;

  /**
   * `write` is called once per change, and `size` too. `wrapsAnew`: the terminal is known to wrap all rows anew where it
   * becomes narrower.
   */
  constructor(write: (text: string) => void, size: () => TerminalSize, wrapsAnew = false) {
    this.#write = write;
    this.#size = size;
    this.#wrapsAnew = wrapsAnew;
  }

  /** Shows the block where the cursor is. */
  open(block: InputBlock): void {
    this.#drawn = undefined;
    this.#asked = 0;
    this.#set(block);
    this.#write(this.#draw());
  }

  /** Shows `block` in place of the last one. */
  update(block: InputBlock): void {
    const last = this.#block;
    this.#set(block);
    const appended = this.#append(last);
    if (appended !== undefined) return this.#write(appended);
    const typed = this.#typedText();
    if (typed !== undefined) return typed === "" ? undefined : this.#write(typed);
    this.#write(this.#erase() + this.#draw());
  }

  /**
   * Prints rows above the block, in the place of the last `replaced` ones: at most {@link printedRows}. They may contain
   * colours, but nothing that moves the cursor.
   */
  print(rows: readonly string[], replaced = 0): void {
    if (rows.length === 0) return;
    this.#printed = { columns: this.#size().columns, rows: rows.length };
    this.#write(this.#erase(undefined, replaced) + rows.map((row) => row + "\r\n").join("") + this.#draw());
  }

  /** The rows of the last {@link print} that are still above the line, as wide as they were. */
  get printedRows(): number {
    const { columns, rows } = this.#size();
    if (this.#printed.columns !== columns || this.#drawn?.columns !== columns) return 0;
    return Math.max(0, Math.min(this.#printed.rows, rows - 1 - this.#drawn.row));
  }

  /** The terminal has been resized: asks for the cursor position (see {@link handleCursorReport}). */
  handleResize(): void {
    this.#printed = { columns: 0, rows: 0 }; // a terminal may have broken them anew
    this.#asked++;
    this.#write(ASK_CURSOR);
  }

  /** Draws the block again; the cursor is in `column`, unless the terminal has been resized once more since. */
  handleCursorReport(column: number): void {
    this.#asked = Math.max(0, this.#asked - 1);
    if (this.#asked > 0) return;
    this.#write(this.#erase(column) + this.#draw());
  }

  /** Clears the screen (Ctrl-L); the block moves to the top. */
  clear(): void {
    this.#printed = { columns: 0, rows: 0 };
    this.#write(this.#erase() + CLEAR_ALL + this.#draw());
  }

  /** Erases the block. */
  close(): void {
    this.#write(this.#erase());
  }

  #set(block: InputBlock): void {
    this.#block = { ...block, prompt: toPrintable(block.prompt) };
  }

  /** Moves to the beginning of the block, `above` rows further up, and erases from there. */
  #erase(column?: number, above = 0): string {
    if (this.#drawn === undefined) return "";
    const { columns, rows } = this.#size();
    const place = findBlock(this.#drawn, columns, column, this.#wrapsAnew);
    this.#wrapsAnew = place.wrapsAnew;
    const up = Math.min(place.rowsAbove + above, rows - 1);
    this.#drawn = undefined;
    return "\r" + cursorUp(up) + ERASE_DOWN;
  }

  #draw(): string {
    const drawn = this.#arrange();
    this.#drawn = drawn;
    const { rows, row, lead } = drawn;
    // Terminals disagree on the width of some emoji: writing the text before the cursor again places it.
    return rows.join("\r\n") + "\r" + cursorUp(rows.length - 1 - row) + lead;
  }

  /** The block as it fits the terminal. */
  #arrange(): DrawnBlock {
    const { columns, rows } = this.#size();
    const { above = [], below = [] } = this.#block;
    const layout = this.#layOut(columns);
    const height = Math.max(rows - 1, 1);
    // The window does not move while the cursor is in it.
    this.#top = Math.min(this.#top, layout.row, Math.max(0, layout.rows.length - height));
    this.#top = Math.max(this.#top, layout.row - height + 1);
    const visible = layout.rows.slice(this.#top, this.#top + height);
    const hints = below.slice(0, height - visible.length);
    const room = height - visible.length - hints.length;
    const first = room === 0 ? [] : above.slice(-room);
    return {
      columns,
      rows: [...first, ...visible, ...hints],
      row: first.length + layout.row - this.#top,
      lead: layout.lead,
    };
  }

  #layOut(columns: number): Layout {
    const { prompt, line } = this.#block;
    const last = this.#layout;
    const isSame = last?.columns === columns && last.block.prompt === prompt &&
      last.block.line.text === line.text && last.block.line.cursor === line.cursor;
    const layout = isSame ? last.layout : computeLayout(prompt, line, columns);
    this.#layout = { layout, block: this.#block, columns };
    return layout;
  }

  /**
   * The text that a key has put behind all of the line, if it only makes the last row longer; undefined: it may do more.
   * Nothing is laid out anew for it.
   */
  #append(last: InputBlock): string | undefined {
    const drawn = this.#drawn;
    const { layout } = this.#layout ?? {};
    if (drawn === undefined || layout === undefined || layout.row !== layout.rows.length - 1) {
      return undefined;
    }
    const text = findAppended(last, this.#block);
    if (text === undefined || drawn.rows[drawn.row] !== drawn.lead) return undefined;
    const width = (drawn.leadColumns ?? countMaxColumns(drawn.lead)) + text.length;
    const { columns } = drawn;
    if (width >= columns || this.#size().columns !== columns) return undefined;
    const lead = drawn.lead + text;
    this.#drawn = { ...drawn, rows: drawn.rows.with(drawn.row, lead), lead, leadColumns: width };
    this.#layout = {
      layout: { ...layout, rows: layout.rows.with(-1, lead), lead },
      block: this.#block,
      columns,
    };
    return text;
  }

  /**
   * What changes the drawn block into the new one, if that is text behind the cursor at the end of its row, or nothing;
   * undefined: it is more.
   */
  #typedText(): string | undefined {
    const drawn = this.#drawn;
    if (drawn === undefined || drawn.columns !== this.#size().columns) return undefined;
    const next = this.#arrange();
    const { row, lead } = drawn;
    if (next.row !== row || next.rows.length !== drawn.rows.length || !next.lead.startsWith(lead)) {
      return undefined;
    }
    const text = next.lead.slice(lead.length);
    const isSame = next.rows.every((each, at) => each === drawn.rows[at] || at === row && text !== "");
    if (!isSame || text !== "" && (drawn.rows[row] !== lead || next.rows[row] !== next.lead)) {
      return undefined;
    }
    if (countColumns(next.lead) !== countColumns(lead) + countColumns(text)) return undefined;
    this.#drawn = next;
    return text;
  }
}

/** The block as last drawn, and the position of the cursor in it. */
interface DrawnBlock {
  readonly columns: number;
  readonly rows: readonly string[];
  readonly row: number;
  /** The text before the cursor in its row. */
  readonly lead: string;
  /** Its columns; left out: not counted yet. */
  readonly leadColumns?: number;
}

/** One grapheme and one column for each of its characters, also behind another such character. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Printable ASCII that makes the block `last` to `next`, and is at the end of both lines; undefined: the change is another one. */
function findAppended(last: InputBlock, next: InputBlock): string | undefined {
  const { text: before } = last.line;
  const { text } = next.line;
  if (text.length <= before.length || !text.startsWith(before)) return undefined;
  if (last.line.cursor !== before.length || next.line.cursor !== text.length) return undefined;
  const appended = text.slice(before.length);
  if (!PRINTABLE_ASCII.test(appended) || !PRINTABLE_ASCII.test(before.slice(-1))) return undefined;
  const isSame = last.prompt === next.prompt && areSameRows(last.above, next.above) &&
    areSameRows(last.below, next.below);
  return isSame ? appended : undefined;
}

function areSameRows(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((row, at) => row === b[at]);
}

interface BlockPlace {
  /** Rows of the block above the cursor. */
  readonly rowsAbove: number;
  readonly wrapsAnew: boolean;
}

/**
 * Where the block is, in a terminal now `columns` wide with the cursor in `column`; undefined: not known. The column tells
 * whether the terminal has wrapped the row with the cursor, unless it is the same in both cases.
 */
function findBlock(
  drawn: DrawnBlock,
  columns: number,
  column: number | undefined,
  wrapsAnew: boolean,
): BlockPlace {
  if (drawn.columns === columns) return { rowsAbove: drawn.row, wrapsAnew };
  const above = drawn.rows.slice(0, drawn.row);
  const ends = [...above, drawn.lead].map((row) => wrapLikeTerminal(row.replaceAll(COLOUR, ""), columns));
  const last = ends.at(-1)!;
  const wrappedRow = ends.slice(0, -1).reduce((sum, { row }) => sum + row + 1, 0) + last.row;
  const ifLeft = Math.min(countColumns(drawn.lead), columns - 1);
  const ifWrapped = last.column;
  if (ifWrapped !== ifLeft && column === ifWrapped) return { rowsAbove: wrappedRow, wrapsAnew: true };
  if (ifWrapped !== ifLeft && column === ifLeft) return { rowsAbove: drawn.row, wrapsAnew: false };
  const isAsExpected = column === undefined || column === ifWrapped;
  if (wrapsAnew && isAsExpected) return { rowsAbove: wrappedRow, wrapsAnew };
  return { rowsAbove: Math.min(drawn.row, wrappedRow), wrapsAnew };
}

/** The position behind `text` where a terminal wraps it. A wide character that does not fit a row begins the next one. */
function wrapLikeTerminal(text: string, columns: number): { readonly row: number; readonly column: number } {
  let row = 0;
  let column = 0;
  for (const grapheme of splitGraphemes(text)) {
    const width = Math.min(countColumns(grapheme), columns);
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
  }
  return column < columns ? { row, column } : { row, column: columns - 1 };
}

function cursorUp(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}
