/** The rooms of the server, from a response to LIST. Pure. */
import { casefold } from "../../irc/names/casemap.ts";
import type { Message } from "../../irc/message.ts";
import { RPL_LIST } from "../../irc/numerics.ts";
import { parseWireCount } from "../../irc/wire_number.ts";

export interface ServerRoom {
  readonly name: string;
  readonly count: number;
  readonly topic: string;
}

/** The largest first. */
export function readRooms(lines: readonly Message[]): ServerRoom[] {
  return lines.filter(({ command }) => command === RPL_LIST)
    .map(({ params: [, name = "", count = "", topic = ""] }) => ({
      name,
      count: parseWireCount(count) ?? 0,
      topic,
    }))
    .sort((a, b) => b.count - a.count || (casefold(a.name) < casefold(b.name) ? -1 : 1));
}

/** Rooms that are offered at once. */
const MAX_OFFERED_ROOMS = 30;

/** Those with `text` in their names or topics. */
export function filterRooms(rooms: readonly ServerRoom[], text: string): ServerRoom[] {
  const wanted = casefold(text.trim());
  return rooms.filter(({ name, topic }) => casefold(`${name} ${topic}`).includes(wanted)).slice(
    0,
    MAX_OFFERED_ROOMS,
  );
}
