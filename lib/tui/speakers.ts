/** Who has spoken last. Pure. */
import type { Chat } from "../client/conversation/chat.ts";

/** The senders of the latest messages of the current view, the last one first. */
export function listSpeakers({ excerpts, views }: Pick<Chat, "excerpts" | "views">): string[] {
  const shown = views.current === undefined ? [] : excerpts.listShown(views.current);
  return [...new Set(shown.map(({ of }) => of).reverse())];
}
