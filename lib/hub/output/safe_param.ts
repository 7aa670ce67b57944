/**
 * Client-supplied words in the server's replies: whatever the client sent, the reply is well formed and fits its
 * line.
 */
import { isMiddleParam } from "../../irc/message.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import { UNIT_MAX_BYTES } from "./line_limits.ts";

/** Leaves space for the longest server name and nick before the word, and for a sentence after it. */
export const SAFE_PARAM_MAX_BYTES = 300;

/** `word` as a middle parameter; `*` if it cannot be one: it is empty, contains a space, or begins with a colon. */
export function toSafeParam(word: string): string {
  if (!isMiddleParam(word)) return "*";
  return word.length * UNIT_MAX_BYTES <= SAFE_PARAM_MAX_BYTES
    ? word
    : truncateText(word, SAFE_PARAM_MAX_BYTES);
}
