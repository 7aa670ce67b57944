/** What most slash commands do: check the names, and send one command. Pure. */
import { KICKLEN } from "../../irc/limits.ts";
import type { MessageParts } from "../../irc/message.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import type { Chat } from "../conversation/chat.ts";
import type { ChangePurpose } from "../conversation/effects.ts";
import { addChannelPrefix, isTarget, joinLines, splitFirstWord } from "./arguments.ts";

/** Sends a command that changes something on the server. */
export function requestChange(
  chat: Chat,
  message: MessageParts,
  now: number,
  success: Omit<ChangePurpose, "for"> = {},
): void {
  chat.ask(message, { for: "change", ...success }, now);
}

/**
 * Where typed lines go: the current view, unless it is a channel that we are out of. What is said while it is being entered
 * waits for that.
 */
export function currentTarget(chat: Chat): string | undefined {
  const { current } = chat.views;
  return current !== undefined && canSpeakIn(chat, current) ? current : undefined;
}

/** Whether what is typed in the view `name` can be sent. */
export function canSpeakIn({ wantedChannels, joinSync }: Chat, name: string): boolean {
  return !isChannelName(name) || wantedChannels.has(name) || joinSync.isJoining(name);
}

/** Why nothing can be said in the current view, and what to do. */
export function describeNoTarget(chat: Chat): string {
  const { current } = chat.views;
  const other = chat.views.list().find((view) => !view.isCurrent && view.isJoined);
  const go = other === undefined ? [] : [`/go ${other.name}`];
  if (current === undefined) return `no room is shown (${[...go, "/join ROOM"].join(", ")})`;
  const state = chat.views.find(current)?.isOpen === true ? "you are no longer in" : "you are not in";
  return `${state} ${current} (${[...go, `/join ${current}`].join(", ")})`;
}

/** `target`, or where typed lines go if none is named; undefined: nowhere, and the person is told. */
export function resolveConversation(chat: Chat, target: string | undefined, now: number): string | undefined {
  const resolved = target ?? currentTarget(chat);
  if (resolved === undefined) {
    chat.refuse(`${describeNoTarget(chat)}; or name the room, with its #`, now);
    return undefined;
  }
  return checkTargets(chat, [resolved], now) ? resolved : undefined;
}

/**
 * `target`, or the current channel where none is named, also one that is being entered; undefined: there is none, and the
 * person is told.
 */
export function resolveTarget(chat: Chat, target: string | undefined, now: number): string | undefined {
  const { current = "" } = chat.views;
  const isChannel = isChannelName(current);
  const resolved = target ?? (isChannel && canSpeakIn(chat, current) ? current : undefined);
  if (resolved === undefined) {
    const why = isChannel ? `you have left ${current}` : "you are not in a room";
    chat.refuse(`${why}; name the room, with its #`, now);
    return undefined;
  }
  return checkTargets(chat, [resolved], now) ? resolved : undefined;
}

/**
 * The channel that `rest` begins with, where its prefix is left out; undefined: none. Only another channel that we
 * know, and no name in the current one, is taken for it.
 */
export function findBareChannel(chat: Chat, rest: string): string | undefined {
  const [word] = splitFirstWord(rest);
  const current = chat.channel ?? "";
  const wanted = addChannelPrefix(word);
  if (wanted === word || isSameName(wanted, current)) return undefined;
  const members = chat.channels.get(current)?.members.values() ?? [];
  if ([...members].some((nick) => isSameName(nick, word))) return undefined;
  return chat.views.listNames("channel").find((name) => isSameName(name, wanted));
}

/** Whether each of `words` can be a name; if not, the person is told. */
export function checkTargets(chat: Chat, words: readonly string[], now: number): boolean {
  const wrong = words.find((word) => !isTarget(word));
  if (wrong !== undefined) chat.refuse(`${wrong} is not a valid name`, now);
  return wrong === undefined;
}

/** The reason as a parameter, or none. */
export function makeReasonParams(reason: string, maxBytes = KICKLEN): string[] {
  const text = truncateText(joinLines(reason), maxBytes);
  return text === "" ? [] : [text];
}
