/** What draws attention to a page that is not looked at: its title, and the messages that it notifies of. Pure. */
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import { casefold, isSameName } from "../../irc/names/casemap.ts";
import { makeExcerpt } from "../../irc/reaction.ts";
import type { MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import { conversationOf, isDirect } from "../../client/conversation/model/chat_entry.ts";
import { mentionsUser } from "../../client/conversation/model/mention.ts";
import type { UnreadTotals } from "./attention.ts";

/** Highest number that a title shows. */
const MAX_COUNT = 99;

/** `(2) #lobby · ChatterBox`; `• #lobby · ChatterBox` where what is unread concerns others. */
export function makeTitle(
  current: string | undefined,
  { unread, mentions }: UnreadTotals,
  program: string,
): string {
  const mark = mentions > 0 ? `(${formatCount(mentions)}) ` : unread > 0 ? "• " : "";
  return mark + (current === undefined ? program : `${toPrintable(current)} · ${program}`);
}

function formatCount(count: number): string {
  return count > MAX_COUNT ? `${MAX_COUNT}+` : String(count);
}

/** A message older than this when it is received is history. */
export const LIVE_MESSAGE_MS = 60_000;

export interface AttentionContext {
  /** Our nick. */
  readonly nick: string;
  /** The open conversation; undefined: none is. */
  readonly current: string | undefined;
  /** A tab with this chat is looked at. */
  readonly isVisible: boolean;
  /** Of several tabs with this chat, this one notifies. */
  readonly isLeader: boolean;
  readonly isIgnored: (name: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface MessageNotification {
  /** A later one with the same tag takes its place: one for each conversation. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  /** The conversation that it leads to. */
  readonly conversation: string;
}

/**
 * The notification for a message that is received: it is to the person or mentions them, is new, no edit of an earlier
 * one, and is not looked at.
 * Undefined: none is shown.
 */
export function decideNotification(
  entry: MessageEntry,
  { nick, current, isVisible, isLeader, isIgnored, now }: AttentionContext,
): MessageNotification | undefined {
  if (!isLeader || isSameName(entry.from, nick) || isIgnored(entry.from)) return undefined;
  if (entry.manner === "notice" || entry.replaces !== undefined || now - entry.time > LIVE_MESSAGE_MS) {
    return undefined;
  }
  if (entry.channel !== undefined && !mentionsUser(entry, nick)) return undefined;
  const conversation = conversationOf(entry, nick);
  if (isVisible && current !== undefined && isSameName(conversation, current)) return undefined;
  const from = toPrintable(entry.from);
  return {
    tag: `conversation ${casefold(conversation)}`,
    title: makeExcerpt(isDirect(entry) ? from : `${from} in ${toPrintable(conversation)}`),
    body: makeExcerpt(toPrintableText(entry.text.replaceAll("\n", " "))),
    conversation,
  };
}
