/** The rooms we are in and who else is: kept by what the server says. Pure. */
import { casefold } from "../irc/casemap.ts";
import { parseSource } from "../irc/message.ts";
import type { Message } from "../irc/message.ts";
import { RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_NOTOPIC, RPL_TOPIC } from "../irc/numerics.ts";

export interface Room {
  readonly name: string;
  /** As displayed, by folded name. */
  readonly members: Map<string, string>;
  topic: string;
}

/** Members kept of a room; the rest of a larger one is not known by name. */
const MAX_MEMBERS = 20_000;

export class RoomBook {
  readonly #rooms = new Map<string, Room>();
  /** Rooms whose list of names is being received: the first line of it empties what we knew. */
  readonly #listing = new Set<string>();

  get names(): string[] {
    return Array.from(this.#rooms.values(), (room) => room.name);
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(casefold(name));
  }

  /** Everybody who is in a room with us, us included. */
  *people(): Iterable<string> {
    for (const room of this.#rooms.values()) yield* room.members.values();
  }

  /** The connection is gone, and with it our places. */
  clear(): void {
    this.#rooms.clear();
    this.#listing.clear();
  }

  /** Learns from one line of the server; `nick` is our name before it. */
  learn(message: Message, nick: string): void {
    const who = parseSource(message.source ?? "").nick;
    const [first = "", second = ""] = message.params;
    const ours = casefold(who) === casefold(nick);
    switch (message.command) {
      case "JOIN":
        if (ours && this.get(first) === undefined) {
          this.#rooms.set(casefold(first), { name: first, members: new Map(), topic: "" });
        }
        return this.#add(first, who);
      case "PART":
        return ours ? this.#leave(first) : this.#remove(first, who);
      case "KICK":
        return casefold(second) === casefold(nick) ? this.#leave(first) : this.#remove(first, second);
      case "QUIT":
        for (const room of this.#rooms.values()) room.members.delete(casefold(who));
        return;
      case "NICK":
        for (const room of this.#rooms.values()) {
          if (room.members.delete(casefold(who))) room.members.set(casefold(first), first);
        }
        return;
      case "RENAME":
        return this.#rename(first, second);
      case "TOPIC":
        return this.#setTopic(first, second);
      case RPL_TOPIC:
        return this.#setTopic(second, message.params[2] ?? "");
      case RPL_NOTOPIC:
        return this.#setTopic(second, "");
      case RPL_NAMREPLY:
        return this.#list(message.params[2] ?? "", message.params[3] ?? "");
      case RPL_ENDOFNAMES:
        this.#listing.delete(casefold(second));
        return;
    }
  }

  #leave(room: string): void {
    this.#rooms.delete(casefold(room));
    this.#listing.delete(casefold(room));
  }

  #rename(from: string, to: string): void {
    const room = this.get(from);
    if (room === undefined) return;
    this.#leave(from);
    this.#rooms.set(casefold(to), { ...room, name: to });
  }

  #add(room: string, nick: string): void {
    const members = this.get(room)?.members;
    if (members !== undefined && members.size < MAX_MEMBERS) members.set(casefold(nick), nick);
  }

  #remove(room: string, nick: string): void {
    this.get(room)?.members.delete(casefold(nick));
  }

  #setTopic(name: string, topic: string): void {
    const room = this.get(name);
    if (room !== undefined) room.topic = topic;
  }

  #list(name: string, names: string): void {
    const room = this.get(name);
    if (room === undefined) return;
    const folded = casefold(name);
    if (!this.#listing.has(folded)) {
      room.members.clear();
      this.#listing.add(folded);
    }
    for (const token of names.split(" ")) {
      const nick = withoutPrefix(token);
      if (nick !== "") this.#add(name, nick);
    }
  }
}

/** `@+alice` → `alice` (prefixes of modern's "RPL_NAMREPLY"), and without the host of userhost-in-names. */
export function withoutPrefix(token: string): string {
  return parseSource(token.replace(/^[~&@%+!]+/, "")).nick;
}
