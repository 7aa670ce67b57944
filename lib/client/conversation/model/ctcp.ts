/** The framing of CTCP in the text of a message (Modern IRC, "Client-to-Client Protocol"). */
import type { MessageManner } from "./chat_entry.ts";

/** CTCP (Modern IRC): a message from program to program, framed by this character. */
export const CTCP = "\x01";
/** CTCP ACTION, which `/me` sends; the closing character may be missing. */
export const ACTION_PATTERN = /^\x01ACTION (.*?)\x01?$/s;

/** The message that says `text` to `target` (CTCP ACTION for what is done). */
export function makeTextMessage(
  { target, text, manner }: {
    readonly target: string;
    readonly text: string;
    readonly manner: MessageManner;
  },
): { command: "PRIVMSG" | "NOTICE"; params: [target: string, text: string] } {
  const framed = manner === "did" ? `${CTCP}ACTION ${text}${CTCP}` : text;
  return { command: manner === "notice" ? "NOTICE" : "PRIVMSG", params: [target, framed] };
}
