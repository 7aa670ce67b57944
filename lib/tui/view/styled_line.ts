/** A line of styled text, and its wrapping into screen rows. */
import type { Palette } from "../../cli/standard_streams.ts";
import { countColumns, splitGraphemes } from "../../base/text_width.ts";

/** Printable text of one style. */
export interface StyledSpan {
  readonly text: string;
  readonly style?: keyof Palette;
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

/** Breaks `line` at spaces into rows of at most `columns`, the further ones indented. No text is lost. */
export function wrap(line: readonly StyledSpan[], columns: number): StyledSpan[][] {
  const next = line.indexOf(NEXT_LINE);
  if (next >= 0) {
    return [...wrap(line.slice(0, next), columns), ...wrap(indent(line.slice(next + 1)), columns)];
  }
  if (columns <= 2 * INDENT_COLUMNS) return [[...line]];
  const rows: StyledSpan[][] = [[]];
  let used = 0;
  const breakRow = () => {
    rows.push([{ text: " ".repeat(INDENT_COLUMNS) }]);
    used = INDENT_COLUMNS;
  };
  const put = (text: string, span: StyledSpan) => {
    rows.at(-1)!.push({ ...span, text });
    used += countColumns(text);
  };
  for (const span of line) {
    for (const word of span.text.match(WORD_PATTERN) ?? []) {
      const width = countColumns(word);
      if (used + width <= columns) put(word, span);
      else if (/^\s/.test(word)) breakRow();
      else {
        if (used > INDENT_COLUMNS && (width <= columns - INDENT_COLUMNS || URL_PATTERN.test(word))) {
          breakRow();
        }
        if (used + width <= columns || URL_PATTERN.test(word)) put(word, span);
        else {
          for (const cell of splitGraphemes(word)) {
            if (used + countColumns(cell) > columns) breakRow();
            put(cell, span);
          }
        }
      }
    }
  }
  return rows.map(mergeSpans);
}

function indent(line: readonly StyledSpan[]): StyledSpan[] {
  return [{ text: " ".repeat(INDENT_COLUMNS) }, ...line];
}

/** Joins neighbours of one style. */
function mergeSpans(row: readonly StyledSpan[]): StyledSpan[] {
  const merged: StyledSpan[] = [];
  for (const span of row) {
    const last = merged.at(-1);
    if (last !== undefined && last.style === span.style) {
      merged[merged.length - 1] = { ...last, text: last.text + span.text };
    } else merged.push(span);
  }
  return merged;
}

/** The line as text with escape codes. */
export function formatAnsi(line: readonly StyledSpan[], palette: Palette): string {
  return line.map(({ text, style }) => style === undefined ? text : palette[style](text)).join("");
}
