/** Responses to queries (`/who`, `/list`, `/topic`, …) as sentences. Pure. */
import { unreachable } from "../../base/assert.ts";
import { parseSource } from "../../irc/message.ts";
import type { Message } from "../../irc/message.ts";
import {
  RPL_AWAY,
  RPL_BANLIST,
  RPL_CHANNELMODEIS,
  RPL_EXCEPTLIST,
  RPL_INVEXLIST,
  RPL_LIST,
  RPL_QUIETLIST,
  RPL_TOPIC,
  RPL_WHOISACCOUNT,
  RPL_WHOISCHANNELS,
  RPL_WHOISIDLE,
  RPL_WHOISOPERATOR,
  RPL_WHOISUSER,
  RPL_WHOREPLY,
} from "../../irc/numerics.ts";
import { MAX_WIRE_SECONDS, parseWireCount, parseWireSeconds } from "../../irc/wire_number.ts";
import type { ChatEntry } from "../conversation/model/chat_entry.ts";
import { describeMask, describeModeState } from "../conversation/model/mode_text.ts";
import { describeTopic, formatCounted, formatList } from "../conversation/model/room_text.ts";
import { describeServerBans } from "./server_ban_text.ts";

/** A query of the person: its response is shown and changes nothing. */
export type InfoRequest =
  | { readonly for: "who"; readonly where: string }
  | { readonly for: "whois" | "rooms" }
  | { readonly for: "topic" | "modes"; readonly channel: string }
  /** A list of masks of a channel, by the letter of its mode. */
  | { readonly for: "masks"; readonly channel: string; readonly list: string }
  /** A setting that a service shows or changes: it answers in notices, which are no messages of a person. */
  | { readonly for: "setting" }
  /** Bans and mutes of the whole server. */
  | { readonly for: "server_bans" };

/** What the response to `question` shows. `clock`: local time of day; `now` in milliseconds. */
export function makeResponseEntries(
  question: InfoRequest,
  lines: readonly Message[],
  clock: (time: number) => string,
  now: number,
): ChatEntry[] {
  const notes = (texts: readonly string[]) =>
    texts.map((text): ChatEntry => ({ kind: "note", time: now, text }));
  switch (question.for) {
    case "who":
      return notes([describeWho(lines, question.where)]);
    case "whois":
      return notes(describeWhois(lines, clock));
    case "rooms":
      return notes(describeChannelList(lines));
    case "topic":
      return notes([describeTopicReply(lines, question.channel)]);
    case "modes":
      return notes([describeModesReply(lines, question.channel)]);
    case "masks":
      return notes(describeMaskList(lines, question.channel, question.list));
    case "setting":
      return notes(
        lines.filter(({ command }) => command === "NOTICE").map(({ params: [, text = ""] }) => text),
      );
    case "server_bans":
      return notes(describeServerBans(lines, now));
    default:
      return unreachable(question);
  }
}

/** `3 people in #lobby: alice, bob (away), carol`. */
export function describeWho(lines: readonly Message[], where: string): string {
  const awayByNick = new Map<string, boolean>();
  for (const { command, params } of lines) {
    // 352 <client> <channel> <username> <host> <server> <nick> <flags> :<hopcount> <realname>
    if (command === RPL_WHOREPLY) awayByNick.set(params[5] ?? "", params[6]?.startsWith("G") === true);
  }
  const names = [...awayByNick].map(([nick, away]) => away ? `${nick} (away)` : nick);
  if (names.length === 0) return `no people ${where}: there is no such room, or it is secret`;
  return `${formatCounted(names.length, "person", "people")} ${where}${formatList(names)}`;
}

/** The topic in a response to TOPIC. */
export function describeTopicReply(lines: readonly Message[], name: string): string {
  const topic = lines.find(({ command }) => command === RPL_TOPIC)?.params[2] ?? "";
  return describeTopic({ name, topic });
}

/** `#dev: only operators set the topic, secret`. */
export function describeModesReply(lines: readonly Message[], channel: string): string {
  // 324 <client> <channel> <modestring> <mode arguments>...
  const params = lines.find(({ command }) => command === RPL_CHANNELMODEIS)?.params.slice(2) ?? [];
  const state = describeModeState(params);
  return state === "" ? `${channel} has no special settings` : `${channel}: ${state}`;
}

const MASK_LISTS: Readonly<
  Record<string, { readonly numeric: string; readonly none: string; readonly some: string }>
> = {
  b: { numeric: RPL_BANLIST, none: "no bans in", some: "banned from" },
  e: { numeric: RPL_EXCEPTLIST, none: "no exceptions from bans in", some: "exempt from the bans of" },
  I: { numeric: RPL_INVEXLIST, none: "no permanent invitations to", some: "permanently invited to" },
  q: { numeric: RPL_QUIETLIST, none: "no muted users in", some: "muted in" },
};

/** The masks in a list of a channel, one a line. */
export function describeMaskList(lines: readonly Message[], channel: string, list: string): string[] {
  const { numeric, none, some } = MASK_LISTS[list]!;
  const masks = lines.filter(({ command }) => command === numeric).map(({ params }) => {
    // <client> <channel> <mask> [<setter> <time>]; 728 has the letter before the mask
    const [mask = "", by] = params.slice(numeric === RPL_QUIETLIST ? 3 : 2);
    return `${describeMask(mask)}${by === undefined ? "" : `, by ${parseSource(by).nick}`}`;
  });
  return masks.length === 0
    ? [`${none} ${channel}`]
    : [`${some} ${channel}:`, ...masks.map((text) => `  ${text}`)];
}

/** Channels, one a line, the largest first. */
export function describeChannelList(lines: readonly Message[]): string[] {
  const channels = lines.filter(({ command }) => command === RPL_LIST)
    .map(({ params: [, name = "", people = "", topic = ""] }) => ({
      name,
      people: parseWireCount(people) ?? 0,
      topic,
    }))
    .sort((a, b) => b.people - a.people || (a.name < b.name ? -1 : 1));
  const texts = channels.map(({ name, people, topic }) =>
    `${name}: ${formatCounted(people, "person", "people")}${topic === "" ? "" : `; ${topic}`}`
  );
  return [formatCounted(channels.length, "room", "rooms"), ...texts];
}

/** The facts in a response to WHOIS, one a line. */
export function describeWhois(lines: readonly Message[], clock: (time: number) => string): string[] {
  const texts: string[] = [];
  for (const { command, params } of lines) {
    const [, nick = "", second = "", third = "", , realname = ""] = params;
    if (command === RPL_WHOISUSER) {
      texts.push(`${nick} is online as ${second}@${third}${realname === nick ? "" : ` (${realname})`}`);
    } else if (command === RPL_AWAY) texts.push(`${nick} is away: ${second}`);
    else if (command === RPL_WHOISCHANNELS) texts.push(`${nick} is in ${second.trim()}`);
    else if (command === RPL_WHOISOPERATOR) texts.push(`${nick} is an operator of this server`);
    else if (command === RPL_WHOISACCOUNT) texts.push(`${nick} is logged in as ${second}`);
    else if (command === RPL_WHOISIDLE) {
      const signon = parseWireSeconds(third) ?? 0;
      const since = signon > 0 ? `, online since ${clock(signon)}` : "";
      texts.push(
        `${nick} has been idle for ${formatElapsed(parseWireCount(second, MAX_WIRE_SECONDS) ?? 0)}${since}`,
      );
    }
  }
  return texts;
}

function formatElapsed(seconds: number): string {
  if (seconds < 60) return formatCounted(seconds, "second", "seconds");
  if (seconds < 3600) return formatCounted(Math.floor(seconds / 60), "minute", "minutes");
  return formatCounted(Math.floor(seconds / 3600), "hour", "hours");
}
