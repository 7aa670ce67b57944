/** Names that are known in a chat: to go to, and to complete words to. */
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { listCompletionWords } from "../../../client/commands/completion_words.ts";
import type { Chat } from "../../../client/conversation/chat.ts";
import { listCompletions } from "../../model/completion.ts";
import type { Completions } from "../../model/completion.ts";
import type { ChatSignals } from "../chat_signals.ts";
import { COMMAND_HINTS } from "./page_commands.ts";

/** The session. */
export interface WordHost extends Pick<ChatSignals, "current" | "roomList"> {
  readonly chat: Chat;
  isOwnName(name: string): boolean;
}

/** Names of conversations and people. */
export function listKnownNames({ roomList, chat }: WordHost): string[] {
  const { rooms, direct } = roomList.value;
  return [...[...direct, ...rooms].map(({ name }) => name), ...chat.channels.listMembers()];
}

/** What is offered where the caret is behind `before`; as `listCompletions`. */
export function completeWord(host: WordHost, before: string, isAsked?: boolean): Completions | undefined {
  const { current: { value: name = "" }, chat } = host;
  const here = chat.channels.get(name)?.members.values() ?? [name];
  const { names, channels } = listCompletionWords(chat);
  const known = new Set([...here, ...isChannelName(name) ? [] : names]);
  return listCompletions(before, {
    names: [...known].filter((nick) => !host.isOwnName(nick)),
    rooms: [...channels],
    commands: COMMAND_HINTS,
  }, isAsked);
}
