/** Slash commands of what one hears and tells: away, ignoring. Pure. */
import { AWAYLEN } from "../../irc/limits.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import type { Chat } from "../conversation/chat.ts";
import { MAX_IGNORED } from "../conversation/model/ignore_list.ts";
import { isTarget, joinLines, parseOptionalWord, parseWord } from "./arguments.ts";
import { requestChange } from "./requests.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

export const PRESENCE_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["away"],
    usage: "[TEXT]",
    summary: "mark yourself as away; without TEXT: back",
    parse: joinLines,
    run(chat, text, now) {
      const params = text === "" ? [] : [truncateText(text, AWAYLEN)];
      requestChange(chat, { command: "AWAY", params }, now);
    },
  }),
  defineCommand({
    names: ["ignore"],
    usage: "[NAME]",
    summary: "hide what a person sends, or list the names",
    details: [
      "It lasts until /unignore: the names are kept on this machine.",
      "NAME may be offline. Without NAME: the names that you ignore.",
      "Hidden direct messages come at the next join after /unignore.",
    ],
    worksOffline: true,
    parse: parseOptionalWord,
    run: (chat, name, now) => name === "" ? showIgnored(chat, now) : ignore(chat, name, now),
  }),
  defineCommand({
    names: ["unignore"],
    usage: "NAME",
    summary: "show what they send again",
    topic: "more",
    worksOffline: true,
    parse: parseWord,
    run: unignore,
  }),
];
function showIgnored(chat: Chat, now: number): void {
  const { names } = chat.ignoreList;
  chat.note(names.length === 0 ? "your ignore list is empty" : `you ignore ${names.join(", ")}`, now);
}

/** The list is ours alone: the server is not asked. */
function ignore(chat: Chat, name: string, now: number): void {
  if (!isTarget(name) || isChannelName(name)) return chat.refuse(`${name} is not the name of a person`, now);
  if (isSameName(name, chat.nick)) return chat.refuse("you cannot ignore yourself", now);
  if (!chat.ignoreList.add(name)) return chat.refuse(`your ignore list is full (${MAX_IGNORED} names)`, now);
  chat.note(`messages from ${name} are hidden (/unignore ${name} shows them again)`, now);
  chat.addEffect({ kind: "ignored", names: chat.ignoreList.names });
}

function unignore(chat: Chat, name: string, now: number): void {
  if (!chat.ignoreList.remove(name)) return chat.refuse(`${name} is not on your ignore list`, now);
  chat.note(`messages from ${name} are shown again`, now);
  chat.addEffect({ kind: "ignored", names: chat.ignoreList.names });
}
