/** What a typed line makes the chat do. Pure. */
import { unreachable } from "../../base/assert.ts";
import { utf8Length } from "../../base/bytes.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { AWAYLEN, MAX_LINE_BYTES, TOPICLEN } from "../../irc/limits.ts";
import { channelFault, isChannelName, NAME_FAULT_TEXT, nickFault } from "../../irc/names/name_rules.ts";
import { REACT_TAG, REPLY_TAG } from "../../irc/reaction.ts";
import { maxTextBytes, splitText, truncateText } from "../../irc/text_splitter.ts";
import type { Chat } from "../../client/conversation/chat.ts";
import { MAX_IGNORED } from "../../client/conversation/model/ignore_list.ts";
import { makeTextMessage } from "../../client/conversation/model/entry_parser.ts";
import type { OutgoingMessage } from "../../client/conversation/outbox.ts";
import { executeOperatorInput } from "./operator_commands.ts";
import type { OperatorInput } from "./operator_input.ts";
import { parseInput, SLASH_ALIASES, SLASH_COMMANDS, SLASH_NAMES } from "./slash_commands.ts";
import type { ChatInput, SlashName } from "./slash_commands.ts";
import type { HelpTopic } from "./slash_command.ts";
import { joinLines } from "./args.ts";

/** Carries out `line` as typed. */
export function executeInput(chat: Chat, line: string, now: number): void {
  const input = parseInput(line.replaceAll("\0", ""));
  switch (input.kind) {
    case "nothing":
      return;
    case "say":
    case "me":
      return sayInCurrentChannel(chat, input.text, input.kind === "me" ? "did" : "said", now);
    case "msg":
      if (!isTarget(input.to)) return chat.refuse(`${input.to} is no name; one name or room at a time`, now);
      return sendText(chat, input.to, input.text, "said", now);
    case "quit":
      return chat.quit(joinLines(input.reason ?? ""));
    case "help":
      return showHelp(chat, input, now);
    case "ignore":
    case "unignore":
      return executeIgnore(chat, input, now);
    case "usage":
      return chat.refuse(`it goes like this: ${formatUsage(input.command)}`, now);
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
      if (!chat.isOnline) return chat.refuse("not connected; only what you say is kept for later", now);
      return executeServerRequest(chat, input, now);
  }
}

/** Says `line` in the current channel, whatever it begins with. */
export function sayText(chat: Chat, line: string, now: number): void {
  const text = line.replaceAll("\0", "");
  if (text.trim() !== "") sayInCurrentChannel(chat, text, "said", now);
}

function sayInCurrentChannel(chat: Chat, text: string, manner: OutgoingMessage["manner"], now: number): void {
  if (chat.channel !== undefined) return sendText(chat, chat.channel, text, manner, now);
  const why = chat.leftChannel === undefined
    ? "you are in no room"
    : `you are no longer in ${chat.leftChannel}`;
  chat.refuse(`not sent: ${why}; /join ROOM chooses where to talk`, now);
}

type ServerRequestInput = Exclude<
  ChatInput,
  {
    kind: "nothing" | "say" | "me" | "msg" | "quit" | "help" | "ignore" | "unignore" | "usage" | "unknown";
  }
>;

/** What only a server can do. */
function executeServerRequest(chat: Chat, input: ServerRequestInput, now: number): void {
  const change = (command: string, ...params: string[]) =>
    chat.ask({ command, params }, { for: "change" }, now);
  switch (input.kind) {
    case "join":
      return executeJoin(chat, input.channel, input.key ?? "", now);
    case "nick": {
      const fault = nickFault(input.name);
      if (fault !== undefined) return chat.refuse(`${input.name}: ${NAME_FAULT_TEXT[fault]}`, now);
      return change("NICK", input.name);
    }
    case "react":
      return executeReact(chat, input, now);
    case "away":
      return input.text === undefined
        ? change("AWAY")
        : change("AWAY", truncateText(joinLines(input.text), AWAYLEN));
    case "list":
      if (input.what === "rooms") return chat.ask({ command: "LIST" }, { for: "rooms" }, now);
      return chat.ask({ command: "WHO", params: ["*"] }, { for: "who", where: "online" }, now);
    case "part":
    case "topic":
    case "logs":
    case "who":
      return executeTargetRequest(chat, input, now);
    default:
      return executeOperatorInput(chat, input, now);
  }
}

/** What is about a channel or a person: where none is named, about the current channel. */
function executeTargetRequest(
  chat: Chat,
  input: Exclude<ServerRequestInput, OperatorInput | { kind: "join" | "react" | "nick" | "away" | "list" }>,
  now: number,
): void {
  const change = (command: string, ...params: string[]) =>
    chat.ask({ command, params }, { for: "change" }, now);
  const target = ("target" in input ? input.target : "channel" in input ? input.channel : undefined) ??
    chat.channel;
  if (target === undefined) return chat.refuse("you are in no room; name one", now);
  if (!isTarget(target)) return chat.refuse(`${target} is no name`, now);
  switch (input.kind) {
    case "part":
      return input.reason === undefined
        ? change("PART", target)
        : change("PART", target, truncateText(joinLines(input.reason), TOPICLEN));
    case "topic":
      if (input.text !== undefined) {
        return change("TOPIC", target, truncateText(joinLines(input.text), TOPICLEN));
      }
      return chat.ask({ command: "TOPIC", params: [target] }, { for: "topic", channel: target }, now);
    case "logs": {
      if (!chat.features.hasHistory) return chat.refuse("this server does not keep what was said", now);
      const params = ["LATEST", target, "*", String(input.count)];
      return chat.ask({ command: "CHATHISTORY", params }, { for: "logs", target }, now);
    }
    case "who":
      if (!isChannelName(target)) {
        return chat.ask({ command: "WHOIS", params: [target] }, { for: "whois" }, now);
      }
      return chat.ask({ command: "WHO", params: [target] }, { for: "who", where: `in ${target}` }, now);
    default:
      return unreachable(input);
  }
}

function executeJoin(chat: Chat, channel: string, key: string, now: number): void {
  const fault = channelFault(channel);
  if (fault !== undefined) return chat.refuse(`${channel}: ${NAME_FAULT_TEXT[fault]}`, now);
  const known = chat.channels.get(channel);
  if (key.includes(",")) return chat.refuse(`${key} is no key: it has a comma`, now);
  if (known === undefined) {
    if (key !== "") chat.note(`what follows ${channel} is taken for its key; a room's name is one word`, now);
    return chat.joinChannel(channel, key, now);
  }
  const here = chat.channel !== undefined && isSameName(chat.channel, channel);
  chat.channel = known.name;
  chat.note(here ? `you are in ${known.name}` : `now in ${known.name}`, now);
}

/** To the latest message of another in the current channel. */
function executeReact(chat: Chat, { text, name }: ChatInput & { kind: "react" }, now: number): void {
  const { channel } = chat;
  if (channel === undefined) return chat.refuse("you are in no room", now);
  if (!chat.features.supportsTags) return chat.refuse("this server passes on no reactions", now);
  const id = chat.seenMessages.findNewest(({ where, of }) =>
    isSameName(where, channel) && (name === undefined ? !isSameName(of, chat.nick) : isSameName(of, name))
  );
  if (id === undefined) {
    return chat.refuse(`there is no message of ${name ?? "another"} here to react to`, now);
  }
  const tags = new Map([[REACT_TAG, text], [REPLY_TAG, id]]);
  chat.ask(
    { tags, command: "TAGMSG", params: [channel] },
    { for: "order", done: `you reacted ${text}` },
    now,
  );
}

/** In as many messages as it takes. */
function sendText(
  chat: Chat,
  target: string,
  text: string,
  manner: OutgoingMessage["manner"],
  now: number,
): void {
  for (const piece of splitText(text, countTextBytes(target, manner))) {
    if (chat.say({ target, text: piece, manner }, now)) continue;
    return chat.refuse(`too much waits to be sent; not taken: ${piece}`, now);
  }
}

/** Bytes of text that fit a line, as others receive it. */
function countTextBytes(target: string, manner: OutgoingMessage["manner"]): number {
  const { command, params: [, frame = ""] } = makeTextMessage({ target, text: "", manner });
  return maxTextBytes(command, target) - utf8Length(frame);
}

/** One word that can stand as a parameter: no list, no beginning of a trailing text. */
function isTarget(target: string): boolean {
  return !/^:|[,\s\0]/.test(target) && utf8Length(target) <= MAX_LINE_BYTES / 4;
}

function formatUsage(name: SlashName): string {
  return `/${name} ${SLASH_COMMANDS[name].usage}`.trimEnd();
}

function showHelp(chat: Chat, { command, topic }: ChatInput & { kind: "help" }, now: number): void {
  const names = command === undefined
    ? SLASH_NAMES.filter((name) => SLASH_COMMANDS[name].topic === topic)
    : [command];
  const width = Math.min(MAX_USAGE_COLUMNS, Math.max(...names.map((name) => formatUsage(name).length)));
  for (const name of names) {
    const aliases = Object.keys(SLASH_ALIASES).filter((alias) => SLASH_ALIASES[alias] === name);
    const also = aliases.length === 0 ? "" : ` (also /${aliases.join(", /")})`;
    chat.note(`${formatUsage(name).padEnd(width)}  ${SLASH_COMMANDS[name].summary}${also}`, now);
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
function executeIgnore(chat: Chat, input: ChatInput & { kind: "ignore" | "unignore" }, now: number): void {
  const { ignoreList } = chat;
  const { name } = input;
  if (name === undefined) {
    const names = ignoreList.names;
    return chat.note(names.length === 0 ? "you ignore nobody" : `you ignore ${names.join(", ")}`, now);
  }
  if (!isTarget(name) || isChannelName(name)) return chat.refuse(`${name} is no name`, now);
  if (input.kind === "unignore") {
    if (!ignoreList.remove(name)) return chat.refuse(`you did not ignore ${name}`, now);
    chat.note(`you hear ${name} again`, now);
  } else {
    if (isSameName(name, chat.nick)) return chat.refuse("that is you", now);
    if (!ignoreList.add(name)) return chat.refuse(`you ignore ${MAX_IGNORED} people already`, now);
    chat.note(`you see nothing more of what ${name} says (/unignore ${name})`, now);
  }
  chat.addEffect({ kind: "ignored", names: ignoreList.names });
}
