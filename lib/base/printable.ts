/**
 * What other people typed must not drive a terminal, reorder a line or hide in a name. Every place that shows
 * foreign text passes it through {@link printable}.
 *
 * Neutralised: C0 and DEL (shown as their control pictures, ␛ for ESC), C1, line and paragraph separators, bidi
 * controls, and zero-width or otherwise invisible format characters (shown as `<U+202E>`). Lone surrogates become U+FFFD.
 * Left alone: the zero-width joiner inside emoji sequences (U+200D), variation selectors, flag tags, combining marks.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}\u{e0001}]/gu;

/** `text` with everything that could act on a terminal replaced by something visible. One line in, one line out. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNSAFE, picture);
}

function picture(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
