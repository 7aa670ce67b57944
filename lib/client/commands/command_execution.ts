/** What a typed line makes the chat do, by a table of commands. Pure. */
import type { Chat } from "../conversation/chat.ts";
import { splitFirstWord } from "./arguments.ts";
import { findCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

/**
 * Carries out `input`, which begins with a slash, or says why it cannot. `advise`: what to do about a word that names no
 * command.
 */
export function executeCommand(
  chat: Chat,
  input: string,
  commands: readonly SlashCommand[],
  advise: (word: string) => string,
  now: number,
): void {
  const [word, rest] = splitFirstWord(input.slice(1));
  const command = findCommand(commands, word);
  if (command !== undefined) return command.execute(chat, rest, now);
  chat.refuse(`unknown command /${word}; ${advise(word)} (//${word} sends it as text)`, now);
}
