/** The arguments of a slash command, word by word. Pure. */
import { utf8Length } from "../../base/bytes.ts";
import { MAX_LINE_BYTES } from "../../irc/limits.ts";
import { CHANNEL_PREFIX, isChannelName, isTargetName } from "../../irc/names/name_rules.ts";

/** Longest name that is sent: it leaves room for a text in the same line. */
const MAX_TARGET_BYTES = MAX_LINE_BYTES / 4;

/** The first word, and what follows it; inner spaces and line breaks of the rest stay. */
export function splitFirstWord(text: string): [word: string, rest: string] {
  const trimmed = text.trimStart();
  const end = trimmed.search(/\s/);
  return end < 0 ? [trimmed, ""] : [trimmed.slice(0, end), trimmed.slice(end).trim()];
}

/** The channel that `text` begins with, if it does, and the rest. */
export function splitChannel(text: string): [channel: string | undefined, rest: string] {
  const [word, rest] = splitFirstWord(text);
  return isChannelName(word) ? [word, rest] : [undefined, text];
}

export function splitWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** The only word of `text`, "" where there is none; undefined: there are several. */
export function parseOptionalWord(text: string): string | undefined {
  const [word = "", ...more] = splitWords(text);
  return more.length === 0 ? word : undefined;
}

/** The only word of `text`; undefined: there is none, or there are several. */
export function parseWord(text: string): string | undefined {
  return parseOptionalWord(text) || undefined;
}

/** For a command without arguments. */
export function parseNothing(text: string): true | undefined {
  return text === "" ? true : undefined;
}

/** The channel that `word` names, with its prefix or without. */
export function addChannelPrefix(word: string): string {
  return isChannelName(word) ? word : CHANNEL_PREFIX + word;
}

/** `text` in one line, so that it can be one parameter. */
export function joinLines(text: string): string {
  return text.replace(/[\r\n]+/g, " ").trim();
}

/** Whether `word` can be sent as the name of one user or channel. */
export function isTarget(word: string): boolean {
  return isTargetName(word) && utf8Length(word) <= MAX_TARGET_BYTES;
}

/**
 * Whether `name` is one of a service, which people tell their passphrases: NickServ, `Q@CServe.example`, `*sasl` of a
 * bouncer; also as in `NickServ: IDENTIFY …`.
 */
export function isServiceName(name: string): boolean {
  return /serv\b|.@|^\*/i.test(name);
}
