/** The server log: one line per event for the operator of the process, as text or JSON. It holds no messages. */
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { toPrintable } from "../base/printable_text.ts";
import { formatTime, formatUtcDate } from "../base/values/timestamp.ts";
import { formatJsonLine } from "../cli/json_line.ts";
import { clockText } from "../hub/fanout/clock_notice.ts";
import type { ForwardingHeader, ServerEvent } from "../hub/model/server_event.ts";
import { banText } from "../hub/services/bans.ts";

export type LogFormat = "text" | "json";
export type LogLevel = "info" | "warning" | "error";

/** Values of an entry beside its text; written only in JSON, as members of the object. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Level of each server event that is not `info`. */
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
  /** Entries since the start. */
  readonly counts: Record<LogLevel, number> = { info: 0, warning: 0, error: 0 };

  /** `write` gets whole lines, with their newline. */
  constructor(
    readonly format: LogFormat,
    readonly clock: Clock,
    readonly write: (line: string, level: LogLevel) => void,
  ) {}

  info(event: string, text: string, fields: LogFields = {}): void {
    this.#entry("info", event, text, fields);
  }

  warning(event: string, text: string, fields: LogFields = {}): void {
    this.#entry("warning", event, text, fields);
  }

  error(event: string, text: string, fields: LogFields = {}): void {
    this.#entry("error", event, text, fields);
  }

  serverEvent(event: ServerEvent): void {
    this.#entry(LEVEL_BY_EVENT[event.kind] ?? "info", event.kind, describeServerEvent(event), event);
  }

  #entry(level: LogLevel, event: string, text: string, fields: LogFields): void {
    this.counts[level]++;
    const now = this.clock.now();
    if (this.format === "json") {
      return this.write(
        formatJsonLine({ time: new Date(now).toISOString(), level, event, ...fields, text }),
        level,
      );
    }
    const mark = level === "info" ? "" : `${level}: `;
    this.write(`${formatTime(now, false)} ${mark}${toPrintable(text)}\n`, level);
  }
}

function describeServerEvent(event: ServerEvent): string {
  switch (event.kind) {
    case "came":
      return `${event.nick} connected from ${event.host}${
        event.sessions > 1 ? ` (session ${event.sessions})` : ""
      }`;
    case "left": {
      const remaining = event.sessions > 0 ? ` (${event.sessions} more open)` : "";
      return `${event.nick} disconnected: ${event.reason}${remaining}`;
    }
    case "renamed":
      return `${event.nick} is now ${event.to}`;
    case "turned_away":
      return `${event.host} disconnected before registration: ${event.reason}`;
    case "untrusted_proxy":
      return describeUntrustedProxy(event.header, event.host);
    case "login_failed":
      // Normal for a client that has a key and registers the account with it next; the text must not suggest a
      // guessed password.
      if (event.account === "none") {
        const nick = event.nick === "*" ? "" : ` (${event.nick})`;
        return `${event.host}${nick} tried to log in to an account that does not exist`;
      }
      return `login failed from ${event.host}${event.nick === "*" ? "" : ` as ${event.nick}`}`;
    case "opered":
      return `${event.nick} is now a server operator`;
    case "deopered":
      return `${event.nick} is no longer a server operator`;
    case "oper_named":
      return `${event.name}, an account since ${formatUtcDate(event.since)}, is an operator (--oper)`;
    case "oper_missing":
      return `--oper ${event.name} has no effect: there is no account ${event.name}. ` +
        `"chatterbox admin register ${event.name}" creates it; until then the name cannot be registered over the network`;
    case "oper_changed":
      return `--oper ${event.name} has no effect: the account that was an operator has been deleted, and the present ` +
        `account ${event.name} is another one. "chatterbox admin oper ${event.name}" makes it an operator`;
    case "killed":
      return `${event.by} killed ${event.nick}: ${event.reason}`;
    case "banned":
    case "muted":
      return `${event.by} ${event.kind} ${event.mask} ${banText(event)}`;
    case "unbanned":
    case "unmuted":
      return `${event.by} ${event.kind} ${event.mask}`;
    case "administered": {
      const failure = event.failure === undefined
        ? ""
        : event.failure === "partly_done"
        ? ", which was done in part"
        : `, which failed: ${event.failure}`;
      return `${event.by} ran "${event.command}"${failure}`;
    }
    case "fact_unreadable":
      return `${event.fact} ${event.key} in the database cannot be used: ${event.why}; ${event.instead}`;
    case "facts_unreadable":
      return `${event.more} more entries of the database cannot be used; safe defaults apply instead`;
    case "clock_set":
    case "clock_behind":
      return clockText(event);
  }
}

/** What the host sent, how the server treated it, and how to have it accepted. */
function describeUntrustedProxy(header: ForwardingHeader, host: string): string {
  const from = host === "localhost" ? "unix" : host;
  const trust = `if this is your proxy, start the server with --trust-proxy ${from}`;
  switch (header) {
    case "PROXY":
      return `a connection from ${host} began with a PROXY header and was closed: ${trust}`;
    case "WEBIRC":
      return `a connection from ${host} began with WEBIRC, which is not supported, and was closed: configure the proxy to send a ` +
        `PROXY header instead; ${trust}`;
    case "Forwarded":
    case "X-Forwarded-For":
      return `a web request from ${host} has a ${header} header, which is not trusted: all clients behind that host count as one ` +
        `address, and none of them is exempt; ${trust}`;
    default:
      return unreachable(header);
  }
}
