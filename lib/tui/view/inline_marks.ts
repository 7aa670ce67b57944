/**
 * What the marks of Markdown in a line mean, with their positions: emphasis (`**bold**`, `*italic*`, `~~strike~~`), code, and
 * addresses. The marks stay in the text. Linear in time. Pure.
 */

/** A part of a line, in UTF-16 code units. */
export interface InlineRange {
  readonly start: number;
  readonly end: number;
  /** SGR parameters. */
  readonly sgr?: string;
  /** The part is an address, in printable ASCII. */
  readonly link?: string;
}

const TOKEN_PATTERN = /https?:\/\/[^\s<>"`\p{Cc}\p{Cf}]+|`+|\*+|_+|~+/giu;
/** What a sentence puts behind an address, and one seldom ends with. */
const TRAILING_PUNCTUATION = ".,;:!?'*_~…";
const BRACKETS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const SAFE_LINK = /^https?:\/\/[\x21-\x7e]+$/i;
const EMPHASIS: Readonly<Record<string, string>> = {
  "*": "3",
  "_": "3",
  "**": "1",
  "__": "1",
  "***": "1;3",
  "___": "1;3",
  "~~": "9",
};
/** Of marks: they are there, and do not stand out. */
const FAINT = "2";
/** Backquotes around code; more of them are text. */
const MAX_FENCE_LENGTH = 3;
const WORD_CHARACTER = /[\p{L}\p{M}\p{N}]/u;

/** The ranges of `line`, in no order. Those of emphasis may lie in each other; nothing lies in code and addresses. */
export function findInlineRanges(line: string): InlineRange[] {
  const ranges: InlineRange[] = [];
  /** Where open marks are, by their text. One that is closed closes those behind it. */
  const open = new Map<string, number>();
  /** Lengths of runs of backquotes that nothing closes. */
  const unclosed = new Set<number>();
  let done = 0;
  for (const { 0: text, index } of line.matchAll(TOKEN_PATTERN)) {
    if (index < done) continue;
    if (/^h/i.test(text)) {
      if (isWordAt(line, index - 1)) continue;
      const link = trimLink(text);
      if (SAFE_LINK.test(link)) ranges.push({ start: index, end: index + link.length, link });
      done = index + link.length;
    } else if (text.startsWith("`")) {
      const close = unclosed.has(text.length) ? -1 : findClose(line, text, index + text.length);
      if (close < 0) unclosed.add(text.length);
      else {
        ranges.push(...markEnds(index, close + text.length, text.length));
        done = close + text.length;
      }
    } else if (EMPHASIS[text] !== undefined) {
      const start = open.get(text);
      const isClosed = start !== undefined && canClose(line, index, text.length) &&
        start + text.length < index;
      if (isClosed) {
        const end = index + text.length;
        ranges.push(...markEnds(start, end, text.length));
        ranges.push({ start: start + text.length, end: index, sgr: EMPHASIS[text] });
        for (const [mark, at] of open) if (at >= start) open.delete(mark);
      } else if (canOpen(line, index, text.length)) open.set(text, index);
    }
  }
  return ranges;
}

function markEnds(start: number, end: number, length: number): InlineRange[] {
  return [{ start, end: start + length, sgr: FAINT }, { start: end - length, end, sgr: FAINT }];
}

/** Where the next run of the same length begins; -1: there is none. */
function findClose(line: string, fence: string, from: number): number {
  if (fence.length > MAX_FENCE_LENGTH) return -1;
  for (let at = line.indexOf(fence, from); at >= 0; at = line.indexOf(fence, at)) {
    let end = at;
    while (line.charAt(end) === "`") end++;
    if (end - at === fence.length) return at;
    at = end;
  }
  return -1;
}

function canOpen(line: string, index: number, length: number): boolean {
  return isSolidAt(line, index + length) && !isWordAt(line, index - 1);
}

function canClose(line: string, index: number, length: number): boolean {
  return isSolidAt(line, index - 1) && !isWordAt(line, index + length);
}

function isWordAt(line: string, index: number): boolean {
  return WORD_CHARACTER.test(line.charAt(index));
}

function isSolidAt(line: string, index: number): boolean {
  return line.charAt(index).trim() !== "";
}

/** The address without what a sentence puts behind it: punctuation, and brackets that it does not open. */
function trimLink(text: string): string {
  let end = text.length;
  const count = (char: string) => text.slice(0, end).split(char).length;
  for (; end > 0; end--) {
    const last = text.charAt(end - 1);
    const opening = BRACKETS[last];
    if (opening === undefined ? !TRAILING_PUNCTUATION.includes(last) : count(last) <= count(opening)) break;
  }
  return text.slice(0, end);
}
