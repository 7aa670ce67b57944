/** Finding a room or a person by a few letters (Ctrl-K), and completing a name. Pure. */
import { casefold } from "../../irc/names/casemap.ts";

export interface SwitcherItem {
  /** A room with its #, or a nick. */
  readonly name: string;
  /** Milliseconds since the epoch of its latest message; 0: there is none. */
  readonly lastActivity: number;
  /** Unread messages that concern the person. */
  readonly mentionCount: number;
}

export interface SwitcherMatch<Item extends SwitcherItem> {
  readonly item: Item;
  /** Indexes of the letters of the name that were looked for. */
  readonly letters: readonly number[];
}

/** Most matches that are shown. */
export const MAX_MATCHES = 20;

/** How well a letter fits by where it is in the name. */
const SCORES = { start: 12, word: 8, next: 5, other: 1 } as const;

/**
 * The items with the letters of `query` in their names, in that order, the best first: those where they begin the name or a
 * word of it, or follow each other; of equals that with mentions, then the latest. All, by activity, for no letters.
 */
export function findMatches<Item extends SwitcherItem>(
  items: readonly Item[],
  query: string,
): SwitcherMatch<Item>[] {
  const wanted = casefold(query.trim().replace(/^[#@]/, ""));
  const rooms = query.trim().startsWith("#");
  const found: { readonly match: SwitcherMatch<Item>; readonly score: number }[] = [];
  for (const item of items) {
    if (rooms && !item.name.startsWith("#")) continue;
    const fit = matchName(item.name, wanted);
    if (fit !== undefined) found.push({ match: { item, letters: fit.letters }, score: fit.score });
  }
  return found.sort((a, b) => b.score - a.score || compareItems(a.match.item, b.match.item))
    .slice(0, MAX_MATCHES).map(({ match }) => match);
}

function compareItems(a: SwitcherItem, b: SwitcherItem): number {
  return Math.sign(b.mentionCount) - Math.sign(a.mentionCount) || b.lastActivity - a.lastActivity ||
    (a.name < b.name ? -1 : 1);
}

/** The letters of `name` that match, and how well; undefined: it has not all of them. */
function matchName(name: string, wanted: string): { letters: number[]; score: number } | undefined {
  if (wanted === "") return { letters: [], score: 0 };
  const folded = foldLetters(name);
  const whole = folded.join("").indexOf(wanted);
  const contiguous = whole < 0 ? undefined : scoreLetters(folded, whole, wanted.length);
  return contiguous ?? scatterLetters(folded, wanted);
}

/** Each letter of `name` folded by itself, one unit each, so that indexes are those of the name. */
function foldLetters(name: string): string[] {
  return Array.from({ length: name.length }, (_, index) => casefold(name.charAt(index)).charAt(0));
}

/** The letters from `start` on, which follow each other. */
function scoreLetters(
  folded: readonly string[],
  start: number,
  length: number,
): { letters: number[]; score: number } {
  const letters = Array.from({ length }, (_, nth) => start + nth);
  const rest = Math.max(0, folded.length - length) / (folded.length + 1); // of two the shorter name
  return { letters, score: placeScore(folded, start, -2) + length * SCORES.next - rest };
}

/** The first letters that match, one after the other. */
function scatterLetters(
  folded: readonly string[],
  wanted: string,
): { letters: number[]; score: number } | undefined {
  const letters: number[] = [];
  let [score, from] = [0, 0];
  for (const letter of wanted) {
    const at = folded.indexOf(letter, from);
    if (at < 0) return undefined;
    score += placeScore(folded, at, letters.at(-1) ?? -2);
    letters.push(at);
    from = at + 1;
  }
  return { letters, score: score - folded.length / 100 };
}

function placeScore(folded: readonly string[], at: number, before: number): number {
  const isFirst = at === 0 || at === 1 && folded[0] === "#";
  if (isFirst) return SCORES.start;
  if (/[^\p{L}\p{N}]/u.test(folded[at - 1]!)) return SCORES.word;
  return at === before + 1 ? SCORES.next : SCORES.other;
}
