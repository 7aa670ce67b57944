/** Text cut to a number of columns. */
import { countMaxColumns, splitGraphemes } from "../../base/text_width.ts";

/** `text`, or as much of it as fits `columns` with an ellipsis behind it. */
export function cutText(text: string, columns: number): string {
  if (countMaxColumns(text) <= columns) return text;
  let cut = "";
  let used = 1;
  for (const grapheme of splitGraphemes(text)) {
    used += countMaxColumns(grapheme);
    if (used > columns) break;
    cut += grapheme;
  }
  return `${cut}…`;
}
