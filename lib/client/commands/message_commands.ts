/** Slash commands about messages: what sends them, refers to them, and changes them. Pure. */
import { isTarget, splitFirstWord } from "./arguments.ts";
import { EDIT_COMMANDS } from "./messages/edit_commands.ts";
import { REACTION_COMMANDS } from "./messages/reaction_commands.ts";
import { sendText, sendToCurrentView } from "./messages/text_sending.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

export const MESSAGE_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["msg", "chat"],
    usage: "NAME|ROOM TEXT",
    summary: "send to a person or a room",
    worksOffline: true,
    parse(rest) {
      const [target, text] = splitFirstWord(rest);
      return text === "" ? undefined : { target, text };
    },
    run(chat, { target, text }, now) {
      if (isTarget(target)) return sendText(chat, { target, text, manner: "said" }, now);
      chat.refuse(`${target} is not a valid name; give one name or one room`, now);
    },
  }),
  defineCommand({
    names: ["me"],
    usage: "TEXT",
    summary: "say what you do, as in: /me waves",
    worksOffline: true,
    parse: (rest) => rest === "" ? undefined : rest,
    run: (chat, text, now) => sendToCurrentView(chat, text, "did", now),
  }),
  ...REACTION_COMMANDS,
  ...EDIT_COMMANDS,
];
