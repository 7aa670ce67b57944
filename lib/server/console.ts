/** The server's own prompt: what whoever runs it can ask and do. */
import { printable } from "../base/printable.ts";
import { nearest } from "../cli/hint.ts";
import { LOBBY } from "../hub/config.ts";
import { nickOf } from "../hub/event.ts";
import type { Hub } from "../hub/hub.ts";
import { serverStats } from "../hub/server_stats.ts";

/** `logs` shows this many lines unless told otherwise, and never more than the second number. */
const LOGS_LINES = 20;
const LOGS_MAX_LINES = 1000;

export type ConsoleOutcome = { kind: "lines"; lines: string[] } | { kind: "quit" };

interface Answer {
  help: string;
  /** `now` is in milliseconds since the epoch; runs inside a turn. */
  run(hub: Hub, rest: string, now: number): string[];
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  list: { help: "list             who is here", run: list },
  logs: { help: "logs [N]         the lobby's last N messages", run: logs },
  say: { help: "say TEXT         tell the lobby something", run: say },
  stats: { help: "stats            how the server is, and what a crash now would cost", run: stats },
  kick: { help: "kick NAME [WHY]  close somebody's sessions", run: kick },
};

const HELP = [...Object.values(ANSWERS).map(({ help }) => help), "quit             stop the server"];

/** Answers one line typed at the prompt. Call it within a turn. */
export function answer(hub: Hub, line: string, now: number): ConsoleOutcome {
  const [, word = "", rest = ""] = /^\s*\/?(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
  if (word === "quit") return { kind: "quit" };
  const known = Object.hasOwn(ANSWERS, word) ? ANSWERS[word] : undefined;
  const lines = word === "" ? [] : known?.run(hub, rest, now) ??
    (word === "help" ? HELP : [unknown(word)]);
  return { kind: "lines", lines };
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
  return users.map(({ nick, host, signonAt, idleSince, sessions }) => {
    const since = new Date(signonAt).toTimeString().slice(0, 5);
    const idle = Math.max(0, Math.floor((now - idleSince) / 1000));
    return `${nick}  from ${host}  since ${since}  idle ${idle} s${
      sessions.length > 1 ? `  ${sessions.length} sessions` : ""
    }`;
  });
}

function stats(hub: Hub, _rest: string, now: number): string[] {
  hub.now = now;
  return Array.from(
    serverStats(hub),
    ([key, value]) => `${key.replace("_", " ").padEnd(18)} ${printable(String(value))}`,
  );
}

function logs(hub: Hub, rest: string): string[] {
  const wanted = rest === "" ? LOGS_LINES : Number(rest);
  if (!Number.isInteger(wanted) || wanted < 1) return ["logs takes a number of lines, as in: logs 50"];
  const { timeline } = hub.archive.room(LOBBY);
  const length = timeline.length(hub.ring.oldestSeq);
  const lines = [];
  for (let at = Math.max(0, length - Math.min(wanted, LOGS_MAX_LINES)); at < length; at++) {
    const entry = hub.archive.entry(timeline.at(at));
    if (entry === undefined) continue;
    const time = new Date(entry.time).toTimeString().slice(0, 8);
    lines.push(`${time} <${printable(nickOf(entry.event.source))}> ${printable(entry.event.text)}`);
  }
  return lines.length === 0 ? ["nothing has been said yet"] : lines;
}

function say(hub: Hub, text: string, now: number): string[] {
  if (text === "") return ["say what? as in: say back in five minutes"];
  hub.announce(LOBBY, text, now);
  return [];
}

function kick(hub: Hub, rest: string, now: number): string[] {
  const [, nick = "", why = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  const user = hub.state.user(nick);
  if (user === undefined) {
    return [nick === "" ? "kick whom? as in: kick bob" : `there is no ${printable(nick)}`];
  }
  hub.now = now;
  for (const session of [...user.sessions]) {
    hub.letGo(session, why === "" ? "Kicked by the server" : `Kicked by the server: ${why}`);
  }
  return [];
}
