/** Slash commands about the client itself: its help, its screen, and its end. Pure. */
import type { Chat } from "../conversation/chat.ts";
import { joinLines, parseNothing } from "./arguments.ts";
import { defineCommand, findCommand, HELP_TOPICS } from "./slash_command.ts";
import type { HelpTopic, SlashCommand } from "./slash_command.ts";

/** `list` gives the table that these rows are part of. */
export function makeClientCommands(list: () => readonly SlashCommand[]): readonly SlashCommand[] {
  return [
    defineCommand({
      names: ["help"],
      usage: "[COMMAND|TOPIC]",
      summary: "list commands; topics: more, room, server",
      worksOffline: true,
      parse(rest) {
        const word = rest.replace(/^\//, "").toLowerCase();
        const topic = HELP_TOPICS.find((topic) => topic === word);
        return { word, topic, command: topic === undefined ? findCommand(list(), word) : undefined };
      },
      run(chat, { word, topic, command }, now) {
        if (word === "" || topic !== undefined) return showPage(chat, list(), topic, now);
        if (command === undefined) {
          return chat.refuse(`there is no command or topic ${word}; /help lists them`, now);
        }
        for (const line of [...formatRows([command]), ...command.details]) chat.note(line, now);
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
      names: ["quit", "bye"],
      usage: "[REASON]",
      summary: "leave the chat",
      worksOffline: true,
      parse: joinLines,
      run: (chat, reason) => chat.quit(reason),
    }),
  ];
}

function showPage(
  chat: Chat,
  commands: readonly SlashCommand[],
  topic: HelpTopic | undefined,
  now: number,
): void {
  const rows = formatRows(commands.filter((command) => command.topic === topic));
  for (const line of [...rows, ...topic === undefined ? FIRST_PAGE_END : TOPIC_PAGE_END]) {
    chat.note(line, now);
  }
}

/** Columns of a help line: what is left of 80 by its time and mark. */
const MAX_HELP_COLUMNS = 70;

/** Usage and summary of each command, in two columns, with its aliases if they fit. */
function formatRows(commands: readonly SlashCommand[]): string[] {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return commands.map(({ names: [, ...aliases], usage, summary }) => {
    const row = `${usage.padEnd(width)}  ${summary}`;
    const also = aliases.length === 0 ? "" : ` (also /${aliases.join(", /")})`;
    return row.length + also.length <= MAX_HELP_COLUMNS ? row + also : row;
  });
}

const FIRST_PAGE_END = [
  "Everything else is sent to the room; //text sends a line with a slash.",
  ">>> marks your name. ROOM begins with #, which /join may leave out.",
  "More: /help more, /help COMMAND; operators: /help room, /help server",
];
const TOPIC_PAGE_END = ["More: /help COMMAND"];
