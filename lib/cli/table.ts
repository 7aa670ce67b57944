/** Rows in columns. */

export interface TableCell {
  /** Printable, one line. */
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

/** A heading and `rows`, each column as wide as its widest cell, two spaces between. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly TableCell[])[],
  paintHeading: (text: string) => string,
): string {
  const widths = heading.map((title, column) =>
    Math.max(cellWidth(title), ...rows.map((row) => cellWidth(row[column]?.text ?? "")))
  );
  const lines = [heading.map((text): TableCell => ({ text, paint: paintHeading })), ...rows];
  return lines.map((cells) => formatRow(cells, widths) + "\n").join("");
}

/** Nothing after the last cell that has text, not even spaces. */
function formatRow(cells: readonly TableCell[], widths: readonly number[]): string {
  const last = cells.findLastIndex(({ text }) => text !== "");
  return cells.slice(0, last + 1).map(({ text, paint }, column) => {
    const padding = column === last ? "" : " ".repeat(widths[column]! - cellWidth(text) + 2);
    return (paint?.(text) ?? text) + padding;
  }).join("");
}

/** Columns of `text`: what East Asian scripts and emoji take twice is counted twice. */
function cellWidth(text: string): number {
  let width = 0;
  for (const char of text) width += WIDE.test(char) ? 2 : MARK.test(char) ? 0 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const MARK = /\p{M}|\u200d/u;
