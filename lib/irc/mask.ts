/**
 * Masks (modern, "Wildcard Expressions"): `*` is any run of characters, also none; `?` is exactly one; `\*`
 * and `\?` are the characters themselves. Any other backslash is one, because nicks may have it.
 */

const STAR = 0x2a;
const QUESTION = 0x3f;
const BACKSLASH = 0x5c;

/**
 * True when `mask` matches the whole of `text`. Both come casefolded from the caller.
 *
 * Only the last star seen is ever retried: what was matched before it stays matched. So the steps are at most
 * the product of the two lengths, whatever the mask, and no memory is taken.
 */
export function maskMatches(mask: string, text: string): boolean {
  let m = 0;
  let t = 0;
  let afterStar = -1; // where in the mask to go on after the last star
  let retryAt = 0; // where in the text that star ends for now
  while (t < text.length) {
    const want = mask.charCodeAt(m);
    const escape = want === BACKSLASH && isWild(mask.charCodeAt(m + 1)) ? 1 : 0;
    if (want === STAR) {
      afterStar = ++m;
      retryAt = t;
    } else if (want === QUESTION) {
      m++;
      t += unitsAt(text, t);
    } else if (mask.charCodeAt(m + escape) === text.charCodeAt(t)) {
      m += 1 + escape;
      t++;
    } else if (afterStar >= 0) {
      m = afterStar;
      t = retryAt += unitsAt(text, retryAt);
    } else return false;
  }
  while (mask.charCodeAt(m) === STAR) m++;
  return m === mask.length;
}

function isWild(unit: number): boolean {
  return unit === STAR || unit === QUESTION;
}

/** UTF-16 units of the character at `index`: 2 for a surrogate pair, so that `?` takes an emoji whole. */
function unitsAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
