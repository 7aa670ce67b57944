/** Who has spoken last. Pure. */
import type { Chat } from "../client/conversation/chat.ts";
import { isSameName } from "../irc/names/casemap.ts";

/** The senders of the latest messages, the last one first: those of the current view, then those of others. */
export function listSpeakers({ excerpts, views }: Pick<Chat, "excerpts" | "views">): string[] {
  const here: string[] = [];
  const elsewhere: string[] = [];
  excerpts.findNewest(({ of, where }) => {
    (isSameName(where, views.current ?? "") ? here : elsewhere).push(of);
    return false; // go on to the one before
  });
  return [...new Set([...here, ...elsewhere])];
}
