/** A line of the server as something to show. Pure; what is only bookkeeping gives nothing. */
import { parseSource } from "../../../irc/message.ts";
import type { Message } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import {
  ERR_NOMOTD,
  RPL_AWAY,
  RPL_INVITING,
  RPL_MOTD,
  RPL_NOWAWAY,
  RPL_UNAWAY,
  RPL_YOUREOPER,
} from "../../../irc/numerics.ts";
import { parseReaction } from "../../../irc/reaction.ts";
import { parseWireTime } from "../../../irc/wire_number.ts";
import type { ChatEntry, MessageManner } from "./chat_entry.ts";
import { describeFailure, isFailureReply } from "./failure_text.ts";
import { describeModeChange } from "./mode_text.ts";

/** When the server says it was (https://ircv3.net/specs/extensions/server-time), else `now`. Milliseconds. */
export function readMessageTime(message: Message, now: number): number {
  return parseWireTime(message.tags.get("time")) ?? now;
}

/** Who it is from. */
export function readSender(message: Message): string {
  return parseSource(message.source ?? "").nick;
}

/** What `message` shows; undefined: nothing. */
export function parseChatEntry(message: Message, now: number): ChatEntry | undefined {
  const time = readMessageTime(message, now);
  const who = readSender(message);
  const [first = "", second = "", third = ""] = message.params;
  switch (message.command) {
    case "PRIVMSG":
    case "NOTICE":
      return parseTextEntry(message, time);
    case "TAGMSG":
      return parseReactionEntry(message, time);
    case "JOIN":
      return { kind: "joined", time, channel: first, nick: who };
    case "PART":
      return { kind: "left", time, channel: first, nick: who, reason: second };
    case "KICK":
      return {
        kind: "removed",
        time,
        channel: first,
        nick: second,
        by: who,
        reason: third === second ? "" : third,
      };
    case "QUIT":
      return { kind: "gone", time, nick: who, reason: first };
    case "NICK":
      return { kind: "renamed", time, from: who, to: first };
    case "TOPIC":
      return { kind: "topic", time, channel: first, by: who, text: second };
    case "RENAME":
      return { kind: "room_renamed", time, from: first, to: second, by: who, reason: third };
    case "REDACT":
      return {
        kind: "taken_back",
        time,
        target: first,
        by: who,
        of: undefined,
        at: undefined,
        reason: third,
      };
    case "MODE":
      if (!isChannelName(first)) return undefined;
      return {
        kind: "mode",
        time,
        channel: first,
        by: who,
        text: describeModeChange(message.params.slice(1)),
      };
    case "KILL":
      return {
        kind: "alarm",
        time,
        text: `${who} closes your connection${second === "" ? "" : `: ${second}`}`,
      };
    case "WALLOPS":
      return { kind: "server", time, from: `${who} to all operators`, text: first };
    case "INVITE":
      return { kind: "invited", time, channel: second, by: who };
    default:
      return parseReplyEntry(message, time);
  }
}

/** Replies and notices of the server to this client. */
function parseReplyEntry(message: Message, time: number): ChatEntry | undefined {
  const [first = "", second = "", third = ""] = message.params;
  switch (message.command) {
    case RPL_YOUREOPER:
      return { kind: "note", time, text: "you are an operator of this server now" };
    case "NOTE":
    case "WARN":
      // Of history's gaps join_sync.ts tells.
      if (first === "CHATHISTORY") return undefined;
      return { kind: message.command === "NOTE" ? "note" : "alarm", time, text: message.params.at(-1) ?? "" };
    case RPL_AWAY:
      return { kind: "note", time, text: `${second} is away: ${third}` };
    case RPL_UNAWAY:
      return { kind: "note", time, text: "you are back" };
    case RPL_NOWAWAY:
      return { kind: "note", time, text: "you are away (/away without text: back again)" };
    case RPL_INVITING:
      return { kind: "note", time, text: `${second} is invited to ${third}` };
    case ERR_NOMOTD:
      return undefined;
    case RPL_MOTD:
      return { kind: "note", time, text: second.replace(/^- ?/, "") };
    default:
      return isFailureReply(message) ? { kind: "alarm", time, text: describeFailure(message) } : undefined;
  }
}

function parseReactionEntry(message: Message, time: number): ChatEntry | undefined {
  const found = parseReaction(message);
  if (found === undefined) return undefined;
  const { target, from, text, removed, to } = found;
  const channel = stripStatusPrefix(target);
  return {
    kind: "reaction",
    time,
    channel: isChannelName(channel) ? channel : undefined,
    from,
    text,
    removed,
    to,
  };
}

/** STATUSMSG: what is for the operators of a channel has their prefix before its name. */
function stripStatusPrefix(target: string): string {
  return target.replace(/^[~&@%+]+(?=#)/, "");
}

/** CTCP (modern, "Client-to-Client Protocol"): one program to another, between two of these. */
const CTCP = "\x01";
const ACTION = `${CTCP}ACTION `;

/** How `text` was meant and what it says; undefined: a question of one program to another (CTCP), not for people. */
export function parseMessageText(
  command: "PRIVMSG" | "NOTICE",
  text: string,
): { manner: MessageManner; text: string } | undefined {
  if (text.startsWith(ACTION)) {
    return { manner: "did", text: text.slice(ACTION.length, text.endsWith(CTCP) ? -CTCP.length : undefined) };
  }
  if (text.startsWith(CTCP)) return undefined;
  return { manner: command === "NOTICE" ? "notice" : "said", text };
}

/** The message that says `text` to `target` (CTCP ACTION for what is done). */
export function makeTextMessage(
  { target, text, manner }: {
    readonly target: string;
    readonly text: string;
    readonly manner: MessageManner;
  },
): { command: "PRIVMSG" | "NOTICE"; params: string[] } {
  const framed = manner === "did" ? ACTION + text + CTCP : text;
  return { command: manner === "notice" ? "NOTICE" : "PRIVMSG", params: [target, framed] };
}

function parseTextEntry(message: Message, time: number): ChatEntry | undefined {
  const [target = "", raw = ""] = message.params;
  const read = parseMessageText(message.command as "PRIVMSG" | "NOTICE", raw);
  if (read === undefined) return undefined;
  const from = readSender(message);
  const channel = stripStatusPrefix(target);
  if (isChannelName(channel)) return { kind: "message", time, channel, from, ...read };
  if (!message.source?.includes("!")) {
    return { kind: "server", time, from: from || "server", text: read.text };
  }
  return { kind: "direct", time, from, to: target, ...read };
}
