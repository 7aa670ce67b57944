/** "Did you mean": the nearest of the words that exist. */
import { levenshteinDistance } from "@std/text/levenshtein-distance";

const distance = levenshteinDistance as unknown as (a: string, b: string) => number;

/** Longest word compared: the comparison takes time by the product of the lengths, and a typing slip is short. */
const MAX_WORD_LENGTH = 32;

/** The word of `known` that `word` is a slip or a beginning of; undefined when none is near (a third of its letters, at most 3). */
export function suggestWord(word: string, known: readonly string[]): string | undefined {
  if (word === "" || word.length > MAX_WORD_LENGTH) return undefined;
  const begun = known.filter((candidate) => candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  const allowed = Math.min(3, Math.max(1, Math.ceil(word.length / 3)));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of known) {
    const steps = distance(word, candidate);
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps];
  }
  return best;
}
