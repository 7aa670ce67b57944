/** The slash command for what people choose about their chat at a terminal. Pure. */
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import type { Chat } from "../conversation/chat.ts";
import { CHAT_SETTING_NAMES, CHAT_SETTINGS, findSetting } from "../conversation/model/chat_settings.ts";
import type { ChatSettingName, ChatSettings } from "../conversation/model/chat_settings.ts";
import { splitFirstWord } from "./arguments.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

export const SETTINGS_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["set"],
    usage: "[NAME [VALUE]]",
    summary: "choose what is shown, or list settings",
    details: ["It holds at once, and in later chats of yours on this machine."],
    worksOffline: true,
    parse: splitFirstWord,
    run: (chat, [name, value], now) => set(chat, name, value, now),
  }),
];

function set(chat: Chat, word: string, value: string, now: number): void {
  const { settings } = chat;
  if (settings === undefined) return chat.refuse("there are no settings here", now);
  if (word === "") {
    for (const name of CHAT_SETTING_NAMES) chat.note(describe(settings, name), now);
    return;
  }
  const name = findSetting(word);
  if (name === undefined) {
    const nearest = suggestWord(word.toLowerCase(), CHAT_SETTING_NAMES);
    const advice = nearest === undefined ? "/set lists them" : `did you mean ${nearest}?`;
    return chat.refuse(`there is no setting ${word}; ${advice}`, now);
  }
  if (value === "") return chat.note(describe(settings, name), now);
  if (!settings.choose(name, value)) {
    return chat.refuse(`${name} cannot be ${value}: /set ${name} ${CHAT_SETTINGS[name].usage}`, now);
  }
  chat.note(`${name} is ${settings.get(name)} now`, now);
  chat.addEffect({ kind: "settings", name, chosen: settings.chosen });
}

function describe(settings: ChatSettings, name: ChatSettingName): string {
  const { usage, summary } = CHAT_SETTINGS[name];
  return `${name} is ${settings.get(name)} (${usage}): ${summary}`;
}
