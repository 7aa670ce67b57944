/** The channels we are in and who else is: kept by what the server says. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";
import { parseSource } from "../../../irc/message.ts";
import type { Message } from "../../../irc/message.ts";
import { RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_NOTOPIC, RPL_TOPIC } from "../../../irc/numerics.ts";

export interface JoinedChannel {
  readonly name: string;
  /** As displayed, by folded name. */
  readonly members: Map<string, string>;
  topic: string;
}

/** Members kept of a channel; the rest of a larger one is not known by name. */
const MAX_MEMBERS = 20_000;

export class JoinedChannels {
  readonly #channels = new Map<string, JoinedChannel>();
  /** Channels whose list of names is being received: the first line of it empties what we knew. */
  readonly #listing = new Set<string>();

  get names(): string[] {
    return Array.from(this.#channels.values(), (channel) => channel.name);
  }

  get(name: string): JoinedChannel | undefined {
    return this.#channels.get(casefold(name));
  }

  /** Everybody who is in a channel with us, us included. */
  *listMembers(): Iterable<string> {
    for (const channel of this.#channels.values()) yield* channel.members.values();
  }

  /** The connection is gone, and with it our places. */
  clear(): void {
    this.#channels.clear();
    this.#listing.clear();
  }

  /** Learns from one line of the server; `nick` is our name before it. */
  applyLine(message: Message, nick: string): void {
    const who = parseSource(message.source ?? "").nick;
    const [first = "", second = ""] = message.params;
    const ours = casefold(who) === casefold(nick);
    switch (message.command) {
      case "JOIN":
        if (ours && this.get(first) === undefined) {
          this.#channels.set(casefold(first), { name: first, members: new Map(), topic: "" });
        }
        return this.#add(first, who);
      case "PART":
        return ours ? this.#leave(first) : this.#remove(first, who);
      case "KICK":
        return casefold(second) === casefold(nick) ? this.#leave(first) : this.#remove(first, second);
      case "QUIT":
        for (const channel of this.#channels.values()) channel.members.delete(casefold(who));
        return;
      case "NICK":
        for (const channel of this.#channels.values()) {
          if (channel.members.delete(casefold(who))) channel.members.set(casefold(first), first);
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

  #leave(channel: string): void {
    this.#channels.delete(casefold(channel));
    this.#listing.delete(casefold(channel));
  }

  #rename(from: string, to: string): void {
    const channel = this.get(from);
    if (channel === undefined) return;
    this.#leave(from);
    this.#channels.set(casefold(to), { ...channel, name: to });
  }

  #add(channel: string, nick: string): void {
    const members = this.get(channel)?.members;
    if (members !== undefined && members.size < MAX_MEMBERS) members.set(casefold(nick), nick);
  }

  #remove(channel: string, nick: string): void {
    this.get(channel)?.members.delete(casefold(nick));
  }

  #setTopic(name: string, topic: string): void {
    const channel = this.get(name);
    if (channel !== undefined) channel.topic = topic;
  }

  #list(name: string, names: string): void {
    const channel = this.get(name);
    if (channel === undefined) return;
    const folded = casefold(name);
    if (!this.#listing.has(folded)) {
      channel.members.clear();
      this.#listing.add(folded);
    }
    for (const token of names.split(" ")) {
      const nick = stripMemberPrefix(token);
      if (nick !== "") this.#add(name, nick);
    }
  }
}

/** `@+alice` → `alice` (prefixes of modern's "RPL_NAMREPLY"), and without the host of userhost-in-names. */
export function stripMemberPrefix(token: string): string {
  return parseSource(token.replace(/^[~&@%+!]+/, "")).nick;
}
