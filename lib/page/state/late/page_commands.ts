/**
 * The slash commands of the page: those of the terminal, but for those that a page has another place for (reading earlier
 * messages, leaving the chat).
 */
import { CHANNEL_COMMANDS } from "../../../client/commands/channel_commands.ts";
import { CHANNEL_OPERATOR_COMMANDS } from "../../../client/commands/operators/channel_operator_commands.ts";
import { PRESENCE_COMMANDS } from "../../../client/commands/presence_commands.ts";
import { SERVER_OPERATOR_COMMANDS } from "../../../client/commands/operators/server_operator_commands.ts";
import { executeCommand } from "../../../client/commands/command_execution.ts";
import { findCommand } from "../../../client/commands/slash_command.ts";
import type { SlashCommand } from "../../../client/commands/slash_command.ts";
import { USER_COMMANDS } from "../../../client/commands/user_commands.ts";
import type { Chat } from "../../../client/conversation/chat.ts";

export const PAGE_COMMANDS: readonly SlashCommand[] = [
  ...CHANNEL_COMMANDS,
  ...USER_COMMANDS,
  ...PRESENCE_COMMANDS,
  ...CHANNEL_OPERATOR_COMMANDS,
  ...SERVER_OPERATOR_COMMANDS,
];

/** How a command is written, and what it does. */
export interface CommandHint {
  readonly usage: string;
  readonly summary: string;
}

/** All commands; the first ones the page carries out itself. */
export const COMMAND_HINTS: readonly CommandHint[] = [
  { usage: "/me TEXT", summary: "say what you do" },
  { usage: "/msg NAME TEXT", summary: "write to a person alone" },
  { usage: "/search WORDS", summary: "find messages" },
  { usage: "/help [COMMAND]", summary: "list the commands" },
  ...PAGE_COMMANDS,
];

/** Carries out `input`, which begins with a slash, or says why it cannot; false: it is refused as it is written. */
export function executePageCommand(chat: Chat, input: string, now: number): boolean {
  const [, word] = /^\/help(?:\s+(.*))?$/s.exec(input.trim()) ?? [];
  if (/^\/help(?:\s|$)/.test(input)) {
    for (const line of describeHelp(word ?? "")) chat.note(line, now);
    return true;
  }
  const { refused } = chat.undelivered;
  executeCommand(chat, input, PAGE_COMMANDS, adviseCommand, now);
  return chat.undelivered.refused === refused;
}

/** The lines of `/help word`. */
export function describeHelp(word: string): string[] {
  const name = word.replace(/^\//, "");
  const command = findCommand(PAGE_COMMANDS, name);
  if (command !== undefined) return [`${command.usage}: ${command.summary}`, ...command.details];
  if (name !== "") return [`there is no command /${name}; ${adviseCommand(name)}`];
  return [
    ...COMMAND_HINTS.map(({ usage, summary }) => `${usage}: ${summary}`),
    "//text sends a text that begins with a slash",
  ];
}

/** A mistyped command may differ in one letter of so many. */
const LETTERS_PER_TYPO = 3;
const TOLERATED_TYPOS = 2;

/** What to do about `word`, which names no command. */
export function adviseCommand(word: string): string {
  const typed = word.toLowerCase();
  const names = COMMAND_HINTS.flatMap((hint) =>
    "names" in hint ? (hint as SlashCommand).names : [hint.usage.slice(1).split(" ")[0]!]
  );
  const begun = names.filter((name) => name.startsWith(typed));
  const [best] = begun.length === 1 ? begun : names
    .filter((name) => countTypos(typed, name) <= Math.min(TOLERATED_TYPOS, typed.length / LETTERS_PER_TYPO))
    .sort((a, b) => countTypos(typed, a) - countTypos(typed, b));
  return best === undefined ? "/help lists the commands" : `did you mean /${best}?`;
}

/**
 * Letters to insert, remove or replace, and neighbors to exchange, to make `to` of `from` (optimal string alignment).
 * Longer ones than any command are not compared.
 */
function countTypos(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > TOLERATED_TYPOS) return Infinity;
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let nth = 0; nth < from.length; nth++) {
    const next = [nth + 1];
    for (let at = 0; at < to.length; at++) {
      const isExchanged = nth > 0 && from[nth] === to[at - 1] && from[nth - 1] === to[at];
      const replaced = row[at]! + (from[nth] === to[at] ? 0 : 1);
      const exchanged = isExchanged ? before[at - 1]! + 1 : Infinity;
      next.push(Math.min(next[at]! + 1, row[at + 1]! + 1, replaced, exchanged));
    }
    [before, row] = [row, next];
  }
  return row.at(-1)!;
}
