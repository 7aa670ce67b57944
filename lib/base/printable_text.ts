/**
 * What other people typed must not drive a terminal, reorder a line or hide in a name. Every place that shows
 * foreign text passes it through {@link toPrintable}.
 *
 * Neutralised: C0 and DEL (shown as their control pictures, ␛ for ESC), C1, line and paragraph separators, bidi
 * controls, and zero-width or otherwise invisible characters (shown as `<U+202E>`). Lone surrogates become U+FFFD.
 * Left alone, where writing needs them and they are seen to do something: joiners in emoji and behind Arabic letters
 * and the marks of Indic scripts; variation selectors behind symbols, emoji and the scripts that have variants; the
 * letters of a flag behind its 🏴; combining marks.
 */
const UNSAFE = [
  // C0, DEL, C1, separators of lines
  "[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]",
  // bidi controls and other format characters, but for those that belong to a letter or digit that is seen
  "[\\p{Cf}--[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}\\u200c\\u200d\\u{e0020}-\\u{e007f}]]",
  // what shows nothing: fillers, and code points reserved for more of the kind
  "[\\p{Default_Ignorable_Code_Point}--[\\p{Cf}\\p{Variation_Selector}]]",
  "(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f\\p{M}\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Mong}])[\\u200c\\u200d]",
  "(?<![\\p{Emoji}\\p{S}\\p{P}\\p{sc=Han}\\p{sc=Mong}\\p{sc=Mymr}\\p{sc=Phag}\\p{sc=Mani}])\\p{Variation_Selector}",
  "(?<!\\u{1f3f4}[\\u{e0020}-\\u{e007f}]{0,8})[\\u{e0020}-\\u{e007f}]",
].join("|");

/** Made when first needed: to make it takes longer than most commands have to show. */
let unsafePattern: RegExp | undefined;

/** `text` with everything that could act on a terminal replaced by something visible. One line in, one line out. */
export function toPrintable(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.toWellFormed().replace(unsafePattern ??= new RegExp(UNSAFE, "gv"), visibleForm);
}

/**
 * mIRC's formatting (https://modern.ircdocs.horse/formatting): bold, italics, underline, strikethrough, monospace, reverse, reset,
 * colour with its numbers, hex colour with its digits.
 */
const FORMATTING =
  // deno-lint-ignore no-control-regex
  /\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[\da-f]{6}(?:,[\da-f]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/giu;
/** Not seen where text is read: the soft hyphen, and the marks that give neighbouring punctuation a direction. */
const INVISIBLE_IN_TEXT = /[\u00ad\u061c\u200e\u200f]/gu;
const TAB = "    ";

/**
 * As {@link toPrintable}, for a text and not for a name: mIRC's formatting and marks that show nothing are left out, a tab is four
 * spaces.
 */
export function toPrintableText(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return toPrintable(text.replace(FORMATTING, "").replace(INVISIBLE_IN_TEXT, "").replaceAll("\t", TAB));
}

/** Most texts are that, and need no look at what each character is. */
const PRINTABLE_ASCII = /^[ -~]*$/;

function visibleForm(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
