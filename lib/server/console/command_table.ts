/**
 * The commands that administer a server, in one table: at the server's own prompt (`console_prompt.ts`), by `chatterbox admin`
 * (`admin_socket.ts`) and by OperServ on IRC. `console_runner.ts` runs them.
 */
import { toPrintable } from "../../base/printable_text.ts";
import { formatTime } from "../../base/timestamp.ts";
import { formatDuration } from "../../cli/values/duration.ts";
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import { formatSize } from "../../cli/values/size.ts";
import { lobbyOf } from "../../hub/model/config.ts";
import { nickOf } from "../../hub/model/identifiers.ts";
import type { Hub } from "../../hub/hub.ts";
import { collectServerStats } from "../../hub/services/server_stats.ts";
import { accounts, passwd, register, unregister } from "./account_commands.ts";
import {
  CommandFailure,
  notFoundFailure,
  PROMPT_ISSUER,
  refusedFailure,
  wrongUsage,
} from "./console_command.ts";
import type { CommandAnswer, CommandRun, HashRequest, Issuer } from "./console_command.ts";
import { ban, bans, channels, deoper, kick, kill, mode, oper, unban } from "./moderation_commands.ts";

/** `logs` shows this many lines unless told otherwise, and never more than the second number. */
const LOGS_LINES = 20;
const LOGS_MAX_LINES = 1000;

const NO_LOBBY = "there is no lobby: the server was started with --lobby off";

export type ConsoleOutcome =
  | { kind: "lines" } & CommandAnswer
  /** What there is to say comes once a password has been hashed. */
  | { kind: "hash"; request: HashRequest }
  | { kind: "reload" }
  | { kind: "quit" };

interface ConsoleCommand {
  /** As it is typed, and what it does. */
  readonly help: readonly [usage: string, words: string];
  /** Runs inside a turn, whose time `hub.now` is. */
  readonly run: CommandRun | "reload" | "quit";
  /** It changes nothing: of a command at the server's machine the log tells nothing then. */
  readonly isQuery?: true;
  /** What it has done is to be on disk before it is said to be done. */
  readonly isSaved?: true;
  /** Words that are noted in the log, and no further ones: a secret may follow. */
  readonly auditedWords?: number;
  /** Not for server operators on IRC. */
  readonly isLocal?: true;
}

const COMMANDS: Readonly<Record<string, ConsoleCommand>> = {
  list: { help: ["list", "who is here"], run: list, isQuery: true },
  logs: { help: ["logs [N]", "the lobby's last N messages"], run: logs, isQuery: true },
  say: { help: ["say TEXT", "tell the lobby something"], run: say },
  stats: { help: ["stats", "how the server is, and what a crash now would cost"], run: stats, isQuery: true },
  rooms: { help: ["rooms", "all rooms, with their modes"], run: channels, isQuery: true },
  mode: {
    help: ["mode #ROOM [CHANGES]", "how a room is set up, as in: mode #lobby +m"],
    run: mode,
    auditedWords: 2,
  },
  kick: { help: ["kick [#ROOM] NAME [WHY]", "out of a room; without one, off the server"], run: kick },
  kill: { help: ["kill NAME [WHY]", "close somebody's sessions, who may come back"], run: kill },
  ban: {
    help: ["ban WHOM [TIME] [WHY]", "keep out a name or an address, as in: ban bob 2h"],
    run: ban("ban"),
    isSaved: true,
  },
  unban: { help: ["unban WHOM", "take a ban back"], run: unban("ban"), isSaved: true },
  mute: {
    help: ["mute WHOM [TIME] [WHY]", "let somebody listen, and not speak"],
    run: ban("mute"),
    isSaved: true,
  },
  unmute: { help: ["unmute WHOM", "take a mute back"], run: unban("mute"), isSaved: true },
  bans: { help: ["bans", "who is banned or muted, and until when"], run: bans, isQuery: true },
  oper: { help: ["oper NAME", "make somebody an operator until the server stops"], run: oper, isLocal: true },
  deoper: { help: ["deoper NAME", "make somebody no operator any more"], run: deoper, isLocal: true },
  accounts: {
    help: ["accounts [MASK]", "the names that are registered, as in: accounts a*"],
    run: accounts,
    isQuery: true,
  },
  register: {
    help: ["register NAME", "make an account; its passphrase is shown once"],
    run: register,
    isSaved: true,
  },
  passwd: {
    help: [
      "passwd NAME [PASSPHRASE]",
      "give an account another passphrase",
    ],
    run: passwd,
    isSaved: true,
    auditedWords: 1,
  },
  unregister: {
    help: ["unregister NAME", "free the name of somebody who has lost the key"],
    run: unregister,
    isSaved: true,
  },
  reload: {
    help: ["reload", "reread the password, the message of the day and the certificate"],
    run: "reload",
  },
  stop: { help: ["stop", "stop the server in order"], run: "quit" },
  quit: { help: ["quit", "the same"], run: "quit" },
};

/** What there is, as it is typed, and what it does. */
export const CONSOLE_HELP: readonly (readonly [usage: string, words: string])[] = Object.values(COMMANDS)
  .map(({ help }) => help);

const HELP_COLUMN = 2 + Math.max(...CONSOLE_HELP.map(([usage]) => usage.length));
const HELP = CONSOLE_HELP.map(([usage, words]) => usage.padEnd(HELP_COLUMN) + words);

/** A line as it was typed, taken apart. */
export interface ConsoleLine {
  readonly word: string;
  readonly rest: string;
  /** Undefined: there is no such command. */
  readonly command: ConsoleCommand | undefined;
}

export function parseConsoleLine(line: string): ConsoleLine {
  const typed = line.replace(/[\r\n\0]+/g, " "); // pasted, they could forge lines of the protocol
  const [, word = "", rest = ""] = /^\s*\/?(\S*)\s*(.*?)\s*$/s.exec(typed) ?? [];
  return { word, rest, command: Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined };
}

/** `line` without what may be a secret in it. */
export function auditText({ word, rest, command }: ConsoleLine): string {
  const words = command?.auditedWords === undefined
    ? rest
    : rest.split(/\s+/, command!.auditedWords).join(" ");
  return `${word} ${words}`.trimEnd();
}

/** Answers one line. Call it within a turn. */
export function runConsoleLine(
  hub: Hub,
  line: string | ConsoleLine,
  now: number,
  issuer: Issuer = PROMPT_ISSUER,
): ConsoleOutcome {
  const { word, rest, command } = typeof line === "string" ? parseConsoleLine(line) : line;
  hub.beginTask(now);
  if (command === undefined) return answerUnlistedWord(word);
  if (command.isLocal && issuer.user !== undefined) {
    const words = `${word} is for the server's prompt, and chatterbox admin: it makes and unmakes operators`;
    return { kind: "lines", lines: [], failure: refusedFailure(words) };
  }
  if (rest !== "" && command.help[0] === word) {
    return { kind: "lines", lines: [], failure: wrongUsage(`${word} takes no words behind it`) };
  }
  if (typeof command.run === "string") return { kind: command.run };
  const result = command.run(hub, rest, issuer);
  if (Array.isArray(result)) return { kind: "lines", lines: result };
  if (result instanceof CommandFailure) return { kind: "lines", lines: [], failure: result };
  return "lines" in result ? { kind: "lines", ...result } : { kind: "hash", request: result };
}

/** What is no command of the table. */
function answerUnlistedWord(word: string): ConsoleOutcome {
  if (word === "" || word === "help") return { kind: "lines", lines: word === "" ? [] : HELP };
  const hint = suggestWord(word, CONSOLE_WORDS);
  const advice = hint === undefined ? "help shows what there is" : `did you mean ${hint}?`;
  return { kind: "lines", lines: [], failure: wrongUsage(`there is no "${toPrintable(word)}"; ${advice}`) };
}

/** The words that the prompt knows. */
export const CONSOLE_WORDS: readonly string[] = [...Object.keys(COMMANDS), "help"];

function list(hub: Hub): string[] {
  const users = [...hub.context.state.users.values()];
  if (users.length === 0) return ["nobody is here"];
  return users.map(({ nick, realHost, signonAt, idleSince, sessions }) => {
    const since = new Date(signonAt).toTimeString().slice(0, 5);
    const idle = Math.max(0, Math.floor((hub.context.monotonic - idleSince) / 1000));
    return `${nick}  from ${realHost}  since ${since}  idle ${idle} s${
      sessions.length > 1 ? `  ${sessions.length} sessions` : ""
    }`;
  });
}

function stats(hub: Hub): string[] {
  return Array.from(
    collectServerStats(hub.context),
    ([key, value]) => `${key.replace("_", " ").padEnd(18)} ${toPrintable(formatStat(key, value))}`,
  );
}

/** A value with its unit. */
function formatStat(key: string, value: string | number): string {
  if (typeof value === "string") return value;
  if (key === "uptime") return formatDuration(value * 1000);
  if (key === "buffer") return formatSize(value);
  return key === "sync" ? `${value} ms` : String(value);
}

function logs(hub: Hub, rest: string): string[] | CommandFailure {
  const wanted = rest === "" ? LOGS_LINES : Number(rest);
  if (!Number.isInteger(wanted) || wanted < 1) {
    return wrongUsage("logs takes a number of lines, as in: logs 50");
  }
  const lobby = lobbyOf(hub.context.config);
  if (lobby === "") return notFoundFailure(NO_LOBBY);
  const { timeline } = hub.services.archive.channel(lobby);
  const length = timeline.length(hub.context.ring.oldestSeq);
  const lines = [];
  for (let at = Math.max(0, length - Math.min(wanted, LOGS_MAX_LINES)); at < length; at++) {
    const entry = hub.services.archive.message(timeline.at(at));
    if (entry === undefined) continue;
    lines.push(
      `${formatTime(entry.time, false)} <${toPrintable(nickOf(entry.event.source))}> ${
        toPrintable(entry.event.text)
      }`,
    );
  }
  return lines.length === 0 ? ["nothing has been said yet"] : lines;
}

function say(hub: Hub, text: string): string[] | CommandFailure {
  if (text === "") return wrongUsage("say what? as in: say back in five minutes");
  const lobby = lobbyOf(hub.context.config);
  if (lobby === "") return notFoundFailure(NO_LOBBY);
  hub.announce(lobby, text, hub.context.now);
  return [];
}
