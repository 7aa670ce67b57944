/** The layout of help texts: paragraphs and two columns, folded to the width of the terminal. */
import type { HelpRow } from "../command_syntax.ts";

/** Columns without a terminal, and on any wider one: longer lines are hard to read. */
export const MAX_HELP_COLUMNS = 80;
/** A terminal that is narrower breaks the lines itself. */
const MIN_HELP_COLUMNS = 40;
/** A left column that takes a larger share of the line gets a line of its own. */
const MAX_LEFT_SHARE = 3 / 8;
/** Where less is left for the right column, it is below the left one. */
const MIN_RIGHT_COLUMNS = 28;
const ROW_INDENT = "  ";
/** Indent of a right column that has a line of its own, and of the rest of a left one. */
const BELOW_INDENT = " ".repeat(6);
/** Between the columns. */
const GAP = "  ";

export type { HelpRow } from "../command_syntax.ts";

/** The columns to fold help to on `output`: 40 to 80. */
export function helpColumns(output: { size(): { columns: number } | undefined }): number {
  // A terminal that does not know its size has 0 columns.
  return Math.max(MIN_HELP_COLUMNS, Math.min(MAX_HELP_COLUMNS, output.size()?.columns || MAX_HELP_COLUMNS));
}

/** `text` in lines of at most `columns`, broken at spaces; a longer word has a line of its own. */
export function wrapText(text: string, columns: number): string[] {
  return wrapWords(text.split(/\s+/), columns, columns);
}

/** `words` in lines: the first one has at most `first` columns, each other one at most `others`. */
function wrapWords(words: readonly string[], first: number, others: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > (lines.length === 0 ? first : others)) {
      lines.push(line);
      line = word;
    } else line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** `text` behind the indent of a row; what does not fit is below, further in. */
function wrapHanging(text: string, columns: number): string[] {
  if (ROW_INDENT.length + text.length <= columns) return [ROW_INDENT + text];
  const words = text.trimStart().split(" ");
  const lines = wrapWords(words, columns - ROW_INDENT.length, columns - BELOW_INDENT.length);
  return lines.map((line, nth) => (nth === 0 ? ROW_INDENT : BELOW_INDENT) + line);
}

/** A command line, with a backslash at the end of each line but the last, so that a shell takes all of them as one. */
function wrapCommand(text: string, columns: number): string[] {
  if (ROW_INDENT.length + text.length <= columns) return [ROW_INDENT + text];
  const words = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const backslash = " \\";
  const room = columns - backslash.length;
  const lines = wrapWords(words, room - ROW_INDENT.length, room - BELOW_INDENT.length);
  return lines.map((line, nth) =>
    (nth === 0 ? ROW_INDENT : BELOW_INDENT) + line + (nth < lines.length - 1 ? backslash : "")
  );
}

/** `text` in lines; the breaks in it are not kept. */
export function formatHelpParagraph(text: string, columns = MAX_HELP_COLUMNS): string {
  return wrapText(text, columns).map((line) => `${line}\n`).join("");
}

/** A heading and its rows: in two columns where there is space for them, else one below the other. */
export function formatHelpSection(
  heading: string,
  rows: readonly HelpRow[],
  columns = MAX_HELP_COLUMNS,
): string {
  const width = leftWidth(rows, columns);
  const indent = width === undefined ? BELOW_INDENT : ROW_INDENT + " ".repeat(width) + GAP;
  const lines = rows.flatMap(([left, right]) => {
    const [first = "", ...more] = wrapText(right, columns - indent.length);
    const rest = more.map((line) => indent + line);
    if (width === undefined) return [...wrapHanging(left.trimStart(), columns), indent + first, ...rest];
    return left.length > width
      ? [...wrapHanging(left, columns), indent + first, ...rest]
      : [`${ROW_INDENT}${left.padEnd(width)}${GAP}${first}`, ...rest];
  });
  return formatLines(heading, lines, columns);
}

/** Columns of the left column; undefined: there are no two columns. */
function leftWidth(rows: readonly HelpRow[], columns: number): number | undefined {
  const fitting = rows.map(([left]) => left.length).filter((length) => length <= columns * MAX_LEFT_SHARE);
  const width = Math.max(0, ...fitting);
  const right = columns - ROW_INDENT.length - width - GAP.length;
  return width === 0 || right < MIN_RIGHT_COLUMNS ? undefined : width;
}

/** The section of usages: each goes on further in where it does not fit. */
export function formatHelpUsages(usages: readonly string[], columns = MAX_HELP_COLUMNS): string {
  return formatLines("Usage", usages.flatMap((usage) => wrapHanging(usage, columns)), columns);
}

/** The section of examples: in two columns where all of them fit, otherwise with each comment below its example. */
export function formatHelpExamples(examples: readonly HelpRow[], columns = MAX_HELP_COLUMNS): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const fits = examples.every(([, comment]) =>
    ROW_INDENT.length + width + GAP.length + comment.length <= columns
  );
  const lines = examples.flatMap(([line, comment]) =>
    fits ? [`${ROW_INDENT}${line.padEnd(width)}${GAP}${comment}`] : [
      ...wrapCommand(line, columns),
      ...wrapText(comment, columns - BELOW_INDENT.length).map((each) => BELOW_INDENT + each),
    ]
  );
  return formatLines("Examples", lines, columns);
}

function formatLines(heading: string, lines: readonly string[], columns: number): string {
  const all = [...wrapText(`${heading}:`, columns), ...lines];
  return all.map((line) => `${line.trimEnd()}\n`).join("");
}
