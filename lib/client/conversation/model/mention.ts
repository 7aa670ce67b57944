/** Mentions: replies to messages of ours, and a nick and other words in the text of a message. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";
import type { MessageEntry } from "./chat_entry.ts";

/** Characters that a nick may have: between two of them no word ends. */
const NAME_CHARACTER = /[\p{L}\p{M}\p{N}[\]\\`_^{|}-]/u;

/** True when a message replies to one of ours, or its text has a mention as below. */
export function mentionsUser(
  { text, quoted }: Pick<MessageEntry, "text" | "quoted">,
  nick: string,
  words?: readonly string[],
): boolean {
  return quoted?.isOwn || hasMention(text, nick, words);
}

/** True when `text` contains `nick`, or one of `words`, as a word of its own, whatever the case of its letters. */
export function hasMention(text: string, nick: string, words: readonly string[] = []): boolean {
  const hay = casefold(text);
  return [nick, ...words].some((word) => hasWord(hay, casefold(word)));
}

function hasWord(hay: string, needle: string): boolean {
  if (needle === "") return false;
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) {
    const [before, after] = [hay.charAt(at - 1), hay.charAt(at + needle.length)];
    if (!NAME_CHARACTER.test(before) && !NAME_CHARACTER.test(after)) return true;
  }
  return false;
}
