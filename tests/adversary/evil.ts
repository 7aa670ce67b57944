/** What somebody could type to act on a terminal, reorder a line, or hide in it. */

/** ESC, C1, BEL, BS, DEL, NEL, overrides and isolates of the writing direction, what has no width, ends of lines. No space, CR, LF, NUL. */
export const EVIL =
  "\x1b[31m\x1b]0;x\x07\x9b2J\x08\x7f\x85\u202e\u2066\u200e\u200b\u200d\u2060\ufeff\u00ad\u2028\u2029\u{e0041}x\ufe0f";

/** A character of that kind in what is shown. Line feeds end lines. */
const ACTS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|\p{Default_Ignorable_Code_Point}/u;

/** Throws where something of that kind is in `shown`, and names the place. */
export function assertHarmless(shown: string, where: string): void {
  const found = ACTS.exec(shown);
  if (found === null) return;
  const code = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  throw new Error(
    `${where}: U+${code} in ${JSON.stringify(shown.slice(Math.max(0, found.index - 40), found.index + 20))}`,
  );
}
