/** Where words begin and end, for moving and killing by words. Words are those of UAX 29, so 日本語 has some too. */

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** Start of the word that ends at or before `index`. */
export function findWordStart(text: string, index: number): number {
  let start = 0;
  for (const { segment, index: at, isWordLike } of segmenter.segment(text)) {
    if (at >= index) break;
    if (isWordLike && segment !== "") start = at;
  }
  return start;
}

/** End of the word that begins at or behind `index`. */
export function findWordEnd(text: string, index: number): number {
  for (const { segment, index: at, isWordLike } of segmenter.segment(text)) {
    const end = at + segment.length;
    if (isWordLike && end > index) return end;
  }
  return text.length;
}
