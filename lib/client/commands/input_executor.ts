/** What a typed line makes the chat do. Pure. */
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import type { Chat } from "../conversation/chat.ts";
import { executeCommand } from "./command_execution.ts";
import { sendToCurrentChannel } from "./message_commands.ts";
import { SLASH_COMMANDS, SLASH_WORDS } from "./slash_commands.ts";

/** Carries out `line`: `/word rest` is a command, `//text` sends "/text", any other line is sent as it is. */
export function executeInput(chat: Chat, line: string, now: number): void {
  const input = dropNul(line);
  if (!input.startsWith("/")) return sendLine(chat, input, now);
  if (input.startsWith("//")) return sendLine(chat, input.slice(1), now);
  executeCommand(chat, input, SLASH_COMMANDS, adviseCommand, now);
}

/** Sends `line` to the current channel, whatever it begins with. */
export function sendLine(chat: Chat, line: string, now: number): void {
  const text = dropNul(line);
  if (text.trim() !== "") sendToCurrentChannel(chat, text, "said", now);
}

/** NUL is the one character, beside those that end a line, that no message can carry. */
function dropNul(line: string): string {
  return line.replaceAll("\0", "");
}

/** What to do about `word`, which names no command. */
function adviseCommand(word: string): string {
  const nearest = suggestWord(word.toLowerCase(), SLASH_WORDS);
  return nearest === undefined ? "/help lists the commands" : `did you mean /${nearest}?`;
}
