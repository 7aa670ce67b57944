/** What a typed line asks for. Pure: text in, a union out. */
import { nearest } from "../cli/hint.ts";
import { parseInvite, ROOM_COMMANDS, SERVER_COMMANDS } from "./ruling.ts";
import type { Ruling } from "./ruling.ts";
import { cut, cutRoom, given, withPrefix, wordsOf } from "./words.ts";

/** The commands, in the order of the help. */
export const SLASH_NAMES = [
  "msg",
  "me",
  "react",
  "join",
  "part",
  "topic",
  "invite",
  "nick",
  "list",
  "logs",
  "who",
  "away",
  "ignore",
  "unignore",
  "help",
  "quit",
  "kick",
  "ban",
  "unban",
  "bans",
  "op",
  "deop",
  "voice",
  "devoice",
  "mode",
  "rename",
  "oper",
  "kill",
  "gban",
  "ungban",
  "gbans",
  "mute",
  "unmute",
] as const;

/** What is not everybody's every day has a help of its own. */
export const HELP_TOPICS = ["room", "server"] as const;

export type HelpTopic = (typeof HELP_TOPICS)[number];

export type SlashName = (typeof SLASH_NAMES)[number];

export type Input =
  | { readonly kind: "nothing" }
  /** To everybody in the current room. */
  | { readonly kind: "say" | "me"; readonly text: string }
  | { readonly kind: "msg"; readonly to: string; readonly text: string }
  /** To the latest message here; of `name`, where it is given. */
  | { readonly kind: "react"; readonly text: string; readonly name?: string }
  | { readonly kind: "join"; readonly room: string; readonly key?: string }
  /** No room: the current one. */
  | { readonly kind: "part"; readonly room?: string; readonly reason?: string }
  /** No text: show it. */
  | { readonly kind: "topic"; readonly room?: string; readonly text?: string }
  | { readonly kind: "nick"; readonly name: string }
  | { readonly kind: "list"; readonly what: "people" | "rooms" }
  | { readonly kind: "logs"; readonly target?: string; readonly count: number }
  | { readonly kind: "who"; readonly target?: string }
  /** No text: back again. */
  | { readonly kind: "away"; readonly text?: string }
  /** No name: who is ignored. */
  | { readonly kind: "ignore"; readonly name?: string }
  | { readonly kind: "unignore"; readonly name: string }
  | Ruling
  | { readonly kind: "help"; readonly command?: SlashName; readonly topic?: HelpTopic }
  | { readonly kind: "quit"; readonly reason?: string }
  /** A known command, wrongly used. */
  | { readonly kind: "usage"; readonly command: SlashName }
  | { readonly kind: "unknown"; readonly word: string; readonly nearest?: string };

/** Messages that `/logs` shows when no number is given. */
export const DEFAULT_LOG_LINES = 20;
/** The most it asks for at once: what a server of ours answers, and as many as are counted of what was not read. */
export const MAX_LOG_LINES = 1000;

export interface Slash {
  /** As in the help, behind the name. */
  readonly usage: string;
  readonly summary: string;
  /** Left out: it is in the help that comes first. */
  readonly topic?: HelpTopic;
  /** Undefined: wrongly used. */
  parse(rest: string): Input | undefined;
}

export const SLASH_COMMANDS: Readonly<Record<SlashName, Slash>> = {
  msg: { usage: "NAME TEXT", summary: "tell one person, or another room", parse: parseMsg },
  me: {
    usage: "TEXT",
    summary: "say what you do",
    parse: (text) => text === "" ? undefined : { kind: "me", text },
  },
  react: {
    usage: "EMOJI [NAME]",
    summary: "react to the latest message here, or to NAME's, as in: /react 👍",
    parse: parseReact,
  },
  join: { usage: "ROOM [KEY]", summary: "enter a room, or go back to it", parse: parseJoin },
  part: { usage: "[ROOM] [REASON]", summary: "leave a room", parse: parsePart },
  topic: { usage: "[ROOM] [TEXT]", summary: "show the room's topic, or set it", parse: parseTopic },
  invite: { usage: "NAME [ROOM]", summary: "ask somebody in", parse: parseInvite },
  nick: { usage: "NAME", summary: "change your name", parse: parseNick },
  list: { usage: "[people|rooms]", summary: "who is online, or which rooms there are", parse: parseList },
  logs: { usage: "[ROOM|NAME] [COUNT]", summary: "show what was said before", parse: parseLogs },
  who: { usage: "[ROOM|NAME]", summary: "who is in the room, or who somebody is", parse: parseWho },
  away: { usage: "[TEXT]", summary: "say that you are away; without text: back again", parse: parseAway },
  ignore: {
    usage: "[NAME]",
    summary: "see nothing more of what somebody says; without name: whom you ignore",
    parse: parseIgnore,
  },
  unignore: { usage: "NAME", summary: "see it again", parse: parseUnignore },
  help: {
    usage: "[COMMAND|room|server]",
    summary: "this list; a command; the commands of who runs a room, or the server",
    parse: parseHelp,
  },
  quit: {
    usage: "[REASON]",
    summary: "leave the chat",
    parse: (rest) => ({ kind: "quit", ...given("reason", rest) }),
  },
  ...ROOM_COMMANDS,
  ...SERVER_COMMANDS,
};

/** Other names, for those who come from other systems. */
export const SLASH_ALIASES: Readonly<Record<string, SlashName>> = { chat: "msg", bye: "quit" };

/** All that may stand behind the slash. */
export const SLASH_WORDS: readonly string[] = [...SLASH_NAMES, ...Object.keys(SLASH_ALIASES)];

/** Judges `line`: `/word rest` is a command, `//text` says "/text", all else is said as it is. */
export function parseInput(line: string): Input {
  if (line.trim() === "") return { kind: "nothing" };
  if (!line.startsWith("/")) return { kind: "say", text: line };
  if (line.startsWith("//")) return { kind: "say", text: line.slice(1) };
  const [word, rest] = cut(line.slice(1));
  const name = slashName(word);
  if (name === undefined) {
    const near = nearest(word.toLowerCase(), SLASH_WORDS);
    return { kind: "unknown", word, ...near === undefined ? {} : { nearest: near } };
  }
  return SLASH_COMMANDS[name].parse(rest) ?? { kind: "usage", command: name };
}

function slashName(word: string): SlashName | undefined {
  const name = word.toLowerCase();
  const known = SLASH_NAMES.find((known) => known === name);
  return known ?? (Object.hasOwn(SLASH_ALIASES, name) ? SLASH_ALIASES[name] : undefined);
}

function parseMsg(rest: string): Input | undefined {
  const [to, text] = cut(rest);
  return to === "" || text === "" ? undefined : { kind: "msg", to, text };
}

function parseReact(rest: string): Input | undefined {
  const [text, name = "", ...more] = wordsOf(rest);
  return text === undefined || more.length > 0 ? undefined : { kind: "react", text, ...given("name", name) };
}

function parseJoin(rest: string): Input | undefined {
  const [word, key = "", ...more] = wordsOf(rest);
  if (word === undefined || more.length > 0) return undefined;
  return { kind: "join", room: withPrefix(word), ...given("key", key) };
}

function parsePart(rest: string): Input {
  const [room, reason] = cutRoom(rest);
  return { kind: "part", ...given("room", room), ...given("reason", reason) };
}

function parseTopic(rest: string): Input {
  const [room, text] = cutRoom(rest);
  return { kind: "topic", ...given("room", room), ...given("text", text) };
}

function parseNick(rest: string): Input | undefined {
  const [name, more] = cut(rest);
  return name === "" || more !== "" ? undefined : { kind: "nick", name };
}

function parseList(rest: string): Input | undefined {
  if (rest === "" || rest === "people") return { kind: "list", what: "people" };
  return rest === "rooms" ? { kind: "list", what: "rooms" } : undefined;
}

function parseLogs(rest: string): Input | undefined {
  const words = wordsOf(rest);
  const number = /^\d{1,6}$/.test(words.at(-1) ?? "") ? Number(words.pop()) : DEFAULT_LOG_LINES;
  if (words.length > 1 || number < 1) return undefined;
  return { kind: "logs", ...given("target", words[0] ?? ""), count: Math.min(number, MAX_LOG_LINES) };
}

function parseWho(rest: string): Input | undefined {
  const [target, more] = cut(rest);
  return more === "" ? { kind: "who", ...given("target", target) } : undefined;
}

function parseAway(rest: string): Input {
  return { kind: "away", ...given("text", rest) };
}

function parseIgnore(rest: string): Input | undefined {
  const [name, more] = cut(rest);
  return more === "" ? { kind: "ignore", ...given("name", name) } : undefined;
}

function parseUnignore(rest: string): Input | undefined {
  const [name, more] = cut(rest);
  return name === "" || more !== "" ? undefined : { kind: "unignore", name };
}

function parseHelp(rest: string): Input | undefined {
  if (rest === "") return { kind: "help" };
  const topic = HELP_TOPICS.find((topic) => topic === rest);
  if (topic !== undefined) return { kind: "help", topic };
  const command = slashName(rest.replace(/^\//, ""));
  return command === undefined ? undefined : { kind: "help", command };
}
