/** The layout of help texts: paragraphs and two columns, no line wider than a terminal of 80 columns. */

const COLUMNS = 80;
/** A left column that is wider gets a line of its own. */
const MAX_LEFT_COLUMNS = 30;
const ROW_INDENT = "  ";
/** Indent of a right column that has a line of its own. */
const BELOW_INDENT = " ".repeat(6);

export type HelpRow = readonly [left: string, right: string];

/** `text` in lines of at most `columns`, broken at spaces; a longer word has a line of its own. */
function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** `text` in lines; the breaks in it are not kept. */
export function formatHelpParagraph(text: string): string {
  return wrapText(text, COLUMNS).map((line) => `${line}\n`).join("");
}

/** A heading and its rows in two columns. */
export function formatHelpSection(heading: string, rows: readonly HelpRow[]): string {
  const lefts = rows.map(([left]) => left.length).filter((length) => length <= MAX_LEFT_COLUMNS);
  const width = Math.max(0, ...lefts);
  const indent = width === 0 ? BELOW_INDENT : ROW_INDENT + " ".repeat(width + 2);
  const lines = rows.flatMap(([left, right]) => {
    const [first = "", ...more] = wrapText(right, COLUMNS - indent.length);
    const rest = more.map((line) => indent + line);
    return left.length > width
      ? [ROW_INDENT + left, indent + first, ...rest]
      : [`${ROW_INDENT}${left.padEnd(width)}  ${first}`, ...rest];
  });
  return formatLines(heading, lines);
}

/** The section of examples: in two columns where all of them fit, otherwise with each comment below its example. */
export function formatHelpExamples(examples: readonly HelpRow[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const fits = examples.every(([, comment]) => ROW_INDENT.length + width + 2 + comment.length <= COLUMNS);
  const lines = examples.flatMap(([line, comment]) =>
    fits ? [`${ROW_INDENT}${line.padEnd(width)}  ${comment}`] : [
      ROW_INDENT + line,
      ...wrapText(comment, COLUMNS - BELOW_INDENT.length).map((each) => BELOW_INDENT + each),
    ]
  );
  return formatLines("Examples", lines);
}

function formatLines(heading: string, lines: readonly string[]): string {
  return `${heading}:\n${lines.map((line) => `${line.trimEnd()}\n`).join("")}`;
}
