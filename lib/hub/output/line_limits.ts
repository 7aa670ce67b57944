/** Splits and truncates text that may be too long for one line. */
import { utf8Length } from "../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../irc/limits.ts";
import { truncateText } from "../../irc/text_splitter.ts";

/** Joins `words` by `separator` (ASCII) into as few texts as possible, none longer than `maxBytes`. */
export function joinToLines(words: Iterable<string>, separator: string, maxBytes: number): string[] {
  const lines: string[] = [];
  let line = "";
  let length = 0;
  for (const word of words) {
    const bytes = utf8Length(word);
    if (line !== "" && length + separator.length + bytes > maxBytes) {
      lines.push(line);
      line = "";
    }
    length = line === "" ? bytes : length + separator.length + bytes;
    line = line === "" ? word : line + separator + word;
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** `line` (no tags, no CRLF), truncated to the maximum length of a line. */
export function truncateLine(line: string): string {
  if (line.length * UNIT_MAX_BYTES <= LINE_MAX_BYTES || utf8Length(line) <= LINE_MAX_BYTES) return line;
  return truncateText(line, LINE_MAX_BYTES);
}
const LINE_MAX_BYTES = MAX_LINE_BYTES - CRLF_BYTES;
/** A UTF-16 unit takes at most this many bytes of UTF-8. */
export const UNIT_MAX_BYTES = 3;
