/** What a line of the server does to the chat, and what it shows. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelTarget } from "../../irc/names/name_rules.ts";
import type { Message } from "../../irc/message.ts";
import { conversationOf } from "./model/chat_entry.ts";
import type { ChatEntry, HistoryItem, MessageEntry } from "./model/chat_entry.ts";
import { isCtcp, parseChatEntry, readSender } from "./model/entry_parser.ts";
import type { ChatSettings } from "./model/chat_settings.ts";
import type { Outbox } from "./outbox.ts";
import type { IgnoreList } from "./model/ignore_list.ts";
import type { JoinedChannels } from "./model/joined_channels.ts";
import type { MessageExcerpts } from "./model/message_excerpts.ts";
import { parseTimestamp } from "./model/read_position.ts";
import type { ServerFeatures } from "./model/server_features.ts";
import type { Views } from "./model/views.ts";
import type { WantedChannels } from "./model/wanted_channels.ts";
import type { ReadMarkerTracker } from "./read_marker_tracker.ts";
import type { SendTracker } from "./send_tracker.ts";
import type { TypingTracker } from "./typing_tracker.ts";
import type { DirectSync } from "./sync/direct_sync.ts";
import type { JoinSync } from "./sync/join_sync.ts";
import type { SeenMessages } from "./sync/seen_messages.ts";

/** What a line acts on: the members of the chat that it needs. */
export interface LineHost {
  /** Our nick. */
  nick: string;
  readonly features: ServerFeatures;
  readonly channels: JoinedChannels;
  readonly wantedChannels: WantedChannels;
  readonly seenMessages: SeenMessages;
  readonly excerpts: MessageExcerpts;
  readonly ignoreList: IgnoreList;
  readonly outbox: Outbox;
  readonly sendTracker: SendTracker;
  readonly joinSync: JoinSync;
  readonly directSync: DirectSync;
  readonly typing: TypingTracker;
  readonly views: Views;
  readonly settings: Pick<ChatSettings, "highlights"> | undefined;
  /** Undefined: no person reads what is shown. */
  readonly readMarkers: ReadMarkerTracker | undefined;
  /** Of all messages that are shown the person sees those of the current view only. */
  readonly showsOneView: boolean;
  show(entry: ChatEntry): void;
  renameChannel(from: string, to: string): void;
  forgetChannel(channel: string): void;
}

/** A line that answers nothing. */
export function handleLine(chat: LineHost, line: Message, now: number): void {
  const entry = applyLine(chat, line, now);
  if (entry === undefined) return;
  const { nick, joinSync, directSync } = chat;
  // A server may put a further session of ours where the others are, before we ask.
  if (entry.kind === "joined" && isSameName(entry.nick, nick) && joinSync.isJoining(entry.channel)) return;
  if (!joinSync.hold(entry, now) && !directSync.hold(entry, now)) showReceived(chat, entry);
}

/**
 * Shows `entry`, which has been received live or read from history: every message passes here once, in the
 * order of its conversation. With it the conversation has been shown up to there.
 */
export function showReceived(chat: LineHost, received: ChatEntry): void {
  const { nick, excerpts } = chat;
  let entry = received;
  switch (entry.kind) {
    case "message": {
      const target = conversationOf(entry, nick);
      if (entry.replyTo) entry = { ...entry, quoted: excerpts.get(entry.replyTo) };
      if (!excerpts.mayReplace(entry, target)) entry = dropReplaces(entry);
      chat.seenMessages.advance(target, entry);
      if (chat.ignoreList.isHidden(entry)) return;
      excerpts.add(entry, target, isSameName(entry.from, nick));
      chat.views.receive(entry, nick, chat.settings?.highlights);
      // A message without an id is not in the server's log, and its time may be that of our clock.
      if (entry.id !== undefined && (!chat.showsOneView || chat.views.isSeen(target))) {
        chat.readMarkers?.markShown(target, entry.time, entry.seq);
      }
      return chat.show(entry);
    }
    case "redacted":
      chat.show({
        ...entry,
        ...excerpts.get(entry.id),
        isReplaced: excerpts.isReplaced(entry.id, entry.by, entry.target),
      });
      return excerpts.delete(entry.id);
    case "reaction":
      return chat.show({ ...entry, ...excerpts.get(entry.to) });
    default:
      return chat.show(entry);
  }
}

function dropReplaces({ replaces: _, ...entry }: MessageEntry): MessageEntry {
  return entry;
}

/** Of what was read from history those that can be shown. Our own messages among them have arrived. */
export function acceptHistory({ nick, sendTracker }: LineHost, items: readonly HistoryItem[]): HistoryItem[] {
  return items.filter((item) => {
    if (item.kind === "gap") return true;
    if (isSameName(item.from, nick)) sendTracker.noteFoundInHistory(item);
    return !isCtcp(item);
  });
}

/** Commands that tell whether their sender is typing. */
const TYPING_COMMANDS: ReadonlySet<string> = new Set(["TAGMSG", "PRIVMSG", "NOTICE"]);

/** Bookkeeping for what happens now; what it shows, unless it was received before. */
export function applyLine(chat: LineHost, line: Message, now: number): ChatEntry | undefined {
  chat.seenMessages.noteServerTime(line, now);
  if (TYPING_COMMANDS.has(line.command)) chat.typing.receive(line, chat.nick, now);
  const entry = parseChatEntry(line, now);
  if (entry?.kind === "room_renamed" && !(chat.features.renamesChannels && isChannelTarget(entry.to))) {
    return undefined;
  }
  if (entry?.kind === "message" && !chat.seenMessages.addIfNew(entry.id)) return undefined;
  const { command, params: [first = "", second = ""] } = line;
  const isOurs = isSameName(readSender(line), chat.nick);
  const channels = command === "QUIT" || command === "NICK"
    ? chat.channels.listChannelsOf(readSender(line))
    : [];
  const isBanned = command === "KICK" && chat.channels.get(first)?.isBanned === true;
  chat.channels.applyLine(line, chat.nick);
  if (command === "JOIN" && isOurs) enterChannel(chat, first);
  else if (command === "PART" && isOurs) chat.forgetChannel(first);
  else if (command === "KICK" && isSameName(second, chat.nick)) chat.forgetChannel(first);
  else if (command === "MARKREAD") handleReadMarker(chat, first, second);
  else if (command === "RENAME") {
    chat.renameChannel(first, second);
    chat.outbox.rename(first, second);
    chat.excerpts.rename(first, second);
    chat.joinSync.restart(first, second, now);
  } else if (command === "NICK" && isOurs) chat.nick = first;
  else if (command === "NICK") renameUser(chat, readSender(line), first);
  else if (command === "QUIT") chat.ignoreList.rename(readSender(line));
  switch (entry?.kind) {
    case "kicked":
      return { ...entry, isBanned };
    case "quit":
    case "renamed":
      return { ...entry, channels };
    default:
      return entry;
  }
}

function enterChannel({ wantedChannels, views }: LineHost, channel: string): void {
  wantedChannels.add(channel);
  views.openChannel(channel);
}

function renameUser({ excerpts, ignoreList, outbox, views }: LineHost, from: string, to: string): void {
  ignoreList.rename(from, to);
  outbox.rename(from, to);
  views.rename(from, to);
  excerpts.rename(from, to);
}

/**
 * `MARKREAD <target> <marker>`: `target` has been read up to there, by any of our clients
 * (https://ircv3.net/specs/extensions/read-marker).
 */
function handleReadMarker({ joinSync, views }: LineHost, target: string, marker: string): void {
  const time = parseTimestamp(marker) ?? 0;
  joinSync.handleMarker(target, time);
  views.markRead(target, time);
}
