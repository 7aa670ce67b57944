/** Slash commands about messages: what sends them, refers to them, and changes them. Pure. */
import { isServiceName, isTarget, splitFirstWord } from "./arguments.ts";
import { EDIT_COMMANDS } from "./messages/edit_commands.ts";
import { REACTION_COMMANDS } from "./messages/reaction_commands.ts";
import { noteAside } from "./messages/asides.ts";
import { ONCALL_COMMANDS } from "./operators/oncall_commands.ts";
import { QUESTION_COMMANDS } from "./messages/question_commands.ts";
import { sendText, sendToCurrentView } from "./messages/text_sending.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";
import { openConversation } from "./view_commands.ts";

export const MESSAGE_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["msg", "query", "q", "chat"],
    usage: "NAME|ROOM [TEXT]",
    summary: "send to a person or a room",
    hasSecret: (rest) => isServiceName(splitFirstWord(rest)[0]),
    details: ["Without TEXT: shows the conversation, and what you type goes there."],
    worksOffline: true,
    parse(rest) {
      const [target, text] = splitFirstWord(rest);
      return target === "" ? undefined : { target, text };
    },
    run(chat, { target, text }, now) {
      if (text === "") return openConversation(chat, target, now);
      if (isTarget(target)) {
        noteAside(chat, target);
        return sendText(chat, { target, text, manner: "said" }, now);
      }
      chat.refuse(`${target} is not a valid name; give one name or one room`, now);
    },
  }),
  defineCommand({
    names: ["r"],
    usage: "TEXT",
    summary: "answer the last direct message",
    details: ["While you type it becomes /msg NAME, so that you see the name."],
    worksOffline: true,
    parse: (rest) => rest === "" ? undefined : rest,
    run(chat, text, now) {
      const { lastSender } = chat.views;
      if (lastSender === undefined) return chat.refuse("there is no direct message to answer", now);
      // Another person may have written meanwhile: the name has to be seen before the line is sent.
      chat.refuse(`not sent; to ${lastSender}, who has written last: /msg ${lastSender} ${text}`, now);
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
  ...QUESTION_COMMANDS,
  ...ONCALL_COMMANDS,
];
