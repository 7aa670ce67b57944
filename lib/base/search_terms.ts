/**
 * What a search compares with the words of a text (search_words.ts): a word, the beginning of one, or words that
 * follow each other. FTS5 finds the same texts by the phrase of these words.
 */
import { type SearchToken, searchTokens } from "./search_words.ts";

/** Words that follow each other in a text. */
export interface WordSequence {
  readonly words: readonly string[];
  /** Whether the last word may go on. */
  readonly isPrefix: boolean;
}

/**
 * The sequence that finds `text` in other texts; undefined if there is no letter, digit or emoji in it. The end of a run
 * without separators finds the middle of a longer run as well: its last pair is enough, and a single character may be
 * the beginning of a pair.
 */
export function toWordSequence(text: string, isPrefix = false): WordSequence | undefined {
  const tokens = searchTokens(text);
  const last = tokens.at(-1);
  if (last === undefined) return undefined;
  const words = tokens.map(({ word }) => word);
  if (last.kind === "word") return { words, isPrefix };
  if (tokens.at(-2)?.kind !== "pair") return { words, isPrefix: true };
  return { words: words.slice(0, -1), isPrefix: false };
}

/** Whether `words` (of a text) contain `sequence`. */
export function containsSequence(words: readonly string[], sequence: WordSequence): boolean {
  return findSequence(words, sequence, 0) >= 0;
}

/** A part of a text: offsets in UTF-16 code units, the end excluded. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Where `text` contains the sequences: in order, without overlap. Words of a phrase are one range. */
export function findMatches(text: string, sequences: readonly WordSequence[]): TextRange[] {
  const tokens = searchTokens(text);
  const words = tokens.map(({ word }) => word);
  const ranges: TextRange[] = [];
  for (const sequence of sequences) {
    for (let at = findSequence(words, sequence, 0); at >= 0; at = findSequence(words, sequence, at + 1)) {
      ranges.push(rangeOf(tokens, at, sequence));
    }
  }
  return mergeRanges(ranges);
}

function findSequence(
  words: readonly string[],
  { words: wanted, isPrefix }: WordSequence,
  from: number,
): number {
  const last = wanted.length - 1;
  for (let at = from; at + last < words.length; at++) {
    let matched = 0;
    while (matched < last && words[at + matched] === wanted[matched]) matched++;
    if (matched < last) continue;
    const word = words[at + last]!;
    if (isPrefix ? word.startsWith(wanted[last]!) : word === wanted[last]) return at;
  }
  return -1;
}

/** Of a pair that only begins with the last word, the first character alone is the match. */
function rangeOf(tokens: readonly SearchToken[], at: number, { words, isPrefix }: WordSequence): TextRange {
  const { start } = tokens[at]!;
  const lastIndex = at + words.length - 1;
  const { word, kind, end } = tokens[lastIndex]!;
  const isHalf = isPrefix && kind === "pair" && word !== words.at(-1);
  return { start, end: isHalf ? tokens[lastIndex + 1]!.start : end };
}

function mergeRanges(ranges: readonly TextRange[]): TextRange[] {
  const merged: TextRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1);
    if (last === undefined || last.end < range.start) merged.push(range);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
  }
  return merged;
}
