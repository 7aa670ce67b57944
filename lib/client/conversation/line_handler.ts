/** What a line of the server does to the chat, and what it shows: one that comes now, or one of the past. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import type { Message } from "../../irc/message.ts";
import { makeExcerpt } from "../../irc/reaction.ts";
import { parseWireTime } from "../../irc/wire_number.ts";
import { conversationOf } from "./model/chat_entry.ts";
import type { ChatEntry } from "./model/chat_entry.ts";
import { parseChatEntry, readSender } from "./model/entry_parser.ts";
import type { IgnoreList } from "./model/ignore_list.ts";
import type { JoinedChannels } from "./model/joined_channels.ts";
import type { Views } from "./model/views.ts";
import type { WantedChannels } from "./model/wanted_channels.ts";
import type { SendTracker } from "./send_tracker.ts";
import type { ReceivedEntry } from "./sync/held_messages.ts";
import type { DirectSync } from "./sync/direct_sync.ts";
import type { JoinSync } from "./sync/join_sync.ts";
import type { SeenMessages } from "./sync/seen_messages.ts";
import type { UnreadSync } from "./sync/unread_sync.ts";

/** What a line acts on: the members of the chat that it needs. */
export interface LineHost {
  /** Our name. */
  nick: string;
  readonly channels: JoinedChannels;
  readonly wantedChannels: WantedChannels;
  readonly seenMessages: SeenMessages;
  readonly ignoreList: IgnoreList;
  readonly sendTracker: SendTracker;
  readonly joinSync: JoinSync;
  readonly directSync: DirectSync;
  readonly unreadSync: UnreadSync;
  readonly views: Views;
  show(entry: ChatEntry): void;
  /** The person has been shown all of `target` up to `time`, which is that of the message at `seq` in the server's log. */
  markShown(target: string, time: number, seq?: number): void;
  renameChannel(from: string, to: string): void;
  forgetChannel(channel: string): void;
}

/** A line that answers nothing. */
export function handleLine(chat: LineHost, line: Message, now: number): void {
  const entry = applyLine(chat, line, now);
  if (entry === undefined) return;
  const { nick, joinSync, directSync, unreadSync } = chat;
  // A server may put a further session of ours where the others are, before we ask.
  if (entry.kind === "joined" && isSameName(entry.nick, nick) && joinSync.isJoining(entry.channel)) return;
  const heard = { entry, line };
  const isHeld = joinSync.hold(heard, now) || directSync.hold(heard, now) || unreadSync.hold(heard);
  if (!isHeld) showReceived(chat, heard);
}

/** Shows what `line` told, and with it the conversation is known up to there. */
export function showReceived(chat: LineHost, { entry, line }: ReceivedEntry): void {
  if (entry.kind === "message") {
    const { from: of, time: at, text } = entry;
    const target = conversationOf(entry, chat.nick);
    chat.seenMessages.rememberExcerpt(line, { of, at, excerpt: makeExcerpt(text), where: target });
    chat.seenMessages.advanceSyncPoint(target, line, entry.time);
    if (!chat.ignoreList.isHidden(entry)) {
      chat.views.receive(entry, chat.nick);
      if (line.tags.has("time")) chat.markShown(target, entry.time, entry.seq);
    }
  }
  chat.show(entry);
}

/** What a message of the past shows, unless it was seen before. */
export function parseHistoryLine(chat: LineHost, line: Message, now: number): ChatEntry | undefined {
  const entry = parseChatEntry(line, now);
  if (entry === undefined || !isNew(chat, line, entry)) return undefined;
  if (entry.kind === "message" && isSameName(entry.from, chat.nick)) {
    chat.sendTracker.noteFoundInHistory(entry);
  }
  return entry;
}

/** Bookkeeping for what happens now; what it shows, unless it was seen before. */
export function applyLine(chat: LineHost, line: Message, now: number): ChatEntry | undefined {
  const { seenMessages } = chat;
  seenMessages.noteServerTime(line, now);
  const entry = parseChatEntry(line, now);
  if (entry !== undefined && !isNew(chat, line, entry)) return undefined;
  const { command, params: [first = "", second = ""] } = line;
  const ours = isSameName(readSender(line), chat.nick);
  chat.channels.applyLine(line, chat.nick);
  if (command === "JOIN" && ours) enterChannel(chat, first);
  else if (command === "PART" && ours) chat.forgetChannel(first);
  else if (command === "KICK" && isSameName(second, chat.nick)) chat.forgetChannel(first);
  else if (command === "MARKREAD") handleReadMarker(chat, first, second);
  else if (command === "RENAME") chat.renameChannel(first, second);
  else if (command === "NICK" && ours) chat.nick = first;
  else if (command === "NICK") renameUser(chat, readSender(line), first);
  if (entry?.kind === "taken_back") return { ...entry, ...seenMessages.getExcerpt(second) };
  return entry?.kind === "reaction" ? { ...entry, ...seenMessages.getExcerpt(entry.to ?? "") } : entry;
}

function enterChannel({ wantedChannels, views }: LineHost, channel: string): void {
  wantedChannels.add(channel);
  views.openChannel(channel);
}

function renameUser({ ignoreList, views }: LineHost, from: string, to: string): void {
  ignoreList.rename(from, to);
  views.renameUser(from, to);
}

/**
 * `MARKREAD <target> <marker>`: `target` has been read up to there, by any of our clients
 * (https://ircv3.net/specs/extensions/read-marker).
 */
function handleReadMarker({ joinSync, views }: LineHost, target: string, marker: string): void {
  const time = parseWireTime(marker.replace(/^timestamp=/, "")) ?? 0;
  joinSync.handleMarker(target, time);
  views.markRead(target, time);
}

function isNew({ seenMessages }: LineHost, line: Message, entry: ChatEntry): boolean {
  return entry.kind !== "message" || seenMessages.addIfNew(line);
}
