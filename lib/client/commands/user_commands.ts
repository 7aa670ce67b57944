/** Slash commands about people: names and lists. Pure. */
import { isChannelName } from "../../irc/names/name_rules.ts";
import { describeNameFault, nickFault } from "../../irc/names/new_name_rules.ts";
import type { Chat } from "../conversation/chat.ts";
import { addChannelPrefix, parseOptionalWord, parseWord, splitWords } from "./arguments.ts";
import { checkTargets, requestChange, resolveConversation, resolveTarget } from "./requests.ts";
import { askInfo } from "./info_requests.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

export const USER_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["nick"],
    usage: "NAME",
    summary: "change your name",
    hasSecret: (rest) => splitWords(rest).length > 1, // some networks take a passphrase behind the name
    parse: parseWord,
    run(chat, name, now) {
      const fault = nickFault(name);
      if (fault !== undefined) return chat.refuse(`${name}: ${describeNameFault(name, fault)}`, now);
      requestChange(chat, { command: "NICK", params: [name] }, now);
    },
  }),
  defineCommand({
    names: ["list"],
    usage: "[people|rooms]",
    summary: "list the people online, or the rooms",
    parse: (rest) => rest === "" ? "people" : rest === "people" || rest === "rooms" ? rest : undefined,
    run(chat, what, now) {
      if (what === "rooms") return askInfo(chat, { command: "LIST" }, { for: "rooms" }, now);
      askInfo(chat, { command: "WHO", params: ["*"] }, { for: "who", where: "online" }, now);
    },
  }),
  defineCommand({
    names: ["who", "w"],
    usage: "[ROOM|NAME]",
    summary: "list a room's people, or look up a person",
    parse: parseOptionalWord,
    run(chat, word, now) {
      const target = resolveConversation(chat, word || undefined, now);
      if (target === undefined) return;
      if (isChannelName(target)) askForPeople(chat, target, now);
      else askForPerson(chat, target, now);
    },
  }),
  defineCommand({
    names: ["whois", "wi"],
    usage: "NAME",
    summary: "look up a person",
    topic: "more",
    parse: parseWord,
    run(chat, name, now) {
      if (checkTargets(chat, [name], now)) askForPerson(chat, name, now);
    },
  }),
  defineCommand({
    names: ["names", "n"],
    usage: "[ROOM]",
    summary: "list a room's people",
    topic: "more",
    parse: parseOptionalWord,
    run(chat, room, now) {
      const target = resolveTarget(chat, room === "" ? undefined : addChannelPrefix(room), now);
      if (target !== undefined) askForPeople(chat, target, now);
    },
  }),
];

function askForPerson(chat: Chat, name: string, now: number): void {
  askInfo(chat, { command: "WHOIS", params: [name] }, { for: "whois" }, now);
}

function askForPeople(chat: Chat, channel: string, now: number): void {
  askInfo(chat, { command: "WHO", params: [channel] }, { for: "who", where: `in ${channel}` }, now);
}
