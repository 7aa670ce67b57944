/**
 * What was said in a conversation while we were away: it is asked for page by page, from the last message that we know on, and put
 * before what is held of the present. Pure.
 */
import type { Message, MessageParts } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { parseHistoryGap } from "../../../irc/vendor_extensions.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import type { ChatEntry } from "../model/chat_entry.ts";
import { readMessageTime } from "../model/entry_parser.ts";
import type { ServerFeatures } from "../model/server_features.ts";
import type { HeldMessages, ReceivedEntry } from "./held_messages.ts";
import type { SeenMessages } from "./seen_messages.ts";

/** One page of it was asked for. */
export interface MissedPurpose {
  readonly for: "missed";
  readonly target: string;
  readonly by: "msgid" | "timestamp";
  readonly page: number;
}

/** What reading history needs of the chat. */
export interface HistoryHost {
  readonly features: ServerFeatures;
  readonly seenMessages: SeenMessages;
  ask(message: MessageParts, purpose: MissedPurpose, now: number): void;
  show(entry: ChatEntry): void;
  /** Shows what `line` told, and with it the conversation is known up to there. */
  showReceived(heard: ReceivedEntry): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** What a line of history shows, unless it was seen before. */
  parseHistoryLine(line: Message, now: number): ChatEntry | undefined;
  /** Messages from `target` (undefined: from anyone) are not shown: what comes after them does not count as read. */
  keepUnread(target: string | undefined): void;
  /** The command that shows what was said in or with `target` from `since` on. */
  formatLogsCommand(target: string, since: number): string;
}

/** Something of the past: a message, or a place where messages are lost. */
export type PastItem =
  | ReceivedEntry
  | { readonly entry: ChatEntry & { kind: "gap" }; readonly line?: undefined };

/** One answer of history. */
export interface PastPage {
  /** Oldest first, without what was seen before. */
  readonly items: readonly PastItem[];
  /** Its last message; undefined: it has none. */
  readonly last: Message | undefined;
  /** It has come to what was heard live, so that nothing lies between. */
  readonly met: boolean;
}

/** Messages asked for at once of those missed. */
export const MISSED_PAGE_MESSAGES = 100;
/** Pages of missed messages that are fetched of one conversation. */
export const MAX_MISSED_PAGES = 20;

/** The end of the span looked through, the last time that a timestamp can tell: a message of a time when a clock was wrong is in it. */
export const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Asks for what came after the last message that we know of `target`. */
export function askMissed(chat: HistoryHost, target: string, now: number): void {
  const mark = chat.seenMessages.getSyncPoint(target);
  if (mark?.id === undefined) askSinceLoss(chat, target, 0, now);
  else askAfter(chat, target, `msgid=${mark.id}`, 0, now);
}

/** The server cannot answer; true: it is asked otherwise. A server whose log is a new one does not know our ids, but time goes on. */
export function retryMissed(chat: HistoryHost, { target, by, page }: MissedPurpose, now: number): boolean {
  if (by === "msgid") askSinceLoss(chat, target, page, now);
  return by === "msgid";
}

/** Asks for what comes after `read`; false: that was all, or all that is shown. */
export function askNextMissed(
  chat: HistoryHost,
  { target, page }: MissedPurpose,
  { last, met }: PastPage,
  now: number,
): boolean {
  const next = last && readMessageId(last);
  if (last === undefined || next === undefined || met) return false;
  if (page + 1 < MAX_MISSED_PAGES) {
    askAfter(chat, target, next, page + 1, now);
    return true;
  }
  chat.alarm(`more was missed in ${target} than is shown here:`, now);
  chat.note(chat.formatLogsCommand(target, readMessageTime(last, now)), now);
  leaveUnread(chat, target);
  return false;
}

/** The history of `target` cannot be read, because of `why`. */
export function reportUnknown(chat: HistoryHost, target: string, why: string, now: number): void {
  chat.alarm(`what was said in ${target} is not known: ${why}`, now);
  leaveUnread(chat, target);
}

/** Not all that was missed is shown. How far a channel has been read is told to no sender, and is counted anew at the next coming in. */
function leaveUnread(chat: HistoryHost, target: string): void {
  if (!isChannelName(target)) chat.keepUnread(target);
}

function askSinceLoss(chat: HistoryHost, target: string, page: number, now: number): void {
  askAfter(chat, target, formatHistoryTime(chat.seenMessages.lostAt), page, now);
}

function askAfter(chat: HistoryHost, target: string, anchor: string, page: number, now: number): void {
  const params = ["AFTER", target, anchor, String(MISSED_PAGE_MESSAGES)];
  const by = anchor.startsWith("msgid=") ? "msgid" : "timestamp";
  chat.ask({ command: "CHATHISTORY", params }, { for: "missed", target, by, page }, now);
}

/** Reads one answer of history. What is held in `present` of it stands where the past says. */
export function readHistoryPage(
  chat: HistoryHost,
  target: string,
  lines: readonly Message[],
  present: HeldMessages,
  now: number,
): PastPage {
  const items: PastItem[] = [];
  let last: Message | undefined;
  let met = false;
  for (const [index, line] of lines.entries()) {
    const gap = parseHistoryGap(line);
    if (gap !== undefined) {
      const next = lines.slice(index + 1).find(isTextMessage);
      items.push({ entry: makeGapEntry(chat, gap, target, next, now) });
    }
    if (!isTextMessage(line)) continue;
    last = line;
    const entry = chat.parseHistoryLine(line, now);
    const heard = entry === undefined ? present.takeMatching(line) : { entry, line };
    if (entry === undefined && heard !== undefined) met = true;
    if (heard !== undefined) items.push(heard);
  }
  return { items, last, met };
}

function makeGapEntry(
  chat: HistoryHost,
  gap: HistoryGap,
  target: string,
  next: Message | undefined,
  now: number,
): ChatEntry & { kind: "gap" } {
  const to = next && readMessageTime(next, now);
  const from = chat.seenMessages.getSyncPoint(target)?.time;
  return { kind: "gap", time: to ?? now, target, count: gap.count, why: gap.why, after: from, before: to };
}

export function showPastItem(chat: HistoryHost, past: PastItem): void {
  if (past.line === undefined) chat.show(past.entry);
  else chat.showReceived(past);
}

/** Shown now, it would stand behind what is still missing; without history there will be nothing before it. */
export function dropHeld(chat: HistoryHost, present: HeldMessages): void {
  for (const heard of present.held) {
    if (chat.features.hasHistory) chat.seenMessages.forget(heard.line);
    else chat.showReceived(heard);
  }
}

export function isTextMessage({ command }: Message): boolean {
  return command === "PRIVMSG" || command === "NOTICE";
}

/** Undefined: nothing of `line` would tell the server where we are. */
function readMessageId({ tags }: Message): string | undefined {
  const id = tags.get("msgid");
  if (id !== undefined) return `msgid=${id}`;
  const time = tags.get("time");
  return time === undefined ? undefined : `timestamp=${time}`;
}

export function formatHistoryTime(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}
