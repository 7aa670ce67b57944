/**
 * Multiline messages (https://ircv3.net/specs/extensions/multiline): a batch of messages that forms one message. In
 * its text as one string, {@link LINE_END} ends a line, and {@link CONCAT_MARK} marks the place where one line was
 * split over two messages of the batch because it did not fit one. No protocol line can contain either character.
 */

/** Name of the capability and type of the batch. */
export const MULTILINE = "draft/multiline";

/** Tag: this message continues the line of the one before it. */
export const CONCAT_TAG = "draft/multiline-concat";

/** Value `max-bytes` of the capability: UTF-8 bytes of the whole text, line ends included. */
export const MULTILINE_MAX_BYTES = 4096;

/** Value `max-lines` of the capability: messages in one batch. */
export const MULTILINE_MAX_LINES = 100;

export const LINE_END = "\n";
export const CONCAT_MARK = "\r";

/** Text of one message of the batch. `joined`: it continues the line of the one before it. */
export interface MultilinePart {
  readonly text: string;
  readonly joined: boolean;
}

export function isMultiline(text: string): boolean {
  return text.includes(LINE_END) || text.includes(CONCAT_MARK);
}

/** Texts of the messages that `text` arrived in, at least one. */
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

/** The text without concat marks: its lines, separated by line feeds. */
export function joinConcatenated(text: string): string {
  return text.replaceAll(CONCAT_MARK, "");
}
