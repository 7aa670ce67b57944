/** The part of a message that shows why it was found. Pure. */
import type { TextRange } from "../../base/search_terms.ts";
import { countColumns, splitGraphemes } from "../../base/text_width.ts";

export interface SnippetPart {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Stands for what is left out. */
const ELLIPSIS = "…";

/**
 * `message` in one line of at most `maxColumns`, around the first of `matches`, which are in order and do not overlap. A
 * line feed becomes a space. Without a match it is the beginning.
 */
export function makeSnippet(
  message: string,
  matches: readonly TextRange[],
  maxColumns: number,
): SnippetPart[] {
  const text = message.replaceAll("\n", " ");
  const { start, end } = findWindow(text, matches[0]?.start ?? 0, maxColumns);
  const parts: SnippetPart[] = start > 0 ? [{ text: ELLIPSIS, isMatch: false }] : [];
  let shown = start;
  for (const match of matches) {
    const [from, to] = [Math.max(match.start, shown), Math.min(match.end, end)];
    if (from >= to) continue;
    parts.push({ text: text.slice(shown, from), isMatch: false }, {
      text: text.slice(from, to),
      isMatch: true,
    });
    shown = to;
  }
  parts.push({ text: text.slice(shown, end), isMatch: false });
  if (end < text.length) parts.push({ text: ELLIPSIS, isMatch: false });
  return joinParts(parts);
}

/** The part of `text` around `match` that fits, with a third of it before the match. It begins and ends at a space. */
function findWindow(text: string, match: number, maxColumns: number): { start: number; end: number } {
  if (countColumns(text) <= maxColumns) return { start: 0, end: text.length };
  const space = maxColumns - 2 * countColumns(ELLIPSIS);
  const before = splitGraphemes(text.slice(0, match)).reverse();
  const lead = takeColumns(before, Math.floor(space / 3));
  const behind = takeColumns(splitGraphemes(text.slice(match)), space - lead.columns);
  // What is not needed behind the match is used before it.
  const { length } = takeColumns(before, space - behind.columns);
  return trimWindow(text, match, { start: match - length, end: match + behind.length });
}

/** Moves the ends to spaces that are near; a part of a word beside the match stays. */
function trimWindow(text: string, match: number, { start, end }: { start: number; end: number }) {
  const lead = /^\S{0,20}\s+(?=\S)/.exec(text.slice(start, match));
  const rest = /(?<=\s\S+)\s+\S{0,20}$/.exec(text.slice(match, end));
  const isWordCut = (at: number) => at > 0 && at < text.length && /^\S\S$/.test(text.slice(at - 1, at + 1));
  return {
    start: lead !== null && (isWordCut(start) || /^\s/.test(lead[0])) ? start + lead[0].length : start,
    end: rest !== null && (isWordCut(end) || /\s$/.test(rest[0])) ? match + rest.index : end,
  };
}

/** Length of the first `graphemes` that fit `columns`, in UTF-16 code units and in columns. */
function takeColumns(graphemes: readonly string[], columns: number): { length: number; columns: number } {
  const taken = { length: 0, columns: 0 };
  for (const grapheme of graphemes) {
    const width = countColumns(grapheme);
    if (taken.columns + width > columns) break;
    taken.length += grapheme.length;
    taken.columns += width;
  }
  return taken;
}

/** One part for neighbours of one kind. */
function joinParts(parts: readonly SnippetPart[]): SnippetPart[] {
  const joined: SnippetPart[] = [];
  for (const { text, isMatch } of parts) {
    if (text === "") continue;
    const last = joined.at(-1);
    if (last?.isMatch === isMatch) joined[joined.length - 1] = { text: last.text + text, isMatch };
    else joined.push({ text, isMatch });
  }
  return joined;
}
