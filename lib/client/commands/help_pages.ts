/** The pages of `/help`, each a text of several lines, computed from the table of commands. Pure. */
import type { SlashCommand } from "./slash_command.ts";

/** The commands that everyone uses, by what they are about. */
export interface CommandGroups {
  readonly talk: readonly SlashCommand[];
  readonly rooms: readonly SlashCommand[];
  readonly people: readonly SlashCommand[];
  /** About the chat itself. */
  readonly chat: readonly SlashCommand[];
}

/** Words behind `/help` that are no commands: groups, keys, and the pages of operators. */
export const HELP_WORDS = ["talk", "rooms", "people", "chat", "keys", "more", "room", "server"] as const;

/** Keys at the terminal: in the column of the first page, and in full. */
const KEYS: readonly (readonly [key: string, short: string, full: string])[] = [
  ["Tab", "complete", "complete a command, a name, a room"],
  ["Up Down", "typed before", "lines that were typed before"],
  ["Ctrl-R", "search them", "search the lines that were typed before"],
  ["Alt-Enter", "new line", "a new line in the message"],
  ["Ctrl-X Ctrl-E", "editor", "write the message in $VISUAL, $EDITOR or vi"],
  ["Ctrl-_", "undo", "undo the last change of the line"],
  ["PgUp", "older", "show older messages"],
  ["Alt-a", "next unread", "go to the next room or person with unread messages"],
  ["Alt-1…9", "go to", "go to a room or person by its number"],
  ["Ctrl-N Ctrl-P", "neighbours", "go to the next or the previous room or person"],
  ["Ctrl-C", "drop the line", "drop the line; on an empty line, leave"],
  ["Ctrl-D", "leave", "leave, on an empty line"],
];

/** A screen is this wide; behind the time and the mark of a line, {@link PAGE_COLUMNS} are left. */
export const PAGE_COLUMNS = 69;
/** Of a page on a screen that has no room for {@link PAGE_COLUMNS}. */
export const NARROW_PAGE_COLUMNS = 36;
/** Of the first page, a command: its name, and the words that it needs if they fit. */
const CELL_COLUMNS = 15;
const GAP = "  ";

const FIRST_PAGE_END = [
  "Anything else is sent to the room or person of the prompt;",
  "//text sends a line with a slash. >>> marks your name.",
  "More: /help COMMAND, or talk, rooms, people, chat, keys.",
  "For operators: /help room, /help server",
];

/** Columns of commands by group, and one of keys; on a narrow screen one group below the other. */
export function formatFirstPage(groups: CommandGroups, pageColumns: number): string {
  if (pageColumns < PAGE_COLUMNS) return formatNarrowFirstPage(groups, pageColumns);
  const { talk, rooms, people, chat } = groups;
  const columns = [
    ["talk", ...formatCells(talk)],
    ["rooms", ...formatCells(rooms), "", "chat", ...formatCells(chat)],
    ["people", ...formatCells(people)],
    ["keys", ...KEYS.map(([key, short]) => `${key} ${short}`)],
  ];
  const height = Math.max(...columns.map(({ length }) => length));
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const rows = Array.from(
    { length: height },
    (_, row) => columns.map((cells, i) => (cells[row] ?? "").padEnd(widths[i]!)).join(GAP).trimEnd(),
  );
  return [...rows, "", ...FIRST_PAGE_END].join("\n");
}

function formatNarrowFirstPage({ talk, rooms, people, chat }: CommandGroups, columns: number): string {
  const keys = KEYS.map(([key, short]) => `${key}: ${short}`);
  return [
    ...Object.entries({ talk, rooms, people, chat }).flatMap(([name, group]) => [
      name,
      ...fillRows(formatCells(group), columns),
    ]),
    "keys",
    ...fillRows(keys, columns),
    "",
    ...FIRST_PAGE_END,
  ].join("\n");
}

/** `cells` in rows of at most `columns`, indented. */
function fillRows(cells: readonly string[], columns: number): string[] {
  const rows: string[] = [];
  for (const cell of cells) {
    const row = `${rows.at(-1) ?? ""}${GAP}${cell}`;
    if (rows.length === 0 || row.length > columns) rows.push(GAP + cell);
    else rows[rows.length - 1] = row;
  }
  return rows;
}

/**
 * Usage and summary of each command, and the aliases where they fit, in two columns, or below each other where
 * `columns` are few.
 */
export function formatCommands(commands: readonly SlashCommand[], columns: number): string {
  return formatPairs(
    commands.map(({ names: [, ...aliases], usage, summary }) => {
      const also = aliases.length === 0 ? "" : ` (also /${aliases.join(", /")})`;
      return [usage, summary, also];
    }),
    columns,
  );
}

export function formatKeys(columns: number): string {
  return formatPairs(KEYS.map(([key, , full]) => [key, full, ""]), columns);
}

/** `/join ROOM`: only the words that the command needs. */
function formatCells(commands: readonly SlashCommand[]): string[] {
  return commands.filter(({ topic }) => topic === undefined).map(({ names: [name], usage }) => {
    let short = usage;
    for (let before = ""; before !== short;) {
      before = short;
      short = short.replace(/\s*\[[^[\]]*\]/g, ""); // innermost ones first
    }
    return short.length <= CELL_COLUMNS ? short : `/${name}`;
  });
}

function formatPairs(
  pairs: readonly (readonly [left: string, right: string, more: string])[],
  columns: number,
): string {
  if (columns < PAGE_COLUMNS) {
    return pairs.map(([left, right, more]) => `${left}\n${GAP}${right}${more}`).join("\n");
  }
  const most = PAGE_COLUMNS - GAP.length - Math.max(...pairs.map(([, right]) => right.length));
  const width = Math.min(most, Math.max(...pairs.map(([left]) => left.length)));
  return pairs.map(([left, right, more]) => {
    const line = `${left.padEnd(width)}${GAP}${right}`;
    return line.length + more.length <= PAGE_COLUMNS ? line + more : line;
  }).join("\n");
}
