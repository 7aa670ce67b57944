/** A line of the server as something to show. Pure; what is only bookkeeping gives nothing. */
import { parseSource } from "../irc/message.ts";
import type { Message } from "../irc/message.ts";
import { isRoomName } from "../irc/names.ts";
import {
  ERR_NOMOTD,
  RPL_AWAY,
  RPL_INVITING,
  RPL_MOTD,
  RPL_NOWAWAY,
  RPL_UNAWAY,
  RPL_YOUREOPER,
} from "../irc/numerics.ts";
import { reactionOf } from "../irc/reaction.ts";
import { wireTime } from "../irc/wire_number.ts";
import type { Entry, Manner } from "./entry.ts";
import { failureText, isFailure } from "./failure_text.ts";
import { modeText } from "./mode_text.ts";

/** When the server says it was (https://ircv3.net/specs/extensions/server-time), else `now`. Milliseconds. */
export function timeOf(message: Message, now: number): number {
  return wireTime(message.tags.get("time")) ?? now;
}

/** Who it is from. */
export function senderOf(message: Message): string {
  return parseSource(message.source ?? "").nick;
}

/** What `message` shows; undefined: nothing. */
export function entryOf(message: Message, now: number): Entry | undefined {
  const time = timeOf(message, now);
  const who = senderOf(message);
  const [first = "", second = "", third = ""] = message.params;
  switch (message.command) {
    case "PRIVMSG":
    case "NOTICE":
      return spoken(message, time);
    case "TAGMSG":
      return reaction(message, time);
    case "JOIN":
      return { kind: "joined", time, room: first, nick: who };
    case "PART":
      return { kind: "left", time, room: first, nick: who, reason: second };
    case "KICK":
      return {
        kind: "removed",
        time,
        room: first,
        nick: second,
        by: who,
        reason: third === second ? "" : third,
      };
    case "QUIT":
      return { kind: "gone", time, nick: who, reason: first };
    case "NICK":
      return { kind: "renamed", time, from: who, to: first };
    case "TOPIC":
      return { kind: "topic", time, room: first, by: who, text: second };
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
      if (!isRoomName(first)) return undefined;
      return { kind: "mode", time, room: first, by: who, text: modeText(message.params.slice(1)) };
    case "KILL":
      return {
        kind: "alarm",
        time,
        text: `${who} closes your connection${second === "" ? "" : `: ${second}`}`,
      };
    case "WALLOPS":
      return { kind: "server", time, from: `${who} to all operators`, text: first };
    case "INVITE":
      return { kind: "invited", time, room: second, by: who };
    case RPL_YOUREOPER:
      return { kind: "note", time, text: "you are an operator of this server now" };
    case "NOTE":
    case "WARN":
      // Of history's gaps arrivals.ts tells.
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
  }
  return isFailure(message) ? { kind: "alarm", time, text: failureText(message) } : undefined;
}

function reaction(message: Message, time: number): Entry | undefined {
  const found = reactionOf(message);
  if (found === undefined) return undefined;
  const { target, from, text, removed, to } = found;
  const room = withoutStatus(target);
  return { kind: "reaction", time, room: isRoomName(room) ? room : undefined, from, text, removed, to };
}

/** STATUSMSG: what is for the operators of a room has their prefix before its name. */
function withoutStatus(target: string): string {
  return target.replace(/^[~&@%+]+(?=#)/, "");
}

/** CTCP (modern, "Client-to-Client Protocol"): one program to another, between two of these. */
const CTCP = "\x01";
const ACTION = `${CTCP}ACTION `;

/** How `text` was meant and what it says; undefined: a question of one program to another (CTCP), not for people. */
export function readText(
  command: "PRIVMSG" | "NOTICE",
  text: string,
): { manner: Manner; text: string } | undefined {
  if (text.startsWith(ACTION)) {
    return { manner: "did", text: text.slice(ACTION.length, text.endsWith(CTCP) ? -CTCP.length : undefined) };
  }
  if (text.startsWith(CTCP)) return undefined;
  return { manner: command === "NOTICE" ? "notice" : "said", text };
}

/** The message that says `text` to `target` (CTCP ACTION for what is done). */
export function writeText(
  { target, text, manner }: { readonly target: string; readonly text: string; readonly manner: Manner },
): { command: "PRIVMSG" | "NOTICE"; params: string[] } {
  const framed = manner === "did" ? ACTION + text + CTCP : text;
  return { command: manner === "notice" ? "NOTICE" : "PRIVMSG", params: [target, framed] };
}

function spoken(message: Message, time: number): Entry | undefined {
  const [target = "", raw = ""] = message.params;
  const read = readText(message.command as "PRIVMSG" | "NOTICE", raw);
  if (read === undefined) return undefined;
  const from = senderOf(message);
  const room = withoutStatus(target);
  if (isRoomName(room)) return { kind: "message", time, room, from, ...read };
  if (!message.source?.includes("!")) {
    return { kind: "server", time, from: from || "server", text: read.text };
  }
  return { kind: "direct", time, from, to: target, ...read };
}
