/** "Did you mean": the known word that is most similar to a mistyped one. */
import { levenshteinDistance } from "@std/text/levenshtein-distance";

const distance = levenshteinDistance as unknown as (a: string, b: string) => number;

/**
 * Longest word that is compared: the time of a comparison grows with the product of the lengths, and typed
 * words are short.
 */
const MAX_WORD_LENGTH = 32;

/**
 * The word of `known` that begins with `word`, has the same letters in another order, or is similar to it (at most a
 * third of its letters differ, and at most 3); undefined if there is none.
 */
export function suggestWord(word: string, known: readonly string[]): string | undefined {
  if (word === "" || word.length > MAX_WORD_LENGTH) return undefined;
  const begun = known.filter((candidate) => candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  const allowed = Math.min(3, Math.max(1, Math.ceil(word.length / 3)));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of known) {
    const steps = sortLetters(word) === sortLetters(candidate) ? 1 : distance(word, candidate);
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps];
  }
  return best;
}

function sortLetters(word: string): string {
  return [...word].sort().join("");
}
