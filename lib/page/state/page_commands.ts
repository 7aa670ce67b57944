/**
 * The slash commands of the page. Others have a place on it that one points at, or are for the terminal: those of
 * operators.
 */
import { CHANNEL_COMMANDS } from "../../client/commands/channel_commands.ts";
import type { SlashCommand } from "../../client/commands/slash_command.ts";

export const PAGE_COMMANDS: readonly SlashCommand[] = CHANNEL_COMMANDS;

/** How a command is written, and what it does. */
export interface CommandHint {
  readonly usage: string;
  readonly summary: string;
}

/** Commands that the page carries out itself. */
const OWN_HINTS: readonly CommandHint[] = [
  { usage: "/me TEXT", summary: "say what you do" },
  { usage: "/msg NAME TEXT", summary: "write to a person alone" },
  { usage: "/search WORDS", summary: "find messages" },
];

/** Hints for what begins with `text`, while a command is being named. */
export function findCommandHints(text: string): readonly CommandHint[] {
  if (!/^\/\w*$/.test(text)) return [];
  return [...OWN_HINTS, ...PAGE_COMMANDS].filter(({ usage }) => usage.startsWith(text.toLowerCase()));
}
