/** What a mistyped command is answered: the command that is meant. */
import { toPrintable } from "../../base/printable_text.ts";
import { suggestWord } from "./word_suggestion.ts";

/** Words of other programs, and the command that does what they do there. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  chat: "join",
  connect: "join",
  daemon: "serve",
  grep: "logs --search",
  history: "logs",
  log: "logs",
  login: "join",
  ls: "list",
  msg: "send",
  names: "list",
  people: "list",
  post: "send",
  room: "list --rooms",
  rooms: "list --rooms",
  say: "send",
  search: "logs --search",
  server: "serve",
  start: "serve",
  status: "list --server-stats",
  tail: "logs --tail",
  users: "list",
  w: "list",
  who: "list",
};

/** A word that may be a person's name. */
const NAME = /^[a-z][\w-]{0,29}$/i;

/** One printable line; `known`: the names of the commands. */
export function describeUnknownCommand(word: string, known: readonly string[]): string {
  const shown = toPrintable(word);
  if (word.startsWith("-")) return `${shown}: flags come after the command: chatterbox COMMAND ${shown}`;
  if (word.startsWith("#")) return `${shown} is a room; enter it with chatterbox join, then /join ${shown}`;
  const lower = word.toLowerCase();
  const meant = Object.hasOwn(OTHER_NAMES, lower) ? OTHER_NAMES[lower] : suggestWord(lower, known);
  if (meant !== undefined) return `no command called ${shown}; did you mean chatterbox ${meant}?`;
  const asName = NAME.test(word) ? `to chat under this name: chatterbox join ${shown}; ` : "";
  return `no command called ${shown}; ${asName}chatterbox --help lists the commands`;
}
