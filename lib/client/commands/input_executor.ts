/** What a typed line makes the chat do. Pure. */
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import type { Chat } from "../conversation/chat.ts";
import { splitFirstWord } from "./arguments.ts";
import { sendToCurrentChannel } from "./message_commands.ts";
import { findCommand } from "./slash_command.ts";
import { SLASH_COMMANDS, SLASH_WORDS } from "./slash_commands.ts";

/** Carries out `line`: `/word rest` is a command, `//text` sends "/text", any other line is sent as it is. */
export function executeInput(chat: Chat, line: string, now: number): void {
  const input = dropNul(line);
  if (!input.startsWith("/")) return sendLine(chat, input, now);
  if (input.startsWith("//")) return sendLine(chat, input.slice(1), now);
  const [word, rest] = splitFirstWord(input.slice(1));
  const command = findCommand(SLASH_COMMANDS, word);
  if (command !== undefined) return command.execute(chat, rest, now);
  const nearest = suggestWord(word.toLowerCase(), SLASH_WORDS);
  const hint = nearest === undefined ? "/help lists the commands" : `did you mean /${nearest}?`;
  chat.refuse(`unknown command /${word}; ${hint} (//${word} sends it as text)`, now);
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
