/** The candidates of a completion as rows below the line. Pure. */
import { toPrintable } from "../base/printable_text.ts";
import { countColumns } from "../base/text_width.ts";

/** Rows of candidates; then their number. */
const MAX_CHOICE_ROWS = 2;
const INDENT = "  ";
/** Room for the number of those left out. */
const COUNT_COLUMNS = 14;

/** `choices` in at most {@link MAX_CHOICE_ROWS} rows; the last one tells how many there are more. */
export function formatChoices(choices: readonly string[], columns: number): string[] {
  const rows = [""];
  let shown = 0;
  for (const choice of choices.map(toPrintable)) {
    const word = INDENT + choice;
    const isLastRow = rows.length === MAX_CHOICE_ROWS;
    const room = columns - 1 - (isLastRow && shown + 1 < choices.length ? COUNT_COLUMNS : 0);
    if (rows.at(-1) === "" || countColumns(rows.at(-1)! + word) <= room) rows[rows.length - 1] += word;
    else if (isLastRow) break;
    else rows.push(word);
    shown++;
  }
  if (shown === 0) return [];
  if (shown < choices.length) rows[rows.length - 1] += `${INDENT}… ${choices.length - shown} more`;
  return rows;
}
