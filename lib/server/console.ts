/** The server's own prompt: what whoever runs it can ask and do. */
import { printable } from "../base/printable.ts";
import { formatTime } from "../base/timestamp.ts";
import { nearest } from "../cli/hint.ts";
import { lobbyOf } from "../hub/config.ts";
import { nickOf } from "../hub/event.ts";
import type { Hub } from "../hub/hub.ts";
import { serverStats } from "../hub/server_stats.ts";
import {
  accounts,
  ban,
  bans,
  deoper,
  kick,
  kill,
  mode,
  oper,
  register,
  rooms,
  unban,
  unregister,
} from "./console_oper.ts";
import type { HashRequest } from "./console_oper.ts";

/** `logs` shows this many lines unless told otherwise, and never more than the second number. */
const LOGS_LINES = 20;
const LOGS_MAX_LINES = 1000;

const NO_LOBBY = "there is no lobby: the server was started with --lobby off";

export type ConsoleOutcome =
  | { kind: "lines"; lines: string[] }
  /** What there is to say comes once a password has been hashed. */
  | { kind: "hash"; request: HashRequest }
  | { kind: "quit" };

interface Answer {
  /** As it is typed, and what it does. */
  help: readonly [usage: string, words: string];
  /** `now` is in milliseconds since the epoch; runs inside a turn. */
  run(hub: Hub, rest: string, now: number): string[] | HashRequest;
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  list: { help: ["list", "who is here"], run: list },
  logs: { help: ["logs [N]", "the lobby's last N messages"], run: logs },
  say: { help: ["say TEXT", "tell the lobby something"], run: say },
  stats: { help: ["stats", "how the server is, and what a crash now would cost"], run: stats },
  rooms: { help: ["rooms", "all rooms, with their modes"], run: rooms },
  mode: { help: ["mode #ROOM [CHANGES]", "how a room is set up, as in: mode #tea +m-k"], run: mode },
  kick: { help: ["kick [#ROOM] NAME [WHY]", "out of a room; without one, off the server"], run: kick },
  kill: { help: ["kill NAME [WHY]", "close somebody's sessions, who may come back"], run: kill },
  ban: {
    help: ["ban WHOM [TIME] [WHY]", "keep out a name or an address, as in: ban bob 2h"],
    run: ban("ban"),
  },
  unban: { help: ["unban WHOM", "take a ban back"], run: unban("ban") },
  mute: { help: ["mute WHOM [TIME] [WHY]", "let somebody listen, and not speak"], run: ban("mute") },
  unmute: { help: ["unmute WHOM", "take a mute back"], run: unban("mute") },
  bans: { help: ["bans", "who is banned or muted, and until when"], run: bans },
  oper: { help: ["oper NAME", "make somebody an operator until the server stops"], run: oper },
  deoper: { help: ["deoper NAME", "make somebody no operator any more"], run: deoper },
  accounts: { help: ["accounts", "the names that belong to somebody"], run: accounts },
  register: {
    help: ["register NAME", "make an account, with a passphrase that is shown once"],
    run: register,
  },
  unregister: {
    help: ["unregister NAME", "free the name of somebody who has lost the key"],
    run: unregister,
  },
};

const HELP_COLUMN = 2 + Math.max(...Object.values(ANSWERS).map(({ help: [usage] }) => usage.length));
const HELP = [...Object.values(ANSWERS).map(({ help }) => help), ["quit", "stop the server"] as const]
  .map(([usage, words]) => usage.padEnd(HELP_COLUMN) + words);

/** Answers one line typed at the prompt. Call it within a turn. */
export function answer(hub: Hub, line: string, now: number): ConsoleOutcome {
  const typed = line.replace(/[\r\n\0]+/g, " "); // pasted, they could forge lines of the protocol
  const [, word = "", rest = ""] = /^\s*\/?(\S*)\s*(.*?)\s*$/s.exec(typed) ?? [];
  if (word === "quit") return { kind: "quit" };
  const known = Object.hasOwn(ANSWERS, word) ? ANSWERS[word] : undefined;
  hub.now = now;
  const said = word === "" ? [] : known?.run(hub, rest, now) ??
    (word === "help" ? HELP : [unknown(word)]);
  return Array.isArray(said) ? { kind: "lines", lines: said } : { kind: "hash", request: said };
}

function unknown(word: string): string {
  const hint = nearest(word, CONSOLE_WORDS);
  const advice = hint === undefined ? "help shows what there is" : `did you mean ${hint}?`;
  return `there is no "${printable(word)}"; ${advice}`;
}

/** The words that the prompt knows. */
export const CONSOLE_WORDS: readonly string[] = [...Object.keys(ANSWERS), "help", "quit"];

function list(hub: Hub, _rest: string, now: number): string[] {
  const users = [...hub.state.users.values()];
  if (users.length === 0) return ["nobody is here"];
  return users.map(({ nick, realHost, signonAt, idleSince, sessions }) => {
    const since = new Date(signonAt).toTimeString().slice(0, 5);
    const idle = Math.max(0, Math.floor((now - idleSince) / 1000));
    return `${nick}  from ${realHost}  since ${since}  idle ${idle} s${
      sessions.length > 1 ? `  ${sessions.length} sessions` : ""
    }`;
  });
}

function stats(hub: Hub): string[] {
  return Array.from(
    serverStats(hub),
    ([key, value]) => `${key.replace("_", " ").padEnd(18)} ${printable(String(value))}`,
  );
}

function logs(hub: Hub, rest: string): string[] {
  const wanted = rest === "" ? LOGS_LINES : Number(rest);
  if (!Number.isInteger(wanted) || wanted < 1) return ["logs takes a number of lines, as in: logs 50"];
  const lobby = lobbyOf(hub.config);
  if (lobby === "") return [NO_LOBBY];
  const { timeline } = hub.archive.room(lobby);
  const length = timeline.length(hub.ring.oldestSeq);
  const lines = [];
  for (let at = Math.max(0, length - Math.min(wanted, LOGS_MAX_LINES)); at < length; at++) {
    const entry = hub.archive.entry(timeline.at(at));
    if (entry === undefined) continue;
    lines.push(
      `${formatTime(entry.time, false)} <${printable(nickOf(entry.event.source))}> ${
        printable(entry.event.text)
      }`,
    );
  }
  return lines.length === 0 ? ["nothing has been said yet"] : lines;
}

function say(hub: Hub, text: string, now: number): string[] {
  if (text === "") return ["say what? as in: say back in five minutes"];
  const lobby = lobbyOf(hub.config);
  if (lobby === "") return [NO_LOBBY];
  hub.announce(lobby, text, now);
  return [];
}
