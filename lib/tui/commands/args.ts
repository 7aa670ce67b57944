/** What follows a command, word by word. Pure. */
import { CHANNEL_PREFIX, isChannelName } from "../../irc/names/name_rules.ts";

/** The first word, and what follows it; the inner line breaks and spaces of the rest stay. */
export function splitFirstWord(text: string): [word: string, rest: string] {
  const trimmed = text.trimStart();
  const end = trimmed.search(/\s/);
  return end < 0 ? [trimmed, ""] : [trimmed.slice(0, end), trimmed.slice(end).trim()];
}

/** A leading channel, and the rest. */
export function splitChannel(text: string): [channel: string, rest: string] {
  const [word, rest] = splitFirstWord(text);
  return isChannelName(word) ? [word, rest] : ["", text];
}

/** The channel that `word` names, with its prefix or without. */
export function addChannelPrefix(word: string): string {
  return isChannelName(word) ? word : CHANNEL_PREFIX + word;
}

/** Without line breaks: what becomes one parameter. */
export function joinLines(text: string): string {
  return text.replace(/[\r\n]+/g, " ").trim();
}

/** The words of `text`; none of an empty one. */
export function splitWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** `{ [name]: value }`, or nothing where the value is empty. */
export function makeOptionalField<Name extends string>(
  name: Name,
  value: string,
): { readonly [N in Name]?: string } {
  return value === "" ? {} : { [name]: value } as { readonly [N in Name]: string };
}
