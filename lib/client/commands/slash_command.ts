/** One slash command: its names, its text in the help, how its arguments are parsed, and what it does. */
import type { Chat } from "../conversation/chat.ts";
import { splitFirstWord } from "./arguments.ts";
import { findBareChannel } from "./requests.ts";

/** Pages of the help beside the first one, which fits a screen and has the commands that everyone uses. */
export const HELP_TOPICS = ["more", "room", "server"] as const;

export type HelpTopic = (typeof HELP_TOPICS)[number];

/** A command as its own file defines it. `Args` is what its arguments are parsed into. */
interface CommandDefinition<Args> {
  /** Lower case, without the slash. All but the first are aliases. */
  readonly names: readonly [string, ...string[]];
  /** The arguments as the help shows them; "": none. */
  readonly usage: string;
  /** So short that its line of the help fits 80 columns. */
  readonly summary: string;
  /** Lines that `/help NAME` shows below the summary. */
  readonly details?: readonly string[];
  /** The help page that lists the command; left out: the first page. */
  readonly topic?: HelpTopic;
  /** For a usage `[ROOM] …`: what its first word is where it names no room. */
  readonly otherwise?: "text" | "name";
  /** A room that is named without its prefix, and nothing else, is that room. */
  readonly takesBareChannel?: boolean;
  /** Whether the arguments in `rest` may have a passphrase or a key, which must not be kept on disk; left out: never. */
  readonly hasSecret?: (rest: string) => boolean;
  /** The command needs no connection. */
  readonly worksOffline?: boolean;
  /** Undefined: `rest`, which follows the name, does not fit the usage. */
  parse(rest: string): Args | undefined;
  run(chat: Chat, args: Args, now: number): void;
}

/** A row of the command table. */
export interface SlashCommand {
  readonly names: readonly [string, ...string[]];
  /** `/msg NAME TEXT`. */
  readonly usage: string;
  readonly summary: string;
  readonly details: readonly string[];
  readonly topic: HelpTopic | undefined;
  /** Whether `rest` may have a passphrase or a key. */
  isSecret(rest: string): boolean;
  /** Carries the command out with the arguments in `rest`, or says why it cannot. */
  execute(chat: Chat, rest: string, now: number): void;
}

/** Makes a row: `parse` and `run` share a type that the rest of the program does not need to know. */
export function defineCommand<Args>(definition: CommandDefinition<Args>): SlashCommand {
  const { names, summary, details = [], topic, otherwise, takesBareChannel, worksOffline = false } =
    definition;
  const usage = `/${names[0]} ${definition.usage}`.trimEnd();
  return {
    names,
    usage,
    summary,
    details,
    topic,
    isSecret: definition.hasSecret ?? (() => false),
    execute(chat, given, now) {
      const bare = takesBareChannel && splitFirstWord(given)[1] === ""
        ? findBareChannel(chat, given)
        : undefined;
      const rest = bare ?? given;
      const args = definition.parse(rest);
      if (args === undefined) return chat.refuse(`usage: ${usage}`, now);
      if (!worksOffline && !chat.isOnline) {
        return chat.refuse(`not connected: /${names[0]} needs the server; only messages are queued`, now);
      }
      const channel = otherwise === undefined ? undefined : findBareChannel(chat, rest);
      if (channel !== undefined) {
        return chat.refuse(describeBareChannel(chat, names[0], channel, rest, otherwise), now);
      }
      definition.run(chat, args, now);
    },
  };
}

/** The command with the name or alias `word`, in whatever case. */
export function findCommand(commands: readonly SlashCommand[], word: string): SlashCommand | undefined {
  return commands.find(({ names }) => names.includes(word.toLowerCase()));
}

/** `rest` begins with the name of `channel` without its prefix: how to write what may be meant. */
function describeBareChannel(
  chat: Chat,
  command: string,
  channel: string,
  rest: string,
  otherwise: "text" | "name" | undefined,
): string {
  const [word] = splitFirstWord(rest);
  const other = otherwise === "text" && chat.channel !== undefined
    ? `; if ${word} is text: /${command} ${chat.channel} ${word}`
    : "";
  return `rooms begin with #: /${command} ${channel}${other}`;
}
