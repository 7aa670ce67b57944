/** The conversations that an entry is shown in. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { conversationOf } from "./model/chat_entry.ts";
import type { ChatEntry } from "./model/chat_entry.ts";

export interface RoutingContext {
  /** Our nick. */
  readonly nick: string;
  /** The open conversation; undefined: none is. */
  readonly current: string | undefined;
  /** Whether there are rows of a conversation. */
  isLoaded(name: string): boolean;
}

/** Names of the conversations that `entry` is shown in. */
export function findConversations(
  entry: ChatEntry,
  { nick, current, isLoaded }: RoutingContext,
): readonly string[] {
  switch (entry.kind) {
    case "message":
      return [conversationOf(entry, nick)];
    case "gap":
      return [entry.target];
    case "joined":
    case "left":
    case "kicked":
    case "mode":
    case "topic":
    case "unread":
      return [entry.channel];
    case "quit":
      return [...entry.channels ?? [], ...isLoaded(entry.nick) ? [entry.nick] : []];
    case "renamed":
      return [...entry.channels ?? [], ...isLoaded(entry.to) ? [entry.to] : []];
    case "room_renamed":
      return [entry.to];
    case "reaction":
      return [entry.channel ?? (isSameName(entry.from, nick) ? entry.target ?? entry.from : entry.from)];
    case "redacted": {
      const isOurs = isSameName(entry.target, nick) && !isChannelName(entry.target);
      return [isOurs ? entry.by : entry.target];
    }
    case "note":
    case "alarm":
      // What becomes of our messages is shown with them.
      return entry.senderId !== undefined || current === undefined ? [] : [current];
    case "invited":
    case "server":
      return current === undefined ? [] : [current];
    case "heading":
    case "found":
      return [];
  }
}
