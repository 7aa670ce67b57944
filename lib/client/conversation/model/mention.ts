/** Mentions of a nick in the text of a message. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";

/** Characters that a nick may have: between two of them no word ends. */
const NAME_CHARACTER = /[\p{L}\p{M}\p{N}[\]\\`_^{|}-]/u;

/** True when `text` contains `nick` as a word of its own, whatever the case of its letters. */
export function hasMention(text: string, nick: string): boolean {
  if (nick === "") return false;
  const [hay, needle] = [casefold(text), casefold(nick)];
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) {
    const [before, after] = [hay.charAt(at - 1), hay.charAt(at + needle.length)];
    if (!NAME_CHARACTER.test(before) && !NAME_CHARACTER.test(after)) return true;
  }
  return false;
}
