/** People that come and leave in a burst, as one line: `··· 12 came, bob left`. Pure. */
import { toPrintableText } from "../../base/printable_text.ts";
import { casefold, isSameName } from "../../irc/names/casemap.ts";
import type { ChatEntry } from "../../client/conversation/model/chat_entry.ts";
import { explainDeparture } from "./departure_text.ts";
import { isCurrent, makeChannel, makeDim, makeName } from "./spans.ts";
import type { RenderContext } from "./spans.ts";
import type { StyledSpan } from "./styled_line.ts";

export type PresenceEntry = ChatEntry & { kind: "joined" | "left" | "quit" };

/** Names of one kind that are shown; of more of them, the number is. */
const SHOWN_NAMES = 3;
/** People in one line; further ones begin another line. */
export const MAX_FOLDED_PEOPLE = 1000;

/** What a person has done: the first and the last of it. */
interface Movement {
  readonly nick: string;
  readonly first: "came" | "left";
  last: "came" | "left";
}

/** Of one room. */
interface RoomFold {
  readonly channel: string | undefined;
  readonly people: Map<string, Movement>;
  /** The first entry, and how many there are. */
  readonly entry: PresenceEntry;
  count: number;
}

export class PresenceFold {
  readonly #rooms = new Map<string, RoomFold>();
  #time = 0;
  #size = 0;

  /** Time of the last entry, milliseconds since the epoch. */
  get time(): number {
    return this.#time;
  }

  get isEmpty(): boolean {
    return this.#rooms.size === 0;
  }

  /** Whether it must be taken before more is added. */
  get isFull(): boolean {
    return this.#size >= MAX_FOLDED_PEOPLE;
  }

  add(entry: PresenceEntry, reader: RenderContext): void {
    const channel = channelOf(entry, reader);
    const key = casefold(channel ?? "");
    const room = this.#rooms.get(key) ?? { channel, people: new Map(), entry, count: 0 };
    const what = entry.kind === "joined" ? "came" : "left";
    const known = room.people.get(casefold(entry.nick));
    if (known === undefined) {
      room.people.set(casefold(entry.nick), { nick: entry.nick, first: what, last: what });
      this.#size++;
    } else known.last = what;
    room.count++;
    this.#rooms.set(key, room);
    this.#time = entry.time;
  }

  /** The lines, one for each room, in the order in which they began; nothing is kept. */
  take(reader: RenderContext): StyledSpan[][] {
    const lines = this.#rooms.values().map((room) => renderRoom(room, reader)).toArray();
    this.#rooms.clear();
    this.#size = 0;
    return lines;
  }
}

/** One person, with the reason where there is one. */
export function renderPresenceLine(entry: PresenceEntry, reader: RenderContext): StyledSpan[] {
  const channel = channelOf(entry, reader);
  const lead = [makeDim("··· "), ...renderPlace(channel, reader), makeName(entry.nick)];
  if (entry.kind === "joined") return [...lead, makeDim(" came")];
  const { isLost, reason } = explainDeparture(entry.reason, entry.nick);
  const what = isLost ? " lost the connection" : " left";
  return [...lead, makeDim(reason === "" ? what : `${what}: ${toPrintableText(reason)}`)];
}

/** The room that an entry is shown for; undefined: all of them. */
function channelOf(entry: PresenceEntry, reader: RenderContext): string | undefined {
  if (entry.kind !== "quit") return entry.channel;
  const { channels = [] } = entry;
  return channels.find((channel) => isCurrent(channel, reader)) ?? channels[0];
}

function renderPlace(channel: string | undefined, reader: RenderContext): StyledSpan[] {
  return channel === undefined || isCurrent(channel, reader) ? [] : [makeChannel(channel), makeDim(": ")];
}

function renderRoom({ channel, people, entry, count }: RoomFold, reader: RenderContext): StyledSpan[] {
  if (count === 1) return renderPresenceLine(entry, reader);
  const select = (first: Movement["first"], last: Movement["last"]) =>
    people.values().filter((one) => one.first === first && one.last === last).map(({ nick }) => nick)
      .toArray();
  const parts = [
    ...renderPeople(select("came", "came"), "came"),
    ...renderPeople(select("left", "left"), "left"),
    ...renderPeople(select("left", "came"), "left and came back"),
    ...renderPeople(select("came", "left"), "came and left"),
  ];
  return [
    makeDim("··· "),
    ...renderPlace(channel, reader),
    ...parts.flatMap((part, index) => index === 0 ? part : [makeDim(", "), ...part]),
  ];
}

/** `alice and bob came`, `12 came`; nothing for no names. */
function renderPeople(nicks: readonly string[], what: string): StyledSpan[][] {
  if (nicks.length === 0) return [];
  if (nicks.length > SHOWN_NAMES) return [[makeDim(`${nicks.length} ${what}`)]];
  const names = nicks.flatMap((nick, index) => [
    ...index === 0 ? [] : [makeDim(index === nicks.length - 1 ? " and " : ", ")],
    makeName(nick),
  ]);
  return [[...names, makeDim(` ${what}`)]];
}

/** Whether `entry` is folded: that `nick` itself comes or leaves has a line of its own. */
export function isFolded(entry: ChatEntry, nick: string): entry is PresenceEntry {
  return (entry.kind === "joined" || entry.kind === "left" || entry.kind === "quit") &&
    !isSameName(entry.nick, nick);
}
