/** What follows a command, word by word. Pure. */
import { isRoomName, ROOM_PREFIX } from "../irc/names.ts";

/** The first word, and what follows it; the inner line breaks and spaces of the rest stay. */
export function cut(text: string): [word: string, rest: string] {
  const trimmed = text.trimStart();
  const end = trimmed.search(/\s/);
  return end < 0 ? [trimmed, ""] : [trimmed.slice(0, end), trimmed.slice(end).trim()];
}

/** A leading room, and the rest. */
export function cutRoom(text: string): [room: string, rest: string] {
  const [word, rest] = cut(text);
  return isRoomName(word) ? [word, rest] : ["", text];
}

/** The room that `word` names, with its prefix or without. */
export function withPrefix(word: string): string {
  return isRoomName(word) ? word : ROOM_PREFIX + word;
}

/** Without line breaks: what becomes one parameter. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ").trim();
}

/** The words of `text`; none of an empty one. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** `{ [name]: value }`, or nothing where the value is empty. */
export function given<Name extends string>(name: Name, value: string): { readonly [N in Name]?: string } {
  return value === "" ? {} : { [name]: value } as { readonly [N in Name]: string };
}
