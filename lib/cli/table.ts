/** Rows in columns. */

export interface TableCell {
  /** Printable, one line. */
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

/** A heading and `rows` in columns: each as wide as its widest cell, with two spaces between. */
export async function formatTable(
  heading: readonly string[],
  rows: readonly (readonly TableCell[])[],
  paintHeading: (text: string) => string,
): Promise<string> {
  const lines = [heading.map((text): TableCell => ({ text, paint: paintHeading })), ...rows];
  const columnsOf = await columnCounter(lines.flatMap((cells) => cells.map(({ text }) => text)));
  const widths = heading.map((_, column) =>
    Math.max(...lines.map((cells) => columnsOf(cells[column]?.text ?? "")))
  );
  return lines.map((cells) => formatRow(cells, widths, columnsOf) + "\n").join("");
}

type ColumnCounter = (text: string) => number;

/** A row ends with its last non-empty cell, without trailing spaces. */
function formatRow(
  cells: readonly TableCell[],
  widths: readonly number[],
  columnsOf: ColumnCounter,
): string {
  const last = cells.findLastIndex(({ text }) => text !== "");
  return cells.slice(0, last + 1).map(({ text, paint }, column) => {
    const padding = column === last ? "" : " ".repeat(widths[column]! - columnsOf(text) + 2);
    return (paint?.(text) ?? text) + padding;
  }).join("");
}

/**
 * `string-width` is loaded only if some text is not ASCII, because loading it takes 40 ms of processor time.
 */
async function columnCounter(texts: readonly string[]): Promise<ColumnCounter> {
  if (texts.every((text) => PRINTABLE_ASCII.test(text))) return (text) => text.length;
  const { countColumns } = await import("../base/text_width.ts");
  return countColumns;
}

const PRINTABLE_ASCII = /^[ -~]*$/;
