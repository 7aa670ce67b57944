/** What a typed line asks for. Pure: text in, a union out. */
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import { CHANNEL_COMMANDS, parseInvite, SERVER_COMMANDS } from "./operator_input.ts";
import type { OperatorInput } from "./operator_input.ts";
import { HELP_TOPICS } from "./slash_command.ts";
import type { HelpTopic, SlashCommand } from "./slash_command.ts";
import { addChannelPrefix, makeOptionalField, splitChannel, splitFirstWord, splitWords } from "./args.ts";

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

export type SlashName = (typeof SLASH_NAMES)[number];

export type ChatInput =
  | { readonly kind: "nothing" }
  /** To everybody in the current channel. */
  | { readonly kind: "say" | "me"; readonly text: string }
  | { readonly kind: "msg"; readonly to: string; readonly text: string }
  /** To the latest message here; of `name`, where it is given. */
  | { readonly kind: "react"; readonly text: string; readonly name?: string }
  | { readonly kind: "join"; readonly channel: string; readonly key?: string }
  /** No channel: the current one. */
  | { readonly kind: "part"; readonly channel?: string; readonly reason?: string }
  /** No text: show it. */
  | { readonly kind: "topic"; readonly channel?: string; readonly text?: string }
  | { readonly kind: "nick"; readonly name: string }
  | { readonly kind: "list"; readonly what: "people" | "rooms" }
  | { readonly kind: "logs"; readonly target?: string; readonly count: number }
  | { readonly kind: "who"; readonly target?: string }
  /** No text: back again. */
  | { readonly kind: "away"; readonly text?: string }
  /** No name: who is ignored. */
  | { readonly kind: "ignore"; readonly name?: string }
  | { readonly kind: "unignore"; readonly name: string }
  | OperatorInput
  | { readonly kind: "help"; readonly command?: SlashName; readonly topic?: HelpTopic }
  | { readonly kind: "quit"; readonly reason?: string }
  /** A known command, wrongly used. */
  | { readonly kind: "usage"; readonly command: SlashName }
  | { readonly kind: "unknown"; readonly word: string; readonly nearest?: string };

/** Messages that `/logs` shows when no number is given. */
export const DEFAULT_LOG_LINES = 20;
/** The most it asks for at once: what a server of ours answers, and as many as are counted of what was not read. */
export const MAX_LOG_LINES = 1000;

export const SLASH_COMMANDS: Readonly<Record<SlashName, SlashCommand<ChatInput>>> = {
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
    parse: (rest) => ({ kind: "quit", ...makeOptionalField("reason", rest) }),
  },
  ...CHANNEL_COMMANDS,
  ...SERVER_COMMANDS,
};

/** Other names, for those who come from other systems. */
export const SLASH_ALIASES: Readonly<Record<string, SlashName>> = { chat: "msg", bye: "quit" };

/** All that may stand behind the slash. */
export const SLASH_WORDS: readonly string[] = [...SLASH_NAMES, ...Object.keys(SLASH_ALIASES)];

/** Judges `line`: `/word rest` is a command, `//text` says "/text", all else is said as it is. */
export function parseInput(line: string): ChatInput {
  if (line.trim() === "") return { kind: "nothing" };
  if (!line.startsWith("/")) return { kind: "say", text: line };
  if (line.startsWith("//")) return { kind: "say", text: line.slice(1) };
  const [word, rest] = splitFirstWord(line.slice(1));
  const name = findSlashName(word);
  if (name === undefined) {
    const near = suggestWord(word.toLowerCase(), SLASH_WORDS);
    return { kind: "unknown", word, ...near === undefined ? {} : { nearest: near } };
  }
  return SLASH_COMMANDS[name].parse(rest) ?? { kind: "usage", command: name };
}

function findSlashName(word: string): SlashName | undefined {
  const name = word.toLowerCase();
  const known = SLASH_NAMES.find((known) => known === name);
  return known ?? (Object.hasOwn(SLASH_ALIASES, name) ? SLASH_ALIASES[name] : undefined);
}

function parseMsg(rest: string): ChatInput | undefined {
  const [to, text] = splitFirstWord(rest);
  return to === "" || text === "" ? undefined : { kind: "msg", to, text };
}

function parseReact(rest: string): ChatInput | undefined {
  const [text, name = "", ...more] = splitWords(rest);
  return text === undefined || more.length > 0
    ? undefined
    : { kind: "react", text, ...makeOptionalField("name", name) };
}

function parseJoin(rest: string): ChatInput | undefined {
  const [word, key = "", ...more] = splitWords(rest);
  if (word === undefined || more.length > 0) return undefined;
  return { kind: "join", channel: addChannelPrefix(word), ...makeOptionalField("key", key) };
}

function parsePart(rest: string): ChatInput {
  const [channel, reason] = splitChannel(rest);
  return { kind: "part", ...makeOptionalField("channel", channel), ...makeOptionalField("reason", reason) };
}

function parseTopic(rest: string): ChatInput {
  const [channel, text] = splitChannel(rest);
  return { kind: "topic", ...makeOptionalField("channel", channel), ...makeOptionalField("text", text) };
}

function parseNick(rest: string): ChatInput | undefined {
  const [name, more] = splitFirstWord(rest);
  return name === "" || more !== "" ? undefined : { kind: "nick", name };
}

function parseList(rest: string): ChatInput | undefined {
  if (rest === "" || rest === "people") return { kind: "list", what: "people" };
  return rest === "rooms" ? { kind: "list", what: "rooms" } : undefined;
}

function parseLogs(rest: string): ChatInput | undefined {
  const words = splitWords(rest);
  const number = /^\d{1,6}$/.test(words.at(-1) ?? "") ? Number(words.pop()) : DEFAULT_LOG_LINES;
  if (words.length > 1 || number < 1) return undefined;
  return {
    kind: "logs",
    ...makeOptionalField("target", words[0] ?? ""),
    count: Math.min(number, MAX_LOG_LINES),
  };
}

function parseWho(rest: string): ChatInput | undefined {
  const [target, more] = splitFirstWord(rest);
  return more === "" ? { kind: "who", ...makeOptionalField("target", target) } : undefined;
}

function parseAway(rest: string): ChatInput {
  return { kind: "away", ...makeOptionalField("text", rest) };
}

function parseIgnore(rest: string): ChatInput | undefined {
  const [name, more] = splitFirstWord(rest);
  return more === "" ? { kind: "ignore", ...makeOptionalField("name", name) } : undefined;
}

function parseUnignore(rest: string): ChatInput | undefined {
  const [name, more] = splitFirstWord(rest);
  return name === "" || more !== "" ? undefined : { kind: "unignore", name };
}

function parseHelp(rest: string): ChatInput | undefined {
  if (rest === "") return { kind: "help" };
  const topic = HELP_TOPICS.find((topic) => topic === rest);
  if (topic !== undefined) return { kind: "help", topic };
  const command = findSlashName(rest.replace(/^\//, ""));
  return command === undefined ? undefined : { kind: "help", command };
}
