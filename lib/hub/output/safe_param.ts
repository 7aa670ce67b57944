/** Words of a client in the lines that answer it: whatever it sent, the answer is well formed and fits its line. */
import { isMiddleParam } from "../../irc/message.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import { UNIT_MAX_BYTES } from "./line_limits.ts";

/** Leaves space for the longest server name and nick before it, and for a sentence after it. */
export const SAFE_PARAM_MAX_BYTES = 300;

/** `word` as a middle parameter; `*` for one that cannot stand there: empty, with a space in it, or with a colon in front. */
export function toSafeParam(word: string): string {
  if (!isMiddleParam(word)) return "*";
  return word.length * UNIT_MAX_BYTES <= SAFE_PARAM_MAX_BYTES
    ? word
    : truncateText(word, SAFE_PARAM_MAX_BYTES);
}
