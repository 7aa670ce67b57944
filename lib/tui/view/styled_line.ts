/** A line of styled text, and its wrapping into screen rows. */
import type { Palette } from "../../cli/standard_streams.ts";
import { countMaxColumns, splitGraphemes } from "../../base/text_width.ts";

/** Printable text of one style. */
export interface StyledSpan {
  readonly text: string;
  readonly style?: Exclude<keyof Palette, "sgr" | "link"> | undefined;
  /** SGR parameters, beside the style. */
  readonly sgr?: string | undefined;
  /** The address that the text is: a terminal may open it. */
  readonly link?: string | undefined;
}

/** Width of the time. Continuation rows are indented by it, so that none can pass for a line of its own. */
const INDENT_COLUMNS = 6;

/** Between the lines of one message. */
export const NEXT_LINE: StyledSpan = { text: "\n" + " ".repeat(INDENT_COLUMNS) };

/** A URL is not broken, so that the terminal can recognise it. */
const URL_PATTERN = /^https?:\/\/[\x21-\x7e]+$/;

/** Chinese and Japanese have no spaces: a row may break after each of their characters. */
const WORD_PATTERN =
  /\s+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3001-\u303f\uff01-\uff60]|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3001-\u303f\uff01-\uff60]+/gu;

/**
 * Breaks `line` at spaces into rows of at most `columns`, the further ones indented by `indent`. No text is lost. A word
 * is whole whatever the styles in it.
 */
export function wrap(
  line: readonly StyledSpan[],
  columns: number,
  indent: number = INDENT_COLUMNS,
): StyledSpan[][] {
  const next = line.indexOf(NEXT_LINE);
  if (next >= 0) {
    const rest = [{ text: " ".repeat(indent) }, ...line.slice(next + 1)];
    return [...wrap(line.slice(0, next), columns, indent), ...wrap(rest, columns, indent)];
  }
  if (columns <= 2 * indent) return indent > 2 ? wrap(line, columns, 2) : [[...line]];
  const text = line.map((span) => span.text).join("");
  if (countMaxColumns(text) <= columns) return [mergeSpans(line)];
  const cutter = new SpanCutter(line);
  const rows: StyledSpan[][] = [];
  let lead: StyledSpan[] = [];
  let used = 0;
  /** Units of the row that have not been cut yet. */
  let length = 0;
  /** The row has something else than its indent. */
  let isBegun = false;
  const breakRow = () => {
    rows.push(mergeSpans([...lead, ...cutter.take(length)]));
    lead = [{ text: " ".repeat(indent) }];
    used = indent;
    length = 0;
    isBegun = false;
  };
  const put = (part: string, width: number) => {
    length += part.length;
    used += width;
    isBegun ||= part.trim() !== "";
  };
  for (const [word] of text.matchAll(WORD_PATTERN)) {
    const width = countMaxColumns(word);
    const isSpace = /^\s/.test(word);
    if (isSpace && used + width > columns) {
      if (isBegun) breakRow();
      lead.push(...cutter.take(length));
      length = 0;
      cutter.take(word.length);
      continue;
    }
    const isWhole = width <= columns - indent || URL_PATTERN.test(word);
    if (used + width > columns && isBegun && isWhole) breakRow();
    if (used + width <= columns || URL_PATTERN.test(word)) {
      put(word, width);
      continue;
    }
    for (const cell of splitGraphemes(word)) {
      const cellWidth = countMaxColumns(cell);
      if (used + cellWidth > columns) breakRow();
      put(cell, cellWidth);
    }
  }
  breakRow();
  return rows;
}

/** Cuts a line into pieces of given lengths, from its beginning on. */
class SpanCutter {
  readonly #line: readonly StyledSpan[];
  #index = 0;
  /** Units of the span at `index` that are taken. */
  #offset = 0;

  constructor(line: readonly StyledSpan[]) {
    this.#line = line;
  }

  /** The next `length` UTF-16 code units. */
  take(length: number): StyledSpan[] {
    const pieces: StyledSpan[] = [];
    for (let left = length; left > 0;) {
      const span = this.#line[this.#index]!;
      const text = span.text.slice(this.#offset, this.#offset + left);
      if (text !== "") pieces.push({ ...span, text });
      left -= text.length;
      this.#offset += text.length;
      if (this.#offset < span.text.length) continue;
      this.#index++;
      this.#offset = 0;
    }
    return pieces;
  }
}

/** Joins neighbours of one style. */
function mergeSpans(row: readonly StyledSpan[]): StyledSpan[] {
  const merged: StyledSpan[] = [];
  for (const span of row) {
    const last = merged.at(-1);
    const isSame = last?.style === span.style && last?.sgr === span.sgr && last?.link === span.link;
    if (last !== undefined && isSame) {
      merged[merged.length - 1] = { ...span, text: last.text + span.text };
    } else merged.push(span);
  }
  return merged;
}

/** The line as text with escape codes. Each span closes what it opens. */
export function formatAnsi(line: readonly StyledSpan[], palette: Palette): string {
  return line.map(({ text, style, sgr, link }) => {
    let shown = sgr === undefined ? text : palette.sgr(text, sgr);
    if (style !== undefined) shown = palette[style](shown);
    return link === undefined ? shown : palette.link(shown, link);
  }).join("");
}
