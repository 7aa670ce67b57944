/** What the server tells whoever runs it: one line an event, as text or as JSON. Not the chat's log. */
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { toPrintable } from "../base/printable_text.ts";
import { formatTime } from "../base/timestamp.ts";
import { formatJsonLine } from "../cli/json_line.ts";
import { clockText } from "../hub/fanout/clock_notice.ts";
import type { ForwardingHeader, ServerEvent } from "../hub/model/server_event.ts";

export type LogFormat = "text" | "json";
export type LogLevel = "info" | "warning" | "error";

/** Facts beside an entry's sentence; in JSON they are its members. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Of notices that are no plain news. */
const LEVEL_BY_EVENT: Readonly<Partial<Record<ServerEvent["kind"], LogLevel>>> = {
  untrusted_proxy: "warning",
  oper_missing: "warning",
  oper_changed: "warning",
  fact_unreadable: "error",
  facts_unreadable: "error",
  clock_set: "warning",
  clock_behind: "warning",
};

export class ServerLog {
  /** `write` gets whole lines, with their newline. */
  constructor(
    readonly format: LogFormat,
    readonly clock: Clock,
    readonly write: (line: string, level: LogLevel) => void,
  ) {}

  info(event: string, text: string, facts: LogFields = {}): void {
    this.#entry("info", event, text, facts);
  }

  warning(event: string, text: string, facts: LogFields = {}): void {
    this.#entry("warning", event, text, facts);
  }

  error(event: string, text: string, facts: LogFields = {}): void {
    this.#entry("error", event, text, facts);
  }

  serverEvent(notice: ServerEvent): void {
    this.#entry(LEVEL_BY_EVENT[notice.kind] ?? "info", notice.kind, describeServerEvent(notice), notice);
  }

  #entry(level: LogLevel, event: string, text: string, facts: LogFields): void {
    const now = this.clock.now();
    if (this.format === "json") {
      return this.write(
        formatJsonLine({ time: new Date(now).toISOString(), level, event, ...facts, text }),
        level,
      );
    }
    const mark = level === "info" ? "" : `${level}: `;
    this.write(`${formatTime(now, false)} ${mark}${toPrintable(text)}\n`, level);
  }
}

function describeServerEvent(notice: ServerEvent): string {
  switch (notice.kind) {
    case "came":
      return `${notice.nick} came from ${notice.host}${
        notice.sessions > 1 ? ` (session ${notice.sessions})` : ""
      }`;
    case "left": {
      const still = notice.sessions > 0 ? ` (${notice.sessions} more open)` : "";
      return `${notice.nick} left: ${notice.reason}${still}`;
    }
    case "renamed":
      return `${notice.nick} is now ${notice.to}`;
    case "turned_away":
      return `${notice.host} did not enter: ${notice.reason}`;
    case "untrusted_proxy":
      return describeUntrustedProxy(notice.header, notice.host);
    case "login_failed":
      // Ordinary for a client that has a key and makes the account with it next: nothing that looks like a guess.
      if (notice.account === "none") {
        const nick = notice.nick === "*" ? "" : ` (${notice.nick})`;
        return `${notice.host}${nick} asked for an account that does not exist`;
      }
      return `a login from ${notice.host}${notice.nick === "*" ? "" : ` as ${notice.nick}`} failed`;
    case "opered":
      return `${notice.nick} is a server operator now`;
    case "deopered":
      return `${notice.nick} is no server operator any more`;
    case "oper_named":
      return `${notice.name}, an account since ${
        new Date(notice.since).toISOString().slice(0, 10)
      }, is an operator (--oper)`;
    case "oper_missing":
      return `--oper ${notice.name} has no effect: there is no account ${notice.name}, and the name cannot be registered over ` +
        `the network. Type "register ${notice.name}" at this server's prompt, or run ` +
        `"chatterbox admin register ${notice.name}"; or start once without --oper ${notice.name}, run ` +
        `"chatterbox register ${notice.name}", and start again with it`;
    case "oper_changed":
      return `--oper ${notice.name} has no effect: the account ${notice.name} that was an operator has ended, and the account ` +
        `${notice.name} of today is another one. To make it an operator, type "oper ${notice.name}" at this server's prompt, ` +
        `or run "chatterbox admin oper ${notice.name}"`;
    case "killed":
      return `${notice.by} killed ${notice.nick}: ${notice.reason}`;
    case "banned":
    case "muted": {
      const until = notice.until === 0 ? "for good" : `until ${new Date(notice.until).toISOString()}`;
      const why = notice.reason === "" ? "" : `: ${notice.reason}`;
      return `${notice.by} ${notice.kind} ${notice.mask} ${until}${why}`;
    }
    case "unbanned":
    case "unmuted":
      return `${notice.by} ${notice.kind} ${notice.mask}`;
    case "administered": {
      const failure = notice.failure === undefined
        ? ""
        : notice.failure === "partly_done"
        ? ", which was done in part"
        : `, which was not done: ${notice.failure}`;
      return `${notice.by} gave the command "${notice.command}"${failure}`;
    }
    case "fact_unreadable":
      return `${notice.fact} ${notice.key} in the database cannot be used, ${notice.why}; ${notice.instead}`;
    case "facts_unreadable":
      return `${notice.more} more entries of the database cannot be used; the safe side holds in their place`;
    case "clock_set":
    case "clock_behind":
      return clockText(notice);
  }
}

/** What came, what became of it, and how to have it taken. */
function describeUntrustedProxy(header: ForwardingHeader, host: string): string {
  const from = host === "localhost" ? "unix" : host;
  const trust = `if that is a proxy of yours, start with --trust-proxy ${from}`;
  switch (header) {
    case "PROXY":
      return `a connection from ${host} began with a PROXY header and was closed: ${trust}`;
    case "WEBIRC":
      return `a connection from ${host} began with WEBIRC, which is not supported, and was closed: let it send a PROXY ` +
        `header in its place, and ${trust}`;
    case "Forwarded":
    case "X-Forwarded-For":
      return `a web request from ${host} has a ${header} header, which is not trusted, so all who come that way count as one ` +
        `address, and none is exempt: ${trust}`;
    default:
      return unreachable(header);
  }
}
