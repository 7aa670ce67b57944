/** What a typed line makes the chat do. Pure. */
import { unreachable } from "../base/assert.ts";
import { utf8Length } from "../base/bytes.ts";
import { sameName } from "../irc/casemap.ts";
import { AWAYLEN, MAX_LINE_BYTES, TOPICLEN } from "../irc/limits.ts";
import { isRoomName, NAME_FAULT_TEXT, nickFault, roomFault } from "../irc/names.ts";
import { REACT_TAG, REPLY_TAG } from "../irc/reaction.ts";
import { maxTextBytes, splitText, truncateText } from "../irc/text.ts";
import type { Chat } from "./chat.ts";
import { MAX_IGNORED } from "./ignored.ts";
import { writeText } from "./incoming.ts";
import type { Outgoing } from "./outbox.ts";
import { rule } from "./rule.ts";
import type { Ruling } from "./ruling.ts";
import { parseInput, SLASH_ALIASES, SLASH_COMMANDS, SLASH_NAMES } from "./slash.ts";
import type { HelpTopic, Input, SlashName } from "./slash.ts";
import { oneLine } from "./words.ts";

/** Carries out `line` as typed. */
export function talk(chat: Chat, line: string, now: number): void {
  const input = parseInput(line.replaceAll("\0", ""));
  switch (input.kind) {
    case "nothing":
      return;
    case "say":
    case "me":
      return sayHere(chat, input.text, input.kind === "me" ? "did" : "said", now);
    case "msg":
      if (!isTarget(input.to)) return chat.refuse(`${input.to} is no name; one name or room at a time`, now);
      return send(chat, input.to, input.text, "said", now);
    case "quit":
      return chat.quit(oneLine(input.reason ?? ""));
    case "help":
      return help(chat, input, now);
    case "ignore":
    case "unignore":
      return ignore(chat, input, now);
    case "usage":
      return chat.refuse(`it goes like this: ${usage(input.command)}`, now);
    case "unknown": {
      const hint = input.nearest === undefined
        ? "/help lists the commands"
        : `did you mean /${input.nearest}?`;
      return chat.refuse(
        `there is no command /${input.word}; ${hint} (//${input.word} says it as text)`,
        now,
      );
    }
    default:
      if (!chat.online) return chat.refuse("not connected; only what you say is kept for later", now);
      return request(chat, input, now);
  }
}

/** Says `line` in the current room, whatever it begins with. */
export function sayLine(chat: Chat, line: string, now: number): void {
  const text = line.replaceAll("\0", "");
  if (text.trim() !== "") sayHere(chat, text, "said", now);
}

function sayHere(chat: Chat, text: string, manner: Outgoing["manner"], now: number): void {
  if (chat.room !== undefined) return send(chat, chat.room, text, manner, now);
  const why = chat.roomLeft === undefined ? "you are in no room" : `you are no longer in ${chat.roomLeft}`;
  chat.refuse(`not sent: ${why}; /join ROOM chooses where to talk`, now);
}

type Request = Exclude<
  Input,
  {
    kind: "nothing" | "say" | "me" | "msg" | "quit" | "help" | "ignore" | "unignore" | "usage" | "unknown";
  }
>;

/** What only a server can do. */
function request(chat: Chat, input: Request, now: number): void {
  const change = (command: string, ...params: string[]) =>
    chat.ask({ command, params }, { for: "change" }, now);
  switch (input.kind) {
    case "join":
      return join(chat, input.room, input.key ?? "", now);
    case "nick": {
      const fault = nickFault(input.name);
      if (fault !== undefined) return chat.refuse(`${input.name}: ${NAME_FAULT_TEXT[fault]}`, now);
      return change("NICK", input.name);
    }
    case "react":
      return react(chat, input, now);
    case "away":
      return input.text === undefined
        ? change("AWAY")
        : change("AWAY", truncateText(oneLine(input.text), AWAYLEN));
    case "list":
      if (input.what === "rooms") return chat.ask({ command: "LIST" }, { for: "rooms" }, now);
      return chat.ask({ command: "WHO", params: ["*"] }, { for: "who", where: "online" }, now);
    case "part":
    case "topic":
    case "logs":
    case "who":
      return about(chat, input, now);
    default:
      return rule(chat, input, now);
  }
}

/** What is about a room or a person: where none is named, about the current room. */
function about(
  chat: Chat,
  input: Exclude<Request, Ruling | { kind: "join" | "react" | "nick" | "away" | "list" }>,
  now: number,
): void {
  const change = (command: string, ...params: string[]) =>
    chat.ask({ command, params }, { for: "change" }, now);
  const target = ("target" in input ? input.target : "room" in input ? input.room : undefined) ?? chat.room;
  if (target === undefined) return chat.refuse("you are in no room; name one", now);
  if (!isTarget(target)) return chat.refuse(`${target} is no name`, now);
  switch (input.kind) {
    case "part":
      return input.reason === undefined
        ? change("PART", target)
        : change("PART", target, truncateText(oneLine(input.reason), TOPICLEN));
    case "topic":
      if (input.text !== undefined) {
        return change("TOPIC", target, truncateText(oneLine(input.text), TOPICLEN));
      }
      return chat.ask({ command: "TOPIC", params: [target] }, { for: "topic", room: target }, now);
    case "logs": {
      if (!chat.keepsHistory) return chat.refuse("this server does not keep what was said", now);
      const params = ["LATEST", target, "*", String(input.count)];
      return chat.ask({ command: "CHATHISTORY", params }, { for: "logs", target }, now);
    }
    case "who":
      if (!isRoomName(target)) return chat.ask({ command: "WHOIS", params: [target] }, { for: "whois" }, now);
      return chat.ask({ command: "WHO", params: [target] }, { for: "who", where: `in ${target}` }, now);
    default:
      return unreachable(input);
  }
}

function join(chat: Chat, room: string, key: string, now: number): void {
  const fault = roomFault(room);
  if (fault !== undefined) return chat.refuse(`${room}: ${NAME_FAULT_TEXT[fault]}`, now);
  const known = chat.rooms.get(room);
  if (key.includes(",")) return chat.refuse(`${key} is no key: it has a comma`, now);
  if (known === undefined) {
    if (key !== "") chat.note(`what follows ${room} is taken for its key; a room's name is one word`, now);
    return chat.enter(room, key, now);
  }
  const here = chat.room !== undefined && sameName(chat.room, room);
  chat.room = known.name;
  chat.note(here ? `you are in ${known.name}` : `now in ${known.name}`, now);
}

/** To the latest message of another in the current room. */
function react(chat: Chat, { text, name }: Input & { kind: "react" }, now: number): void {
  const { room } = chat;
  if (room === undefined) return chat.refuse("you are in no room", now);
  if (!chat.passesTags) return chat.refuse("this server passes on no reactions", now);
  const id = chat.memory.newest(({ where, of }) =>
    sameName(where, room) && (name === undefined ? !sameName(of, chat.nick) : sameName(of, name))
  );
  if (id === undefined) {
    return chat.refuse(`there is no message of ${name ?? "another"} here to react to`, now);
  }
  const tags = new Map([[REACT_TAG, text], [REPLY_TAG, id]]);
  chat.ask({ tags, command: "TAGMSG", params: [room] }, { for: "order", done: `you reacted ${text}` }, now);
}

/** In as many messages as it takes. */
function send(chat: Chat, target: string, text: string, manner: Outgoing["manner"], now: number): void {
  for (const piece of splitText(text, textBytes(target, manner))) {
    if (chat.say({ target, text: piece, manner }, now)) continue;
    return chat.refuse(`too much waits to be sent; not taken: ${piece}`, now);
  }
}

/** Bytes of text that fit a line, as others receive it. */
function textBytes(target: string, manner: Outgoing["manner"]): number {
  const { command, params: [, frame = ""] } = writeText({ target, text: "", manner });
  return maxTextBytes(command, target) - utf8Length(frame);
}

/** One word that can stand as a parameter: no list, no beginning of a trailing text. */
function isTarget(target: string): boolean {
  return !/^:|[,\s\0]/.test(target) && utf8Length(target) <= MAX_LINE_BYTES / 4;
}

function usage(name: SlashName): string {
  return `/${name} ${SLASH_COMMANDS[name].usage}`.trimEnd();
}

function help(chat: Chat, { command, topic }: Input & { kind: "help" }, now: number): void {
  const names = command === undefined
    ? SLASH_NAMES.filter((name) => SLASH_COMMANDS[name].topic === topic)
    : [command];
  const width = Math.min(MAX_USAGE_COLUMNS, Math.max(...names.map((name) => usage(name).length)));
  for (const name of names) {
    const aliases = Object.keys(SLASH_ALIASES).filter((alias) => SLASH_ALIASES[alias] === name);
    const also = aliases.length === 0 ? "" : ` (also /${aliases.join(", /")})`;
    chat.note(`${usage(name).padEnd(width)}  ${SLASH_COMMANDS[name].summary}${also}`, now);
  }
  if (command === undefined) chat.note(HELP_END[topic ?? "all"], now);
}

/** Longer uses push their summary to the right. */
const MAX_USAGE_COLUMNS = 32;

const HELP_END: Readonly<Record<HelpTopic | "all", string>> = {
  all: "all else is said to the room; //text says a line that begins with a slash; " +
    "who runs a room or the server: /help room, /help server",
  room: "a MASK is nick!user@host with * for anything, as in: /ban *!*@192.0.2.7",
  server: "a DURATION is as in 10m, 2h, 7d; without one it lasts until it is lifted",
};

/** Whom we don't hear is ours alone to say: the server is not asked. */
function ignore(chat: Chat, input: Input & { kind: "ignore" | "unignore" }, now: number): void {
  const { ignored } = chat;
  const { name } = input;
  if (name === undefined) {
    const names = ignored.names;
    return chat.note(names.length === 0 ? "you ignore nobody" : `you ignore ${names.join(", ")}`, now);
  }
  if (!isTarget(name) || isRoomName(name)) return chat.refuse(`${name} is no name`, now);
  if (input.kind === "unignore") {
    if (!ignored.remove(name)) return chat.refuse(`you did not ignore ${name}`, now);
    chat.note(`you hear ${name} again`, now);
  } else {
    if (sameName(name, chat.nick)) return chat.refuse("that is you", now);
    if (!ignored.add(name)) return chat.refuse(`you ignore ${MAX_IGNORED} people already`, now);
    chat.note(`you see nothing more of what ${name} says (/unignore ${name})`, now);
  }
  chat.effect({ kind: "ignored", names: ignored.names });
}
