/** Where words begin and end, for moving and killing by words. Words are those of UAX 29, so 日本語 has some too. */

let segmenter: Intl.Segmenter | undefined;

function splitWords(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" }); // its data takes 20 ms to load
  return segmenter.segment(text);
}

/** Start of the word that ends at or before `index`. */
export function findWordStart(text: string, index: number): number {
  let start = 0;
  for (const { segment, index: at, isWordLike } of splitWords(text)) {
    if (at >= index) break;
    if (isWordLike && segment !== "") start = at;
  }
  return start;
}

/** End of the word that begins at or behind `index`. */
export function findWordEnd(text: string, index: number): number {
  for (const { segment, index: at, isWordLike } of splitWords(text)) {
    const end = at + segment.length;
    if (isWordLike && end > index) return end;
  }
  return text.length;
}
