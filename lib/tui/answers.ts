/** Answers to what was asked (`/who`, `/list`, `/topic`, …) as sentences. Pure. */
import { unreachable } from "../base/assert.ts";
import { parseSource } from "../irc/message.ts";
import type { Message } from "../irc/message.ts";
import { isRoomName } from "../irc/names.ts";
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
} from "../irc/numerics.ts";
import { MAX_WIRE_SECONDS, wireCount, wireSeconds } from "../irc/wire_number.ts";
import type { Entry } from "./entry.ts";
import type { Question } from "./exchange.ts";
import { entryOf } from "./incoming.ts";
import { maskText, modeState } from "./mode_text.ts";
import type { Room } from "./rooms.ts";
import { sentencesText } from "./sentences.ts";

/** What the answer to `question` shows. `clock`: local time of day; `now` in milliseconds. */
export function answerEntries(
  question: Question,
  lines: readonly Message[],
  clock: (time: number) => string,
  now: number,
): Entry[] {
  const notes = (texts: readonly string[]) => texts.map((text): Entry => ({ kind: "note", time: now, text }));
  switch (question.for) {
    case "logs": {
      const { target } = question;
      const where = isRoomName(target) ? `in ${target}` : `with ${target}`;
      const said = lines.map((line) => entryOf(line, now)).filter((entry) => entry !== undefined);
      if (said.length === 0) return notes([`nothing has been said ${where}`]);
      return [...notes([`said before ${where}:`]), ...said, ...notes([`(so far ${where})`])];
    }
    case "who":
      return notes([whoText(lines, question.where)]);
    case "whois":
      return notes(whoisText(lines, clock));
    case "rooms":
      return notes(roomsText(lines));
    case "topic": {
      const topic = lines.find(({ command }) => command === RPL_TOPIC)?.params[2] ?? "";
      return notes([topicText({ name: question.room, topic })]);
    }
    case "modes":
      return notes([modesText(lines, question.room)]);
    case "masks":
      return notes(masksText(lines, question.room, question.list));
    case "sentences":
      return notes(sentencesText(lines, now));
    default:
      return unreachable(question);
  }
}

/** `3 people in #lobby: alice, bob (away), carol`. */
export function whoText(lines: readonly Message[], where: string): string {
  const people = new Map<string, boolean>();
  for (const { command, params } of lines) {
    // 352 <client> <channel> <username> <host> <server> <nick> <flags> :<hopcount> <realname>
    if (command === RPL_WHOREPLY) people.set(params[5] ?? "", params[6]?.startsWith("G") === true);
  }
  const names = [...people].map(([nick, away]) => away ? `${nick} (away)` : nick);
  return `${counted(names.length, "person", "people")} ${where}${listed(names)}`;
}

/** `2 people in #lobby: alice, bob`, from what we know ourselves. */
export function membersText(room: Room): string {
  return `${counted(room.members.size, "person", "people")} in ${room.name}${
    listed([...room.members.values()])
  }`;
}

export function topicText(room: Pick<Room, "name" | "topic">): string {
  return room.topic === "" ? `${room.name} has no topic` : `topic of ${room.name}: ${room.topic}`;
}

/** `#dev: only operators set the topic, secret`. */
export function modesText(lines: readonly Message[], room: string): string {
  // 324 <client> <channel> <modestring> <mode arguments>...
  const params = lines.find(({ command }) => command === RPL_CHANNELMODEIS)?.params.slice(2) ?? [];
  const state = modeState(params);
  return state === "" ? `${room} has no special settings` : `${room}: ${state}`;
}

const LISTS: Readonly<
  Record<string, { readonly numeric: string; readonly none: string; readonly some: string }>
> = {
  b: { numeric: RPL_BANLIST, none: "nobody is banned from", some: "banned from" },
  e: { numeric: RPL_EXCEPTLIST, none: "nobody is exempt from the bans of", some: "exempt from the bans of" },
  I: { numeric: RPL_INVEXLIST, none: "nobody is invited for good to", some: "invited for good to" },
  q: { numeric: RPL_QUIETLIST, none: "nobody is silenced in", some: "silenced in" },
};

/** What a room's list of masks holds, one a line. */
export function masksText(lines: readonly Message[], room: string, list: string): string[] {
  const { numeric, none, some } = LISTS[list]!;
  const masks = lines.filter(({ command }) => command === numeric).map(({ params }) => {
    // <client> <channel> <mask> [<who> <set-ts>]; 728 has the letter before the mask
    const [mask = "", by] = params.slice(numeric === RPL_QUIETLIST ? 3 : 2);
    return `${maskText(mask)}${by === undefined ? "" : `, by ${parseSource(by).nick}`}`;
  });
  return masks.length === 0 ? [`${none} ${room}`] : [`${some} ${room}:`, ...masks.map((text) => `  ${text}`)];
}

/** One line a room, the largest first. */
export function roomsText(lines: readonly Message[]): string[] {
  const rooms = lines.filter(({ command }) => command === RPL_LIST)
    .map(({ params: [, name = "", people = "", topic = ""] }) => ({
      name,
      people: wireCount(people) ?? 0,
      topic,
    }))
    .sort((a, b) => b.people - a.people || (a.name < b.name ? -1 : 1));
  const texts = rooms.map(({ name, people, topic }) =>
    `${name}: ${counted(people, "person", "people")}${topic === "" ? "" : `; ${topic}`}`
  );
  return [counted(rooms.length, "room", "rooms"), ...texts];
}

/** What WHOIS tells, one fact a line. `now` in milliseconds. */
export function whoisText(lines: readonly Message[], clock: (time: number) => string): string[] {
  const texts: string[] = [];
  for (const { command, params } of lines) {
    const [, nick = "", second = "", third = "", , realname = ""] = params;
    if (command === RPL_WHOISUSER) {
      texts.push(`${nick} is ${second}@${third}${realname === nick ? "" : ` (${realname})`}`);
    } else if (command === RPL_AWAY) texts.push(`${nick} is away: ${second}`);
    else if (command === RPL_WHOISCHANNELS) texts.push(`${nick} is in ${second.trim()}`);
    else if (command === RPL_WHOISOPERATOR) texts.push(`${nick} runs this server`);
    else if (command === RPL_WHOISACCOUNT) texts.push(`${nick} is logged in as ${second}`);
    else if (command === RPL_WHOISIDLE) {
      const signon = wireSeconds(third) ?? 0;
      const since = signon > 0 ? `, here since ${clock(signon)}` : "";
      texts.push(`${nick} has been silent for ${spell(wireCount(second, MAX_WIRE_SECONDS) ?? 0)}${since}`);
    }
  }
  return texts;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "" : `: ${[...names].sort((a, b) => a.localeCompare(b)).join(", ")}`;
}

function spell(seconds: number): string {
  if (seconds < 60) return counted(seconds, "second", "seconds");
  if (seconds < 3600) return counted(Math.floor(seconds / 60), "minute", "minutes");
  return counted(Math.floor(seconds / 3600), "hour", "hours");
}
