/**
 * Table of the console commands, which administer a server: from its prompt (`console_prompt.ts`), by
 * `chatterbox admin` (`admin_socket.ts`) and by OperServ on IRC. `console_runner.ts` runs them.
 */
import { toPrintable } from "../../base/printable_text.ts";
import { formatTime } from "../../base/values/timestamp.ts";
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import { ACTION_PATTERN } from "../../client/conversation/model/ctcp.ts";
import { readServerStats } from "../../client/query/server_stats.ts";
import { describeServerStats } from "../../client/query/server_stats_text.ts";
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

/** Lines that `logs` shows by default, and at most. */
const LOGS_LINES = 20;
const LOGS_MAX_LINES = 1000;

const NO_LOBBY = "there is no lobby: the server was started with --lobby off";

export type ConsoleOutcome =
  | { kind: "lines" } & CommandAnswer
  /** The answer follows when a password has been hashed. */
  | { kind: "hash"; request: HashRequest }
  | { kind: "reload" }
  | { kind: "quit" }
  | { kind: "upgrade" };

interface ConsoleCommand {
  /** Syntax, and what the command does. */
  readonly help: readonly [usage: string, summary: string];
  /** Runs inside a turn; `now` of the context is its time. */
  readonly run: CommandRun | "reload" | "quit" | "upgrade";
  /** Changes nothing: not logged if it is given on the server's machine. */
  readonly isQuery?: true;
  /** Its changes are brought to disk before the answer. */
  readonly isSaved?: true;
  /** Number of arguments that are logged; a secret may follow them. */
  readonly auditedWords?: number;
  /** Not for server operators on IRC. */
  readonly isLocal?: true;
}

const COMMANDS: Readonly<Record<string, ConsoleCommand>> = {
  list: { help: ["list", "connected users"], run: list, isQuery: true },
  logs: { help: ["logs [N]", "the last N messages of the lobby"], run: logs, isQuery: true },
  say: { help: ["say TEXT", "send a notice to the lobby"], run: say },
  stats: {
    help: ["stats", "statistics, and what a crash now would lose"],
    run: stats,
    isQuery: true,
  },
  rooms: { help: ["rooms", "all rooms with their modes"], run: channels, isQuery: true },
  mode: {
    help: ["mode #ROOM [CHANGES]", "show or set room modes, such as: mode #lobby +m"],
    run: mode,
    auditedWords: 2,
  },
  kick: {
    help: ["kick [#ROOM] NAME [REASON]", "remove a user from a room, or from the server"],
    run: kick,
  },
  kill: { help: ["kill NAME [REASON]", "disconnect a user; they may reconnect"], run: kill },
  ban: {
    help: ["ban TARGET [TIME] [REASON]", "refuse a name or an address, such as: ban bob 2h"],
    run: ban("ban"),
    isSaved: true,
  },
  unban: { help: ["unban TARGET", "lift a ban"], run: unban("ban"), isSaved: true },
  mute: {
    help: ["mute TARGET [TIME] [REASON]", "let a user read, but not send messages"],
    run: ban("mute"),
    isSaved: true,
  },
  unmute: { help: ["unmute TARGET", "lift a mute"], run: unban("mute"), isSaved: true },
  bans: { help: ["bans", "all bans and mutes, and when they end"], run: bans, isQuery: true },
  oper: {
    help: ["oper NAME", "make a user an operator until the server stops"],
    run: oper,
    isLocal: true,
  },
  deoper: { help: ["deoper NAME", "take operator rights away"], run: deoper, isLocal: true },
  accounts: {
    help: ["accounts [MASK]", "registered names, such as: accounts a*"],
    run: accounts,
    isQuery: true,
  },
  register: {
    help: ["register NAME", "make an account; its passphrase is shown once"],
    run: register,
    isSaved: true,
  },
  passwd: {
    help: ["passwd NAME", "give an account a new passphrase, shown once"],
    run: passwd,
    isSaved: true,
    auditedWords: 1,
  },
  unregister: {
    help: ["unregister NAME", "delete an account; its name becomes free"],
    run: unregister,
    isSaved: true,
  },
  reload: {
    help: ["reload", "reload password, message of the day, certificate"],
    run: "reload",
  },
  upgrade: {
    help: ["upgrade", "with --fronts: a new hub, clients stay connected"],
    run: "upgrade",
  },
  stop: { help: ["stop", "shut the server down"], run: "quit" },
  quit: { help: ["quit", "the same as stop"], run: "quit" },
};

/** Syntax and summary of every command. */
export const CONSOLE_HELP: readonly (readonly [usage: string, summary: string])[] = Object.values(COMMANDS)
  .map(({ help }) => help);

const HELP_COLUMN = 2 + Math.max(...CONSOLE_HELP.map(([usage]) => usage.length));
const HELP = CONSOLE_HELP.map(([usage, summary]) => usage.padEnd(HELP_COLUMN) + summary);

/** A parsed command line. */
export interface ConsoleLine {
  readonly word: string;
  readonly rest: string;
  /** Undefined: there is no such command. */
  readonly command: ConsoleCommand | undefined;
}

export function parseConsoleLine(line: string): ConsoleLine {
  const typed = line.replace(/[\r\n\0]+/g, " "); // pasted line breaks could forge lines of a protocol
  const [, word = "", rest = ""] = /^\s*\/?(\S*)\s*(.*?)\s*$/s.exec(typed) ?? [];
  return { word, rest, command: Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined };
}

/** The line without arguments that may be secret. */
export function auditText({ word, rest, command }: ConsoleLine): string {
  const words = command?.auditedWords === undefined
    ? rest
    : rest.split(/\s+/, command!.auditedWords).join(" ");
  return `${word} ${words}`.trimEnd();
}

/** Runs one line. Call it within a turn. */
export function runConsoleLine(
  hub: Hub,
  line: string | ConsoleLine,
  now: number,
  issuer: Issuer = PROMPT_ISSUER,
): ConsoleOutcome {
  const { word, rest, command } = typeof line === "string" ? parseConsoleLine(line) : line;
  hub.beginTask(now);
  if (command === undefined) return answerUnlistedWord(word, rest);
  if (command.isLocal && issuer.user !== undefined) {
    const words = `${word} grants or revokes operator rights: use the server's prompt or chatterbox admin`;
    return { kind: "lines", lines: [], failure: refusedFailure(words) };
  }
  if (rest !== "" && command.help[0] === word) {
    return { kind: "lines", lines: [], failure: wrongUsage(`${word} takes no arguments`) };
  }
  if (typeof command.run === "string") return { kind: command.run };
  const result = command.run(hub, rest, issuer);
  if (Array.isArray(result)) return { kind: "lines", lines: result };
  if (result instanceof CommandFailure) return { kind: "lines", lines: [], failure: result };
  return "lines" in result ? { kind: "lines", ...result } : { kind: "hash", request: result };
}

/** Answers an empty line, help, and unknown commands. */
function answerUnlistedWord(word: string, rest: string): ConsoleOutcome {
  if (word === "") return { kind: "lines", lines: [] };
  if (word === "help") return answerHelp(rest);
  return unknownCommand(word);
}

/** `help [COMMAND]` */
function answerHelp(topic: string): ConsoleOutcome {
  if (topic === "") return { kind: "lines", lines: HELP };
  const { word, command } = parseConsoleLine(topic.toLowerCase());
  return command === undefined ? unknownCommand(word) : { kind: "lines", lines: [command.help.join("  ")] };
}

function unknownCommand(word: string): ConsoleOutcome {
  const hint = suggestWord(word, CONSOLE_WORDS);
  const advice = hint === undefined ? "help lists the commands" : `did you mean ${hint}?`;
  return {
    kind: "lines",
    lines: [],
    failure: wrongUsage(`unknown command "${toPrintable(word)}"; ${advice}`),
  };
}

/** Words that the prompt completes. */
export const CONSOLE_WORDS: readonly string[] = [...Object.keys(COMMANDS), "help"];

function list(hub: Hub): string[] {
  const users = [...hub.context.state.users.values()];
  if (users.length === 0) return ["no users are connected"];
  return users.map(({ nick, realHost, signonAt, idleSince, sessions }) => {
    const since = new Date(signonAt).toTimeString().slice(0, 5);
    const idle = Math.max(0, Math.floor((hub.context.monotonic - idleSince) / 1000));
    return `${nick}  from ${realHost}  since ${since}  idle ${idle} s${
      sessions.length > 1 ? `  ${sessions.length} sessions` : ""
    }`;
  });
}

function stats(hub: Hub): string[] {
  const values = Array.from(collectServerStats(hub.context), ([key, value]) => [key, String(value)] as const);
  const rows = describeServerStats(readServerStats(new Map(values)));
  const width = Math.max(...rows.map(({ label }) => label.length));
  return rows.map(({ label, text }) => `${label.padEnd(width)}  ${toPrintable(text)}`);
}

function logs(hub: Hub, rest: string): string[] | CommandFailure {
  const wanted = rest === "" ? LOGS_LINES : Number(rest);
  if (!Number.isInteger(wanted) || wanted < 1) {
    return wrongUsage("usage: logs [N]; N is a number of lines");
  }
  const lobby = lobbyOf(hub.context.config);
  if (lobby === "") return notFoundFailure(NO_LOBBY);
  const { timeline } = hub.services.history.channel(lobby);
  const length = timeline.length(hub.context.log.oldestSeq);
  const lines = [];
  for (let at = Math.max(0, length - Math.min(wanted, LOGS_MAX_LINES)); at < length; at++) {
    const entry = hub.services.history.message(timeline.at(at));
    if (entry === undefined) continue;
    lines.push(`${formatTime(entry.time, false)} ${formatSpoken(entry.event)}`);
  }
  return lines.length === 0 ? ["no messages yet"] : lines;
}

/** `<alice> hello`, or `* alice waves` for a CTCP action. */
function formatSpoken({ source, text }: { readonly source: string; readonly text: string }): string {
  const nick = toPrintable(nickOf(source));
  const action = ACTION_PATTERN.exec(text)?.[1];
  return action === undefined ? `<${nick}> ${toPrintable(text)}` : `* ${nick} ${toPrintable(action)}`;
}

function say(hub: Hub, text: string): string[] | CommandFailure {
  if (text === "") return wrongUsage("usage: say TEXT");
  const lobby = lobbyOf(hub.context.config);
  if (lobby === "") return notFoundFailure(NO_LOBBY);
  hub.announce(lobby, text, hub.context.now);
  return [`sent to ${lobby}`];
}
