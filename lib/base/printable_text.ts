/**
 * Makes foreign text safe to display: it must not drive a terminal, reorder a line or hide in a name. Every place
 * that shows text typed by other people passes it through {@link toPrintable}.
 *
 * Neutralised: C0 and DEL (shown as their control pictures, ␛ for ESC); C1, line and paragraph separators, bidi
 * controls, and zero-width or otherwise invisible characters (shown as `<U+202E>`). Lone surrogates become U+FFFD.
 * Kept, where writing needs them and they have a visible effect: joiners in emoji and behind Arabic letters and the
 * marks of Indic scripts; variation selectors behind symbols, emoji and the scripts that have variants; the letters
 * of a flag behind its 🏴; combining marks.
 */
const UNSAFE = [
  // C0, DEL, C1, line and paragraph separators
  "[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]",
  // bidi controls and other format characters, except those attached to a visible letter or digit
  "[\\p{Cf}--[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}\\u200c\\u200d\\u{e0020}-\\u{e007f}]]",
  // characters without a glyph: fillers, and code points reserved for more of them
  "[\\p{Default_Ignorable_Code_Point}--[\\p{Cf}\\p{Variation_Selector}]]",
  "(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f\\p{M}\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Mong}])[\\u200c\\u200d]",
  "(?<![\\p{Emoji}\\p{S}\\p{P}\\p{sc=Han}\\p{sc=Mong}\\p{sc=Mymr}\\p{sc=Phag}\\p{sc=Mani}])\\p{Variation_Selector}",
  "(?<!\\u{1f3f4}[\\u{e0020}-\\u{e007f}]{0,8})[\\u{e0020}-\\u{e007f}]",
].join("|");

/** Compiled on first use: compiling takes longer than most commands need to print. */
let unsafePattern: RegExp | undefined;

/** `text` with everything that could act on a terminal replaced by something visible. One line in, one line out. */
export function toPrintable(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.toWellFormed().replace(unsafePattern ??= new RegExp(UNSAFE, "gv"), visibleForm);
}

/**
 * mIRC formatting (https://modern.ircdocs.horse/formatting): bold, italics, underline, strikethrough, monospace,
 * reverse, reset, colour with its numbers, hex colour with its digits.
 */
export const FORMATTING =
  /\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[\da-f]{6}(?:,[\da-f]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/giu;
/**
 * Invisible in running text: the soft hyphen, the zero-width space, and the marks that give neighbouring punctuation a
 * direction.
 */
const INVISIBLE_IN_TEXT = /[\u00ad\u061c\u200b\u200e\u200f]/gu;
const TAB = "    ";

/**
 * {@link toPrintable} for message text rather than names: removes mIRC formatting and marks without a glyph, and
 * expands a tab to four spaces.
 */
export function toPrintableText(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return toPrintable(text.replace(FORMATTING, "").replace(INVISIBLE_IN_TEXT, "").replaceAll("\t", TAB));
}

/** True of most texts; they need no check per character. */
const PRINTABLE_ASCII = /^[ -~]*$/;

function visibleForm(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
