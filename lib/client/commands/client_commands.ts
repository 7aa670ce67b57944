/** Slash commands about the client itself: its help, its screen, and its end. Pure. */
import type { Chat } from "../conversation/chat.ts";
import { joinLines, parseNothing } from "./arguments.ts";
import {
  formatCommands,
  formatFirstPage,
  formatKeys,
  NARROW_PAGE_COLUMNS,
  PAGE_COLUMNS,
} from "./help_pages.ts";
import type { CommandGroups } from "./help_pages.ts";
import { defineCommand, findCommand, HELP_TOPICS } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

/** `list` and `group` give the table that these rows are part of. */
export function makeClientCommands(
  list: () => readonly SlashCommand[],
  group: () => CommandGroups,
): readonly SlashCommand[] {
  return [
    defineCommand({
      names: ["help"],
      usage: "[COMMAND|TOPIC]",
      summary: "list the commands and keys, or explain one",
      worksOffline: true,
      parse: (rest) => rest.replace(/^\//, "").toLowerCase(),
      run(chat, word, now) {
        const format = (columns: number) => formatPage(word, list(), group(), columns);
        const text = format(PAGE_COLUMNS);
        if (text !== undefined) {
          const narrowText = format(NARROW_PAGE_COLUMNS)!;
          return chat.show({ kind: "note", time: now, text, about: "help", narrowText });
        }
        chat.refuse(`there is no command or topic ${word}; /help lists them`, now);
      },
    }),
    defineCommand({
      names: ["clear", "c"],
      usage: "",
      summary: "clear the screen, as Ctrl-L does",
      topic: "more",
      worksOffline: true,
      parse: parseNothing,
      run: (chat) => chat.addEffect({ kind: "clear" }),
    }),
    defineCommand({
      names: ["quit", "bye", "exit"],
      usage: "[REASON]",
      summary: "leave the chat",
      worksOffline: true,
      parse: joinLines,
      run: (chat: Chat, reason) => chat.quit(reason),
    }),
  ];
}

/** The page of `/help word`; undefined: there is none. A topic comes before a command of the same name. */
function formatPage(
  word: string,
  commands: readonly SlashCommand[],
  groups: CommandGroups,
  columns: number,
): string | undefined {
  if (word === "") return formatFirstPage(groups, columns);
  if (word === "keys") return formatKeys(columns);
  if (word === "talk" || word === "rooms" || word === "people" || word === "chat") {
    return formatCommands(groups[word], columns);
  }
  const topic = HELP_TOPICS.find((topic) => topic === word);
  if (topic !== undefined) {
    const those = commands.filter((command) => command.topic === topic);
    return `${formatCommands(those, columns)}\nMore: /help COMMAND`;
  }
  const command = findCommand(commands, word);
  return command && [formatCommands([command], columns), ...command.details].join("\n");
}
