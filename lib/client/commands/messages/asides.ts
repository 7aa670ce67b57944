/** People that were written to without opening a view for them: `/msg alice hi` says one thing, and stays where one is. Pure. */
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import type { Chat } from "../../conversation/chat.ts";

/** By chat, the folded names. */
const asides = new WeakMap<Chat, Set<string>>();

/** Something is said to `name` from the current view: a view that is not listed is to stay so. */
export function noteAside(chat: Chat, name: string): void {
  const names = asides.get(chat) ?? new Set<string>();
  asides.set(chat, names);
  if (chat.views.list().some((view) => isSameName(view.name, name))) names.delete(casefold(name));
  else names.add(casefold(name));
}

export function isAside(chat: Chat, name: string): boolean {
  return asides.get(chat)?.has(casefold(name)) === true;
}
