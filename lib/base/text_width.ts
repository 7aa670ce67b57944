/** Columns of text on a terminal, and its graphemes (what a reader sees as one character). */
import stringWidth from "string-width";

let madeSegmenter: Intl.Segmenter | undefined;

/** Made when text beyond ASCII comes: its data takes 20 ms to load. */
function segmenter(): Intl.Segmenter {
  return madeSegmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
}

/** Joiner, skin tones, letters of flags. */
const PARTS_OF_EMOJI = /[\u200d\u{1f3fb}-\u{1f3ff}\u{1f1e6}-\u{1f1ff}]/u;

/** The graphemes of `text`, in order: a letter with its accents, an emoji with its joiners. */
export function splitGraphemes(text: string): string[] {
  if (isSingleWidth(text)) return text.split("");
  return Array.from(segmenter().segment(text), ({ segment }) => segment);
}

/** Columns of `text`: 2 for a wide character or an emoji, 0 for a combining character. */
export function countColumns(text: string): number {
  return isSingleWidth(text) ? text.length : stringWidth(text);
}

/**
 * Columns that `text` takes at most: terminals disagree on emoji of several code points (a thumb with a skin tone, a
 * family, a flag), and some, such as tmux 3.3, show their parts side by side. For what must not be wider than a row.
 */
export function countMaxColumns(text: string): number {
  if (!PARTS_OF_EMOJI.test(text)) return countColumns(text);
  let columns = 0;
  for (const grapheme of splitGraphemes(text)) {
    const parts = Array.from(grapheme).reduce((sum, part) => sum + countColumns(part), 0);
    columns += Math.max(countColumns(grapheme), parts);
  }
  return columns;
}

/** Index where the grapheme that ends at or holds `index - 1` begins; 0 at the start. */
export function graphemeBefore(text: string, index: number): number {
  if (index <= 0) return 0;
  if (isSingleWidth(text)) return index - 1;
  return segmenter().segment(text).containing(index - 1)?.index ?? index - 1;
}

/** Index where the grapheme at `index` ends; the length of `text` at its end. */
export function graphemeAfter(text: string, index: number): number {
  if (isSingleWidth(text)) return Math.min(index + 1, text.length);
  const found = segmenter().segment(text).containing(index);
  return found === undefined ? text.length : found.index + found.segment.length;
}

/** Only printable ASCII, Latin letters and dashes, quotes and dots: each is one unit, one grapheme, one column. */
function isSingleWidth(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e && !isNarrow(unit)) return false;
  }
  return true;
}

/** Latin-1 Supplement to IPA Extensions without the soft hyphen, and the visible part of General Punctuation. */
function isNarrow(unit: number): boolean {
  return unit >= 0xa1 && unit <= 0x2af && unit !== 0xad || unit >= 0x2010 && unit <= 0x2027;
}
