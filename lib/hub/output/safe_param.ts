/** Words of a client in the lines that answer it: whatever it sent, the answer is well formed and fits its line. */
import { isMiddleParam } from "../../irc/message.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../irc/limits.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import { utf8Length } from "../../base/bytes.ts";

/** Leaves space for the longest server name and nick before it, and for a sentence after it. */
const SAFE_PARAM_MAX_BYTES = 300;
const LINE_MAX_BYTES = MAX_LINE_BYTES - CRLF_BYTES;
/** A UTF-16 unit takes at most this many bytes of UTF-8. */
const UNIT_MAX_BYTES = 3;

/** `word` as a middle parameter; `*` for one that cannot stand there: empty, with a space in it, or with a colon in front. */
export function toSafeParam(word: string): string {
  return isMiddleParam(word) ? truncateText(word, SAFE_PARAM_MAX_BYTES) : "*";
}

/** `line` (no tags, no CRLF), cut off where it would be longer than a line may be. */
export function truncateLine(line: string): string {
  if (line.length * UNIT_MAX_BYTES <= LINE_MAX_BYTES || utf8Length(line) <= LINE_MAX_BYTES) return line;
  return truncateText(line, LINE_MAX_BYTES);
}
