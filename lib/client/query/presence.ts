/**
 * The users and channels that a server shows: requests WHO, WHOIS and LIST (modern, "User-Based Queries").
 */
import type { Message } from "../../irc/message.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import {
  ERR_NOSUCHNICK,
  RPL_AWAY,
  RPL_LIST,
  RPL_WHOISCHANNELS,
  RPL_WHOISIDLE,
  RPL_WHOREPLY,
} from "../../irc/numerics.ts";
import { LOST_TOKEN } from "../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireSeconds } from "../../irc/wire_number.ts";
import type { Link, RequestOutcome } from "../connection/link.ts";

export interface OnlineUser {
  readonly name: string;
  readonly host: string;
  /** Milliseconds since the epoch; undefined: the server does not report it. */
  readonly since: number | undefined;
  readonly idleMs: number | undefined;
  /** The away message; undefined: the user is not away. */
  readonly away: string | undefined;
  /** The connection is lost, and the user may come back; undefined: the server does not report it. */
  readonly isLost: boolean | undefined;
  readonly channels: readonly string[];
}

export interface ChannelInfo {
  readonly name: string;
  readonly members: number;
  readonly topic: string;
}

export type PresenceOutcome<T> =
  | { readonly kind: "ok"; readonly rows: T[] }
  | Exclude<RequestOutcome, { kind: "answered" }>;

/** WHOIS requests that are open at a time. */
const WINDOW_REQUESTS = 64;

/** All users online, in order, as far as WHO tells of them: one request. */
async function queryWho(
  link: Link,
): Promise<PresenceOutcome<Pick<OnlineUser, "name" | "host" | "isLost">>> {
  const who = await link.request({ command: "WHO", params: ["*"] });
  if (who.kind !== "answered") return who;
  const hosts = new Map<string, string>();
  const lostFlag = link.session.isupport.get(LOST_TOKEN) || undefined;
  const lost = new Set<string>();
  for (const { command, params } of who.lines) {
    // <client> <channel> <username> <host> <server> <nick> <flags> :<hopcount> <realname>
    const [, , , host, , nick, flags] = params;
    if (command !== RPL_WHOREPLY || host === undefined || nick === undefined) continue;
    hosts.set(nick, host);
    if (lostFlag !== undefined && flags?.includes(lostFlag)) lost.add(nick);
  }
  if (!link.session.isObserver) {
    for (const nick of hosts.keys()) if (isSameName(nick, link.nick)) hosts.delete(nick);
  }
  const rows = Array.from(hosts, ([name, host]) => ({
    name,
    host,
    isLost: lostFlag === undefined ? undefined : lost.has(name),
  }));
  return { kind: "ok", rows: rows.sort((a, b) => a.name.localeCompare(b.name)) };
}

/** The names of all users online, in order. */
export async function queryOnlineNames(link: Link): Promise<PresenceOutcome<string>> {
  const found = await queryWho(link);
  return found.kind === "ok" ? { kind: "ok", rows: found.rows.map(({ name }) => name) } : found;
}

/** All users online, by name. */
export async function queryOnlineUsers(link: Link): Promise<PresenceOutcome<OnlineUser>> {
  const found = await queryWho(link);
  if (found.kind !== "ok") return found;
  const rows: OnlineUser[] = [];
  for (let start = 0; start < found.rows.length; start += WINDOW_REQUESTS) {
    const asked = found.rows.slice(start, start + WINDOW_REQUESTS);
    const answers = await Promise.all(
      asked.map(({ name }) => link.request({ command: "WHOIS", params: [name] })),
    );
    for (const [index, answer] of answers.entries()) {
      if (answer.kind !== "answered") return answer;
      const person = parseOnlineUser(asked[index]!, answer.lines);
      if (person !== undefined) rows.push(person);
    }
  }
  return { kind: "ok", rows };
}

/** The user as the JSON object of `list --json` and of the HTTP API; `idle` in seconds. */
export function makeUserRecord(
  { name, host, since, idleMs, away, isLost, channels }: OnlineUser,
): Record<string, unknown> {
  return {
    name,
    host,
    since: since === undefined ? null : new Date(since).toISOString(),
    idle: idleMs === undefined ? null : idleMs / 1000,
    away: away ?? null,
    rooms: channels,
    lost: isLost ?? null,
  };
}

/** Undefined: the user has left between WHO and WHOIS. */
function parseOnlineUser(
  known: Pick<OnlineUser, "name" | "host" | "isLost">,
  lines: readonly Message[],
): OnlineUser | undefined {
  const row = (code: string) => lines.find(({ command }) => command === code)?.params;
  if (row(ERR_NOSUCHNICK) !== undefined) return undefined;
  const idle = row(RPL_WHOISIDLE); // <client> <nick> <secs> <signon>
  return {
    ...known,
    since: parseWireSeconds(idle?.[3]),
    idleMs: parseWireSeconds(idle?.[2]),
    away: row(RPL_AWAY)?.[2],
    channels: lines.filter(({ command }) => command === RPL_WHOISCHANNELS)
      .flatMap(({ params }) => (params[2] ?? "").split(" "))
      .map((channel) => channel.replace(/^[^#&]+/, ""))
      .filter((channel) => channel !== ""),
  };
}

/** All channels, the largest first. */
export async function queryChannels(link: Link): Promise<PresenceOutcome<ChannelInfo>> {
  const list = await link.request({ command: "LIST" });
  if (list.kind !== "answered") return list;
  const rows = list.lines.flatMap(({ command, params }): ChannelInfo[] => {
    const [, name, members, topic = ""] = params; // <client> <channel> <members> :<topic>
    return command === RPL_LIST && name !== undefined
      ? [{ name, members: parseWireCount(members) ?? 0, topic }]
      : [];
  });
  rows.sort((a, b) => b.members - a.members || a.name.localeCompare(b.name));
  return { kind: "ok", rows };
}
