/** Carries out what who runs a room, or the server, has typed. Pure. */
import { unreachable } from "../base/assert.ts";
import { sameName } from "../irc/casemap.ts";
import { KICKLEN } from "../irc/limits.ts";
import { isRoomName, isTarget, NAME_FAULT_TEXT, roomFault } from "../irc/names.ts";
import { truncateText } from "../irc/text.ts";
import type { Chat } from "./chat.ts";
import { maskText } from "./mode_text.ts";
import type { Ruling } from "./ruling.ts";
import { oneLine } from "./words.ts";

/** RFC 2812 section 3.2.3: at most three changes with a parameter in one MODE, whatever the server. */
const GRANTS_PER_LINE = 3;

/** The room's lists that MODE without a parameter asks for. */
const LIST = /^\+?([beIq])$/;

/** What `input` asks of the server. */
export function rule(chat: Chat, input: Ruling, now: number): void {
  const wrong = wordsOf(input).find((word) => !isTarget(word));
  if (wrong !== undefined) return chat.refuse(`${wrong} is no name`, now);
  switch (input.kind) {
    case "sentence": {
      const { verb, mask, duration, reason } = input;
      const params = [mask, ...duration === undefined ? [] : [duration], ...reasons(reason)];
      const what = verb === "BAN" ? "is banned from this server" : "is muted on this server";
      const done = `${mask} ${what}${duration === undefined ? "" : ` for ${duration}`}`;
      return chat.ask({ command: verb, params }, { for: "order", done }, now);
    }
    case "pardon": {
      const { verb, mask } = input;
      const done = verb === "UNBAN" ? `${mask} may come in again` : `${mask} may speak again`;
      return chat.ask({ command: verb, params: [mask] }, { for: "order", done }, now);
    }
    case "sentences":
      return chat.ask({ command: "BANS" }, { for: "sentences" }, now);
    case "kill":
      return chat.ask(
        { command: "KILL", params: [input.name, reasons(input.reason)[0] ?? "No reason given"] },
        { for: "order" },
        now,
      );
    case "oper": {
      const params = [input.name ?? chat.nick, ...input.password === undefined ? [] : [input.password]];
      return chat.ask({ command: "OPER", params }, { for: "order" }, now);
    }
    default:
      return inRoom(chat, input, now);
  }
}

type InRoom = Exclude<Ruling, { kind: "sentence" | "pardon" | "sentences" | "kill" | "oper" }>;

function inRoom(chat: Chat, input: InRoom, now: number): void {
  const room = input.room ?? chat.room;
  if (room === undefined) return chat.refuse("you are in no room; name one", now);
  switch (input.kind) {
    case "kick":
      return chat.ask(
        { command: "KICK", params: [room, input.name, ...reasons(input.reason)] },
        { for: "order" },
        now,
      );
    case "invite":
      return chat.ask({ command: "INVITE", params: [input.name, room] }, { for: "order" }, now);
    case "grant":
      for (let start = 0; start < input.names.length; start += GRANTS_PER_LINE) {
        const names = input.names.slice(start, start + GRANTS_PER_LINE);
        const modes = input.change[0]! + input.change[1]!.repeat(names.length);
        chat.ask({ command: "MODE", params: [room, modes, ...names] }, { for: "order" }, now);
      }
      return;
    case "mode":
      return mode(chat, room, input.changes, now);
    case "ban":
      return ban(chat, room, input, now);
    case "unban": {
      const done = `${maskText(maskOf(input.mask))} may come to ${room} again`;
      return chat.ask(
        { command: "MODE", params: [room, "-b", maskOf(input.mask)] },
        { for: "order", done },
        now,
      );
    }
    case "rename":
      return rename(chat, room, input, now);
    case "bans":
      return chat.ask({ command: "MODE", params: [room, "b"] }, { for: "masks", room, list: "b" }, now);
    default:
      return unreachable(input);
  }
}

function rename(chat: Chat, room: string, { to, reason }: Ruling & { kind: "rename" }, now: number): void {
  const fault = roomFault(to);
  if (fault !== undefined) return chat.refuse(`${to}: ${NAME_FAULT_TEXT[fault]}`, now);
  chat.ask({ command: "RENAME", params: [room, to, ...reasons(reason)] }, { for: "order" }, now);
}

function mode(chat: Chat, room: string, changes: readonly string[], now: number): void {
  if (changes.length === 0) return chat.ask({ command: "MODE", params: [room] }, { for: "modes", room }, now);
  const list = changes.length === 1 ? LIST.exec(changes[0]!)?.[1] : undefined;
  const message = { command: "MODE", params: [room, ...changes] };
  if (list !== undefined) return chat.ask(message, { for: "masks", room, list }, now);
  return chat.ask(message, { for: "order" }, now);
}

/** Who is in the room goes, once the ban keeps them from coming back at once. */
function ban(
  chat: Chat,
  room: string,
  { mask, duration, reason }: Ruling & { kind: "ban" },
  now: number,
): void {
  if (duration !== undefined) {
    return chat.refuse(`the ban of a room has no end but /unban; leave out ${duration}`, now);
  }
  const members = chat.rooms.get(room)?.members.values() ?? [];
  const here = [...members].find((name) => sameName(name, mask));
  const next = here === undefined
    ? undefined
    : { command: "KICK", params: [room, here, ...reasons(reason ?? "Banned")] };
  chat.ask({ command: "MODE", params: [room, "+b", maskOf(mask)] }, { for: "order", next }, now);
}

/**
 * A name alone is banned wherever they come from; `account:NAME` under whatever name
 * (https://ircv3.net/specs/extensions/account-extban); what is a mask already stays one.
 */
function maskOf(name: string): string {
  if (name.startsWith("account:")) return `~${name}`;
  return /[!@*?:]/.test(name) ? name : `${name}!*@*`;
}

function reasons(reason: string | undefined): string[] {
  const text = truncateText(oneLine(reason ?? ""), KICKLEN);
  return text === "" ? [] : [text];
}

/** What has to be one parameter each. */
function wordsOf(input: Ruling): string[] {
  const words: string[] = [];
  if ("room" in input && input.room !== undefined && isRoomName(input.room)) words.push(input.room);
  if ("name" in input && input.name !== undefined) words.push(input.name);
  if ("mask" in input) words.push(input.mask);
  if ("names" in input) words.push(...input.names);
  return words;
}
