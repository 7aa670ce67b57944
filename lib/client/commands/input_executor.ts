/** What a typed line makes the chat do. Pure. */
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import type { Chat } from "../conversation/chat.ts";
import { splitFirstWord } from "./arguments.ts";
import { executeCommand } from "./command_execution.ts";
import { sendToCurrentView } from "./messages/text_sending.ts";
import { findCommand } from "./slash_command.ts";
import { SLASH_COMMANDS, SLASH_WORDS } from "./slash_commands.ts";

/**
 * Carries out `line`: `/word rest` is a command, `//text` sends "/text", any other line is sent as it is, but for a command
 * with a blank before it: that is a slip, and was not meant to be read by others.
 */
export function executeInput(chat: Chat, line: string, now: number): void {
  const input = dropNul(line);
  const slip = /^\s+\/([a-z]+)/i.exec(input)?.[1];
  if (slip !== undefined && findCommand(SLASH_COMMANDS, slip) !== undefined) {
    return chat.refuse(`not sent: a blank stands before /${slip}, which is a command without it`, now);
  }
  if (!input.startsWith("/")) return sendLine(chat, input, now);
  if (input.startsWith("//")) return sendLine(chat, input.slice(1), now);
  executeCommand(chat, input, SLASH_COMMANDS, adviseCommand, now);
}

/**
 * Sends `line`, which has come through a pipe: no text of a program is a command. Where it would be one if it were
 * typed, it is refused, because it was not meant to be read by others.
 */
export function sendPipedLine(chat: Chat, line: string, now: number): void {
  const [word] = splitFirstWord(line.slice(1));
  if (!line.startsWith("/") || findCommand(SLASH_COMMANDS, word) === undefined) {
    return sendLine(chat, line, now);
  }
  chat.refuse(`not sent: ${line} (with --commands /${word} is a command, and //${word} is text)`, now);
}

/** Sends `line` to the current view, whatever it begins with. */
function sendLine(chat: Chat, line: string, now: number): void {
  const text = dropNul(line);
  if (text.trim() !== "") sendToCurrentView(chat, text, "said", now);
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
