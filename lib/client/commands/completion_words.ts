/** The names that a word is completed to. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import type { Chat } from "../conversation/chat.ts";
import type { CompletionWords } from "../conversation/chat_options.ts";

export function listCompletionWords({ channels, views, nick }: Chat): CompletionWords {
  const names = [...channels.listMembers(), ...views.listNames("direct")];
  return { names: names.filter((name) => !isSameName(name, nick)), channels: views.listNames("channel") };
}
