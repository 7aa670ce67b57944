/** The channels that we are in, with their members and topics. Pure. */
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import { parseSource } from "../../../irc/message.ts";
import type { Message } from "../../../irc/message.ts";
import { RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_NOTOPIC, RPL_TOPIC } from "../../../irc/numerics.ts";
import { parseBanOf } from "./mode_text.ts";

export interface JoinedChannel {
  readonly name: string;
  /** Nicks, by folded name. */
  readonly members: Map<string, string>;
  topic: string;
  /** We are banned from it by name, and still in it. */
  isBanned?: boolean;
}

/** Members kept of a channel; further members of a larger one are left out. */
const MAX_MEMBERS = 20_000;

export class JoinedChannels {
  readonly #channels = new Map<string, JoinedChannel>();
  /** Channels of which the member list is being received: its first line replaces the one before. */
  readonly #listing = new Set<string>();

  get names(): string[] {
    return Array.from(this.#channels.values(), (channel) => channel.name);
  }

  get(name: string): JoinedChannel | undefined {
    return this.#channels.get(casefold(name));
  }

  /** The channels that `nick` is in. */
  listChannelsOf(nick: string): string[] {
    const folded = casefold(nick);
    const channels = this.#channels.values().filter(({ members }) => members.has(folded));
    return Array.from(channels, ({ name }) => name);
  }

  /** The members of all channels, us included. */
  *listMembers(): Iterable<string> {
    for (const channel of this.#channels.values()) yield* channel.members.values();
  }

  /** The connection is lost: we are in no channel. */
  clear(): void {
    this.#channels.clear();
    this.#listing.clear();
  }

  /** Applies a line of the server; `nick` is our nick before it. */
  applyLine(message: Message, nick: string): void {
    const sender = parseSource(message.source ?? "").nick;
    const [first = "", second = ""] = message.params;
    const isOurs = isSameName(sender, nick);
    switch (message.command) {
      case "JOIN":
        if (isOurs && this.get(first) === undefined) {
          this.#channels.set(casefold(first), { name: first, members: new Map(), topic: "" });
        }
        return this.#add(first, sender);
      case "PART":
        return isOurs ? this.#leave(first) : this.#remove(first, sender);
      case "KICK":
        return isSameName(second, nick) ? this.#leave(first) : this.#remove(first, second);
      case "QUIT":
        for (const channel of this.#channels.values()) channel.members.delete(casefold(sender));
        return;
      case "NICK":
        for (const channel of this.#channels.values()) {
          if (channel.members.delete(casefold(sender))) channel.members.set(casefold(first), first);
        }
        return;
      case "MODE":
        return this.#setBan(first, parseBanOf(nick, message.params.slice(1)));
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

  #setBan(name: string, isBanned: boolean | undefined): void {
    const channel = this.get(name);
    if (channel !== undefined && isBanned !== undefined) channel.isBanned = isBanned;
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

/** `@+alice` → `alice` (prefixes of RPL_NAMREPLY, Modern IRC), and without the host of userhost-in-names. */
export function stripMemberPrefix(token: string): string {
  return parseSource(token.replace(/^[~&@%+!]+/, "")).nick;
}
