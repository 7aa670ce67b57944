/**
 * Masks (modern, "Wildcard Expressions"): `*` matches any run of characters, also an empty one; `?` matches exactly
 * one; `\*` and `\?` match the characters themselves. Any other backslash stands for itself, because nicks may
 * contain it.
 */
import { casefold } from "./casemap.ts";
import { REALNAMELEN } from "../limits.ts";

/**
 * Longest mask in UTF-16 units, as typed and folded: the length of a real name, the longest text that masks are
 * matched against. The folded form counts, because one character of three bytes may fold to eighteen (U+FDFA).
 */
export const MASK_MAX_LENGTH = REALNAMELEN;

/** Largest number of stars in a mask; a run of stars counts as one: `*.*.*.*!*@*.example.*` has seven. */
export const MASK_MAX_STARS = 10;

/**
 * Most characters between two stars of a mask if one of them is `?`: {@link findWildPiece} keeps a bit for each in
 * one word.
 */
const MASK_MAX_WILD_CHARACTERS = 32;

/** The bounds in words, for a client that sent a mask beyond them. */
export const MASK_BOUNDS_TEXT =
  `A mask has at most ${MASK_MAX_STARS} *, ${MASK_MAX_LENGTH} characters after ` +
  `case folding, and ${MASK_MAX_WILD_CHARACTERS} in a part with ? between two *`;

/** Stands for `?` in a piece. A line has no NUL (modern, "Message Format"), so a mask has none either. */
const ANY = "\0";

/**
 * A compiled mask, to match against many texts. It is split at its stars: the first piece must start the text, the
 * last one must end it, and each piece between them is matched at its leftmost position, so no backtracking is
 * needed. The time of a match is proportional to text and mask if the mask is within its bounds.
 */
export class Mask {
  readonly #pieces: readonly string[];
  /** UTF-16 units of the shortest matching text. */
  readonly #least: number;

  /** `folded`: casefolded by the caller, like the texts. It may exceed the bounds. */
  constructor(folded: string) {
    this.#pieces = splitAtStars(folded);
    this.#least = this.#pieces.reduce((sum, { length }) => sum + length, 0);
  }

  /** Whether the mask is within the bounds on stars and on `?` between them. */
  get isWithinBounds(): boolean {
    return this.#pieces.length - 1 <= MASK_MAX_STARS &&
      this.#pieces.slice(1, -1).every((piece) =>
        !piece.includes(ANY) || Array.from(piece).length <= MASK_MAX_WILD_CHARACTERS
      );
  }

  /** Whether the mask matches the whole of `text`. */
  matches(text: string): boolean {
    if (text.length < this.#least) return false;
    const pieces = this.#pieces;
    let at = matchEnd(pieces[0]!, text, 0);
    if (pieces.length === 1) return at === text.length;
    const end = matchStart(pieces.at(-1)!, text);
    for (let nth = 1; nth < pieces.length - 1 && at >= 0 && at <= end; nth++) {
      at = findPiece(pieces[nth]!, text, at);
    }
    return at >= 0 && at <= end;
  }
}

/** `mask`, casefolded and compiled; undefined if it exceeds the bounds of masks. */
export function compileMask(mask: string, fold: (text: string) => string = casefold): Mask | undefined {
  if (mask.length > MASK_MAX_LENGTH) return undefined;
  const folded = fold(mask);
  if (folded.length > MASK_MAX_LENGTH) return undefined;
  const compiled = new Mask(folded);
  return compiled.isWithinBounds ? compiled : undefined;
}

/** The pieces between the stars of `mask`; a run of stars counts as one. */
function splitAtStars(mask: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (let at = 0; at < mask.length; at++) {
    const char = mask[at]!;
    const next = mask[at + 1];
    if (char === "\\" && (next === "*" || next === "?")) piece += mask[++at];
    else if (char === "?") piece += ANY;
    else if (char !== "*") piece += char;
    else if (piece !== "" || pieces.length === 0) {
      pieces.push(piece);
      piece = "";
    }
  }
  pieces.push(piece);
  return pieces;
}

/** End of the first occurrence of `piece` in `text` at or after `from`; -1 if there is none. */
function findPiece(piece: string, text: string, from: number): number {
  if (piece.includes(ANY)) return findWildPiece(piece, text, from);
  const at = text.indexOf(piece, from);
  return at < 0 ? at : at + piece.length;
}

/**
 * For {@link findWildPiece}: character → bits of the positions in the piece that accept it. Reused, and cleared for
 * each search.
 */
const bitsByCharacter = new Map<number, number>();

/**
 * {@link findPiece} for a piece with `?`, in one pass over the text (the Shift-And algorithm of Baeza-Yates and
 * Gonnet): bit n of `begun` means that the last n + 1 characters are the first n + 1 of the piece. The part of a
 * piece that exceeds one word is compared at the position found.
 */
function findWildPiece(piece: string, text: string, from: number): number {
  let [length, units, anywhere] = [0, 0, 0];
  bitsByCharacter.clear();
  for (; length < MASK_MAX_WILD_CHARACTERS && units < piece.length; length++) {
    const point = piece.codePointAt(units)!;
    units += point > 0xffff ? 2 : 1;
    if (point === 0) anywhere |= 1 << length;
    else bitsByCharacter.set(point, (bitsByCharacter.get(point) ?? 0) | 1 << length);
  }
  const whole = 1 << (length - 1);
  const rest = piece.slice(units);
  for (let at = from, begun = 0; at < text.length;) {
    const point = text.codePointAt(at)!;
    at += point > 0xffff ? 2 : 1;
    begun = (begun << 1 | 1) & (anywhere | (bitsByCharacter.get(point) ?? 0));
    if (!(begun & whole)) continue;
    const end = matchEnd(rest, text, at);
    if (end >= 0) return end;
  }
  return -1;
}

/** End of `piece` if it occurs at `at`; otherwise -1. */
function matchEnd(piece: string, text: string, at: number): number {
  for (let nth = 0; nth < piece.length; nth++) {
    if (at >= text.length) return -1;
    const unit = piece.charCodeAt(nth);
    if (unit === 0) at += unitsAt(text, at);
    else if (unit === text.charCodeAt(at)) at++;
    else return -1;
  }
  return at;
}

/** Start of `piece` if `text` ends with it; otherwise -1. */
function matchStart(piece: string, text: string): number {
  let at = text.length;
  for (let nth = piece.length - 1; nth >= 0; nth--) {
    if (at <= 0) return -1;
    const unit = piece.charCodeAt(nth);
    if (unit === 0) at -= unitsBefore(text, at);
    else if (unit === text.charCodeAt(at - 1)) at--;
    else return -1;
  }
  return at;
}

/** UTF-16 units of the character at `index`: 2 for a surrogate pair, so that `?` matches a whole emoji. */
function unitsAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}

/** UTF-16 units of the character that ends before `index`. */
function unitsBefore(text: string, index: number): number {
  return index >= 2 ? unitsAt(text, index - 2) : 1;
}
