/**
 * Texts of several lines (https://ircv3.net/specs/extensions/multiline): a batch of messages that is one message. Where such a text is
 * one string, {@link LINE_END} stands where a line of it ends, and {@link CONCAT_MARK} where a line only goes on in the next message,
 * because one has no space for all of it. No line of the protocol can hold either.
 */

/** Capability, and type of the batch. */
export const MULTILINE = "draft/multiline";

/** Tag: this message goes on in the line of the one before it. */
export const CONCAT_TAG = "draft/multiline-concat";

/** Value of the capability, `max-bytes`: of the whole text in UTF-8, its line ends counted. */
export const MULTILINE_MAX_BYTES = 4096;

/** Value of the capability, `max-lines`: messages in one batch. */
export const MULTILINE_MAX_LINES = 100;

export const LINE_END = "\n";
export const CONCAT_MARK = "\r";

/** What one message of the batch bears; `joined`: it goes on in the line of the one before it. */
export interface MultilinePart {
  readonly text: string;
  readonly joined: boolean;
}

export function isMultiline(text: string): boolean {
  return text.includes(LINE_END) || text.includes(CONCAT_MARK);
}

/** The messages that `text` came in, at least one. */
export function splitMultiline(text: string): MultilinePart[] {
  const pieces: MultilinePart[] = [];
  for (let start = 0, joined = false; start <= text.length;) {
    let end = start;
    while (end < text.length && text[end] !== LINE_END && text[end] !== CONCAT_MARK) end++;
    pieces.push({ text: text.slice(start, end), joined });
    joined = text[end] === CONCAT_MARK;
    start = end + 1;
  }
  return pieces;
}

/** The text as it was meant: its lines, with a line feed between them. */
export function joinConcatenated(text: string): string {
  return text.replaceAll(CONCAT_MARK, "");
}
