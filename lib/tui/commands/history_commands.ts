/** Slash commands that read earlier messages. Pure. */
import { splitWords } from "./arguments.ts";
import { resolveTarget } from "./requests.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

/** Messages that `/logs` asks for when no number is given. */
const DEFAULT_LOG_MESSAGES = 20;
/** Most messages that it asks for at once: our server sends no more, and counts no more as unread. */
const MAX_LOG_MESSAGES = 1000;

export const HISTORY_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["logs"],
    usage: "[ROOM|NAME] [COUNT]",
    summary: "show earlier messages",
    details: [`Without COUNT: the last ${DEFAULT_LOG_MESSAGES}. At most ${MAX_LOG_MESSAGES} at a time.`],
    parse(rest) {
      const words = splitWords(rest);
      const count = /^\d{1,6}$/.test(words.at(-1) ?? "") ? Number(words.pop()) : DEFAULT_LOG_MESSAGES;
      return words.length > 1 || count < 1 ? undefined : { target: words[0], count };
    },
    run(chat, { target, count }, now) {
      const from = resolveTarget(chat, target, now);
      if (from === undefined) return;
      if (!chat.features.hasHistory) return chat.refuse("this server keeps no history", now);
      const params = ["LATEST", from, "*", String(Math.min(count, MAX_LOG_MESSAGES))];
      chat.ask({ command: "CHATHISTORY", params }, { for: "logs", target: from }, now);
    },
  }),
];
