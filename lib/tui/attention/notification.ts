/** Which messages a person is notified of, and by which words. Pure. */
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { conversationOf } from "../../client/conversation/model/chat_entry.ts";
import type { MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import { isCtcp } from "../../client/conversation/model/entry_parser.ts";
import type { RingingPage } from "../../client/conversation/oncall/ringing_pages.ts";
import { mentionsUser } from "../../client/conversation/model/mention.ts";

/** Printable texts, one line each. */
export interface ChatNotification {
  /** `bob`, or `bob in #dev`. */
  readonly title: string;
  readonly body: string;
}

export interface NotificationContext {
  /** Our nick. */
  readonly nick: string;
  /** Words that are mentions, besides the nick. */
  readonly highlights: readonly string[];
  /** The conversation that the person is known to look at; undefined: none is known. */
  readonly watched: string | undefined;
}

/** Longest parts of a notification, in characters. */
const MAX_NOTIFICATION_TITLE = 60;
const MAX_NOTIFICATION_BODY = 200;

/**
 * The notification for a live message: it is to the person or mentions them, is no NOTICE and no edit of an earlier one,
 * and they do not look at it. Undefined: none.
 */
export function decideNotification(
  entry: MessageEntry,
  { nick, highlights, watched }: NotificationContext,
): ChatNotification | undefined {
  if (isSameName(entry.from, nick) || entry.manner === "notice") return undefined;
  if (entry.replaces !== undefined || isCtcp(entry)) return undefined;
  const isDirect = entry.channel === undefined;
  if (!isDirect && !mentionsUser(entry, nick, highlights)) return undefined;
  const conversation = conversationOf(entry, nick);
  if (watched !== undefined && isSameName(watched, conversation)) return undefined;
  const place = isDirect ? "" : ` in ${toPrintable(conversation)}`;
  return {
    title: shorten(toPrintable(entry.from) + place, MAX_NOTIFICATION_TITLE),
    body: shorten(toPrintableText(entry.text.replace(/\s+/g, " ")), MAX_NOTIFICATION_BODY),
  };
}

/** The notification for a page that rings. */
export function makeRingNotification({ number, list, text, pager }: RingingPage): ChatNotification {
  return {
    title: shorten(toPrintable(`Page ${number} (${list}) from ${pager}`), MAX_NOTIFICATION_TITLE),
    body: shorten(toPrintable(text), MAX_NOTIFICATION_BODY),
  };
}

/** "…" marks a cut. */
function shorten(text: string, most: number): string {
  const characters = Array.from(text.slice(0, 2 * most + 2)); // a character has at most two units
  return characters.length <= most ? text : characters.slice(0, most).join("") + "…";
}
