/** A rule across the screen with words in it: where another conversation begins, or what is new. Pure. */
import { countColumns, splitGraphemes } from "../../base/text_width.ts";
import { toPrintableText } from "../../base/printable_text.ts";
import type { StyledSpan } from "./styled_line.ts";

const DASH = "─";
const ELLIPSIS = "…";
/** Columns of the dashes before the label and behind the words at the right. */
const END_COLUMNS = 2;
/** Least columns of the label, before the words at the right are left out for it. */
const LEAST_LABEL_COLUMNS = 8;

/**
 * `── #ops · on call: carol ───────── 3 new since 13:40 ──`, `columns` wide; "" leaves `label` or `right` out. A label that
 * does not fit is cut, and where there is no room for both there are no words at the right.
 */
export function renderRule(label: string, right: string, columns: number): StyledSpan[] {
  const dashes = (count: number): StyledSpan => ({ text: DASH.repeat(Math.max(0, count)), style: "dim" });
  const ends = 2 * END_COLUMNS;
  const end = toPrintableText(right);
  const endColumns = end === "" ? 0 : countColumns(end) + 2; // a space on each side
  if (end !== "" && ends + endColumns + (label === "" ? 0 : LEAST_LABEL_COLUMNS) > columns) {
    return renderRule(label === "" ? right : label, "", columns);
  }
  const text = cutToColumns(toPrintableText(label), columns - ends - endColumns - 3);
  const labelColumns = text === "" ? 0 : countColumns(text) + 2;
  return [
    dashes(Math.min(END_COLUMNS, columns)),
    ...text === "" ? [] : [{ text: ` ${text} `, style: "bold" } as const],
    dashes(columns - ends - labelColumns - endColumns),
    ...end === "" ? [] : [{ text: ` ${end} `, style: "dim" } as const],
    dashes(Math.min(END_COLUMNS, columns - END_COLUMNS)),
  ];
}

/** `text`, or its beginning and an ellipsis where it has more than `columns`. */
export function cutToColumns(text: string, columns: number): string {
  if (countColumns(text) <= columns) return text;
  let shown = "";
  let used = countColumns(ELLIPSIS);
  for (const grapheme of splitGraphemes(text)) {
    used += countColumns(grapheme);
    if (used > columns) break;
    shown += grapheme;
  }
  return columns < countColumns(ELLIPSIS) ? "" : shown.trimEnd() + ELLIPSIS;
}
