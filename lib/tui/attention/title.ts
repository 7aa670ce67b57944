/** The title of a terminal with a chat. Pure. */
import { toPrintable } from "../../base/printable_text.ts";
import type { View } from "../../client/conversation/model/views.ts";

/** Highest number that a title shows. */
const MAX_TITLE_COUNT = 99;
/** Longest name of a conversation in a title, in characters. */
const MAX_TITLE_NAME = 50;

const PROGRAM = "ChatterBox";

/**
 * `(2) #dev · ChatterBox`: two unread messages mention the person or are to them. `• #dev · ChatterBox`: what is unread
 * concerns others. `current`: the conversation that is shown.
 */
export function makeTitle(
  current: string | undefined,
  views: readonly Pick<View, "unreadCount" | "mentionCount">[],
): string {
  const mentions = views.reduce((sum, { mentionCount }) => sum + mentionCount, 0);
  const count = mentions > MAX_TITLE_COUNT ? `${MAX_TITLE_COUNT}+` : String(mentions);
  const mark = mentions > 0 ? `(${count}) ` : views.some(({ unreadCount }) => unreadCount > 0) ? "• " : "";
  return mark + (current === undefined ? PROGRAM : `${shorten(toPrintable(current))} · ${PROGRAM}`);
}

function shorten(name: string): string {
  const characters = Array.from(name);
  return characters.length <= MAX_TITLE_NAME ? name : `${characters.slice(0, MAX_TITLE_NAME).join("")}…`;
}
