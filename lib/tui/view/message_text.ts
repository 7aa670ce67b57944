/**
 * The text of a message for a terminal or a pipe: mIRC formatting (https://modern.ircdocs.horse/formatting) as escape
 * codes or not at all, tabs to the next stop, and matches of a pattern marked. Pure.
 */
import { FORMATTING, toPrintableText } from "../../base/printable_text.ts";
import type { TextRange } from "../../base/search_terms.ts";

/** Columns from one tab stop to the next, from the beginning of the text on. */
const TAB_COLUMNS = 8;

/** SGR parameters (ECMA-48) of the colours 0 to 15. */
const BASIC_COLORS = [97, 30, 34, 32, 91, 31, 35, 33, 93, 92, 36, 96, 94, 95, 90, 37];
/** Of xterm's 256 colours, those that the colours 16 to 98 are. */
// deno-fmt-ignore
const EXTENDED_COLORS = [
  52, 94, 100, 58, 22, 29, 23, 24, 17, 54, 53, 89,
  88, 130, 142, 64, 28, 35, 30, 25, 18, 91, 90, 125,
  124, 166, 184, 106, 34, 49, 37, 33, 19, 129, 127, 161,
  196, 208, 226, 154, 46, 86, 51, 75, 21, 171, 201, 198,
  203, 215, 227, 191, 83, 122, 87, 111, 63, 177, 207, 205,
  217, 223, 229, 193, 157, 158, 159, 153, 147, 183, 219, 212,
  16, 233, 235, 237, 239, 241, 244, 247, 250, 254, 231,
];
/** SGR parameters of the marks that are switched on and off; monospace has none, because all of a terminal is. */
const MARKS: Readonly<Record<string, string>> = {
  "\x02": "1",
  "\x1d": "3",
  "\x1f": "4",
  "\x16": "7",
  "\x1e": "9",
};
/** SGR of a match: bold and red, as `grep` shows it. */
const MATCH = "1;31";
/** The same without colours: bold and underlined. */
export const MONOCHROME_MATCH = "1;4";

/** What joins the character before: no part of a text begins with it. */
const JOINED = /[\p{M}\p{Emoji_Modifier}\u200c\u200d]*/uy;

export interface TextFormat {
  /** Formatting is shown by escape codes; else it is left out. */
  readonly isColored: boolean;
  /** Marked by escape codes: in the text without formatting, in order, without overlap. */
  readonly matches?: readonly TextRange[] | undefined;
  /** Parameters of SGR for a match; left out: bold and red. */
  readonly matchStyle?: string | undefined;
  /** Columns of a printable text. */
  readonly countColumns: (text: string) => number;
}

/** A part of a line as received, without formatting. */
export interface FormattedSpan {
  readonly text: string;
  /** Parameters of SGR; "": none. */
  readonly style: string;
}

/** `text` without formatting: where a pattern is looked for. */
export function stripFormatting(text: string): string {
  return text.replace(FORMATTING, "");
}

/** The lines of `text`, printable. Each is whole: no style goes on in the next one. */
export function renderTextLines(
  text: string,
  { isColored, matches = [], matchStyle = MATCH, countColumns }: TextFormat,
): string[] {
  let offset = 0;
  return text.split("\n").map((line) => {
    let column = 0;
    let shown = "";
    const spans = isColored ? parseFormatting(line) : [plainSpan(line)];
    for (const span of markMatches(spans, matches, offset, matchStyle)) {
      const part = expandTabs(span.text, column, countColumns);
      column += countColumns(part);
      shown += span.style === "" || part === "" ? part : `\x1b[${span.style}m${part}\x1b[0m`;
      offset += span.text.length;
    }
    offset++; // the line feed
    return shown;
  });
}

function plainSpan(line: string): FormattedSpan {
  return { text: stripFormatting(line), style: "" };
}

/** Printable, with each tab as spaces to the next stop. `column`: where the text begins. */
export function expandTabs(text: string, column: number, countColumns: (text: string) => number): string {
  const [first = "", ...others] = text.split("\t").map(toPrintableText);
  let shown = first;
  for (const part of others) {
    const used = (column + countColumns(shown)) % TAB_COLUMNS;
    shown += " ".repeat(TAB_COLUMNS - used) + part;
  }
  return shown;
}

/** The parts of a line, each with its style, which begins anew in each line. */
export function parseFormatting(line: string): FormattedSpan[] {
  const spans: FormattedSpan[] = [];
  const on = new Set<string>();
  let [front, back] = ["", ""];
  let from = 0;
  const add = (text: string) => {
    if (text === "") return;
    // A text in the colour of its background would be there and not be seen.
    const colors = front !== "" && front === back ? [] : [front && `3${front}`, back && `4${back}`];
    spans.push({
      text,
      style: [...[...on].map((mark) => MARKS[mark]!), ...colors].filter(Boolean).join(";"),
    });
  };
  for (const code of line.matchAll(FORMATTING)) {
    add(line.slice(from, code.index));
    from = code.index + code[0].length;
    const [kind = "", rest = ""] = [code[0][0], code[0].slice(1)];
    if (kind === "\x0f") [front, back] = (on.clear(), ["", ""]);
    else if (kind === "\x03" || kind === "\x04") {
      const [one, other] = rest.split(",").map(kind === "\x03" ? readColor : readHexColor);
      [front, back] = rest === "" ? ["", ""] : [one ?? "", other ?? back];
    } else if (MARKS[kind] !== undefined && !on.delete(kind)) on.add(kind);
  }
  add(line.slice(from));
  return spans;
}

/** The colour as the end of an SGR parameter behind 3 (text) or 4 (background); "": the terminal's own. */
function readColor(number: string): string {
  const index = Number(number);
  const basic = BASIC_COLORS[index];
  if (basic !== undefined) return basic < 90 ? String(basic - 30) : `8;5;${basic - 90 + 8}`;
  const extended = EXTENDED_COLORS[index - BASIC_COLORS.length];
  return extended === undefined ? "" : `8;5;${extended}`;
}

function readHexColor(digits: string): string {
  const parts = [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  return `8;2;${parts.join(";")}`;
}

/** Cuts the spans of a line, which begins at `offset` in the text, where matches begin and end. */
function markMatches(
  spans: readonly FormattedSpan[],
  matches: readonly TextRange[],
  offset: number,
  matchStyle: string,
): FormattedSpan[] {
  if (matches.length === 0) return [...spans];
  const line = spans.map(({ text }) => text).join("");
  const ranges = matches.map(({ start, end }) => ({
    start: skipJoined(line, start - offset),
    end: skipJoined(line, end - offset),
  }));
  const marked: FormattedSpan[] = [];
  let at = 0;
  for (const { text, style } of spans) {
    let from = 0;
    for (const { start, end } of ranges) {
      const [first, last] = [Math.max(start - at, from), Math.min(end - at, text.length)];
      if (first >= last) continue;
      marked.push({ text: text.slice(from, first), style });
      marked.push({
        text: text.slice(first, last),
        style: style === "" ? matchStyle : `${style};${matchStyle}`,
      });
      from = last;
    }
    marked.push({ text: text.slice(from), style });
    at += text.length;
  }
  return marked.filter(({ text }) => text !== "");
}

function skipJoined(line: string, index: number): number {
  if (index <= 0 || index >= line.length) return index;
  JOINED.lastIndex = index;
  JOINED.exec(line);
  return Math.max(index, JOINED.lastIndex);
}
