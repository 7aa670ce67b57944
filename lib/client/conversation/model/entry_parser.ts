/** Lines of the server as entries. Pure. */
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
import { parseReaction, REPLY_TAG } from "../../../irc/reaction.ts";
import { REPLACES_TAG, SENDER_ID_TAG } from "../../../irc/vendor_extensions.ts";
import type { ChatEntry, MessageEntry } from "./chat_entry.ts";
import { ACTION_PATTERN, CTCP } from "./ctcp.ts";
import { describeFailure, isFailureReply } from "../../session/failure_reply.ts";
import { describeModeChange } from "./mode_text.ts";
import { positionOf } from "./read_position.ts";

/** The nick, or server name, in the source. */
export function readSender(message: Message): string {
  return parseSource(message.source ?? "").nick;
}

/** The entry for `message`; undefined: it is not shown. */
export function parseChatEntry(message: Message, now: number): ChatEntry | undefined {
  const { time } = positionOf(message, now);
  const sender = readSender(message);
  const [first = "", second = "", third = ""] = message.params;
  switch (message.command) {
    case "PRIVMSG":
    case "NOTICE":
      return parseTextEntry(message, now);
    case "TAGMSG":
      return parseReactionEntry(message, time);
    case "JOIN":
      return { kind: "joined", time, channel: first, nick: sender };
    case "PART":
      return { kind: "left", time, channel: first, nick: sender, reason: second };
    case "KICK":
      return {
        kind: "kicked",
        time,
        channel: first,
        nick: second,
        by: sender,
        reason: third === second ? "" : third,
      };
    case "QUIT":
      return { kind: "quit", time, nick: sender, reason: first };
    case "NICK":
      return { kind: "renamed", time, from: sender, to: first };
    case "TOPIC":
      return { kind: "topic", time, channel: first, by: sender, text: second };
    case "RENAME":
      return { kind: "room_renamed", time, from: first, to: second, by: sender, reason: third };
    case "REDACT":
      return {
        kind: "redacted",
        time,
        target: first,
        id: second,
        by: sender,
        reason: third,
      };
    case "MODE":
      if (!isChannelName(first)) return undefined;
      return {
        kind: "mode",
        time,
        channel: first,
        by: sender,
        text: describeModeChange(message.params.slice(1)),
      };
    case "KILL":
      return {
        kind: "alarm",
        time,
        text: `${sender} closed your connection${second === "" ? "" : `: ${second}`}`,
      };
    case "WALLOPS":
      return { kind: "server", time, from: `${sender} to all operators`, text: first };
    case "INVITE":
      return { kind: "invited", time, channel: second, by: sender };
    default:
      return parseReplyEntry(message, time);
  }
}

/** Numerics and standard replies. */
function parseReplyEntry(message: Message, time: number): ChatEntry | undefined {
  const [first = "", second = "", third = ""] = message.params;
  switch (message.command) {
    case RPL_YOUREOPER:
      return { kind: "note", time, text: "you are now an operator of this server" };
    case "NOTE":
    case "WARN":
      // history_read.ts reads the gap of a page.
      if (first === "CHATHISTORY") return undefined;
      return { kind: message.command === "NOTE" ? "note" : "alarm", time, text: message.params.at(-1) ?? "" };
    case RPL_AWAY:
      return { kind: "note", time, text: `${second} is away: ${third}` };
    case RPL_UNAWAY:
      return { kind: "note", time, text: "you are no longer away" };
    case RPL_NOWAWAY:
      return { kind: "note", time, text: "you are away (to come back: /away without text)" };
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
  const channel = stripRankPrefix(target);
  return {
    kind: "reaction",
    time,
    channel: isChannelName(channel) ? channel : undefined,
    ...isChannelName(channel) ? {} : { target },
    from,
    text,
    removed,
    to,
  };
}

/**
 * The message in `line`, a PRIVMSG or NOTICE; undefined for any other line. `now` stands in for a time that
 * is not given.
 */
export function parseMessageEntry(line: Message, now: number): MessageEntry | undefined {
  const { command, source, params: [to, text = ""] } = line;
  if (command !== "PRIVMSG" && command !== "NOTICE" || source === undefined || to === undefined) {
    return undefined;
  }
  return makeMessageEntry({
    ...positionOf(line, now),
    from: parseSource(source).nick,
    to,
    verb: command,
    text,
    ...readReferences(line),
  });
}

/** The messages that `line` refers to, by its tags. */
export function readReferences(
  { tags }: Pick<Message, "tags">,
): Pick<MessageEntry, "replyTo" | "replaces" | "senderId"> {
  if (tags.size === 0) return {};
  const replyTo = tags.get(REPLY_TAG) || tags.get("+reply");
  const replaces = tags.get(REPLACES_TAG);
  const senderId = tags.get(SENDER_ID_TAG);
  return { ...replyTo && { replyTo }, ...replaces && { replaces }, ...senderId && { senderId } };
}

/** The entry of a PRIVMSG or NOTICE: target and text tell the channel and the manner. */
export function makeMessageEntry(
  { verb, to, text, ...rest }: Omit<MessageEntry, "kind" | "channel" | "manner"> & {
    readonly verb: "PRIVMSG" | "NOTICE";
  },
): MessageEntry {
  const channel = stripRankPrefix(to);
  const action = verb === "NOTICE" ? undefined : ACTION_PATTERN.exec(text)?.[1];
  const manner = verb === "NOTICE" ? "notice" : action === undefined ? "said" : "did";
  return {
    kind: "message",
    ...rest,
    channel: isChannelName(channel) ? channel : undefined,
    to,
    manner,
    text: action ?? text,
  };
}

/** A CTCP query or reply: not for people. */
export function isCtcp({ manner, text }: MessageEntry): boolean {
  return manner !== "did" && text.startsWith(CTCP);
}

/** The channel of a rank target (STATUSMSG): `#lobby` for `@#lobby`. */
function stripRankPrefix(target: string): string {
  return target.replace(/^[~&@%+]+(?=#)/, "");
}

/** A message without a user in its source is the server's own, unless it is to a channel. */
function parseTextEntry(line: Message, now: number): ChatEntry | undefined {
  const entry = parseMessageEntry({ ...line, source: line.source ?? "server" }, now);
  if (entry === undefined || isCtcp(entry)) return undefined;
  if (entry.channel !== undefined || line.source?.includes("!")) return entry;
  return { kind: "server", time: entry.time, from: entry.from, text: entry.text };
}
