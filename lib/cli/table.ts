/** Rows in columns. */

export interface TableCell {
  /** Printable, one line. */
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

/** How wide a table may be. */
export interface TableFit {
  /** Columns of the screen. */
  readonly columns: number;
  /** By the number of a column, the width to which its texts may be cut. The others are whole. */
  readonly least: Readonly<Record<number, number>>;
}

/** Between two columns. */
const GAP = "  ";
/** Stands for what is cut off. */
const ELLIPSIS = "…";

/** A heading and `rows` in columns: each as wide as its widest cell, with two spaces between. `fit`: less wide if need be. */
export async function formatTable(
  heading: readonly string[],
  rows: readonly (readonly TableCell[])[],
  paintHeading: (text: string) => string,
  fit?: TableFit,
): Promise<string> {
  const lines = [heading.map((text): TableCell => ({ text, paint: paintHeading })), ...rows];
  const measure = await loadMeasure(lines.flatMap((cells) => cells.map(({ text }) => text)));
  const natural = heading.map((_, column) =>
    Math.max(...lines.map((cells) => measure.countColumns(cells[column]?.text ?? "")))
  );
  const widths = fit === undefined ? natural : narrow(natural, fit);
  const cut = (cells: readonly TableCell[]) =>
    cells.map((cell, column) => ({
      ...cell,
      text: truncate(cell.text, widths[column] ?? Infinity, measure),
    }));
  return lines.map((cells) => formatRow(cut(cells), widths, measure.countColumns) + "\n").join("");
}

/** Takes columns from the widest of those that may be cut, until the table fits or none may be cut further. */
function narrow(natural: readonly number[], { columns, least }: TableFit): number[] {
  const widths = [...natural];
  // A column without texts, the last but for its heading, has no gap before it.
  const gaps = GAP.length * (widths.length - 1);
  for (let over = widths.reduce((sum, width) => sum + width, gaps) - columns; over > 0; over--) {
    let widest = -1;
    for (const [column, width] of widths.entries()) {
      if (width > (least[column] ?? Infinity) && width > (widths[widest] ?? 0)) widest = column;
    }
    if (widest < 0) break;
    widths[widest]!--;
  }
  return widths;
}

/** `text` in at most `columns`, with an ellipsis where it is cut. */
function truncate(text: string, columns: number, { countColumns, splitGraphemes }: Measure): string {
  if (countColumns(text) <= columns) return text;
  let shown = "";
  let used = ELLIPSIS.length;
  for (const grapheme of splitGraphemes(text)) {
    used += countColumns(grapheme);
    if (used > columns) break;
    shown += grapheme;
  }
  return shown.trimEnd() + ELLIPSIS;
}

type ColumnCounter = (text: string) => number;

interface Measure {
  readonly countColumns: ColumnCounter;
  readonly splitGraphemes: (text: string) => string[];
}

/** A row ends with its last non-empty cell, without trailing spaces. */
function formatRow(
  cells: readonly TableCell[],
  widths: readonly number[],
  columnsOf: ColumnCounter,
): string {
  const last = cells.findLastIndex(({ text }) => text !== "");
  return cells.slice(0, last + 1).map(({ text, paint }, column) => {
    const padding = column === last ? "" : " ".repeat(widths[column]! - columnsOf(text)) + GAP;
    return (paint?.(text) ?? text) + padding;
  }).join("");
}

/**
 * `string-width` is loaded only if some text is not ASCII, because loading it takes 40 ms of processor time.
 */
async function loadMeasure(texts: readonly string[]): Promise<Measure> {
  if (!texts.every((text) => PRINTABLE_ASCII.test(text))) return await import("../base/text_width.ts");
  return { countColumns: (text) => text.length, splitGraphemes: (text) => text.split("") };
}

const PRINTABLE_ASCII = /^[ -~]*$/;
