/**
 * Members of channels according to the log alone, by name: which channels a user is in who quits or changes their nick.
 * The hub, which has the users themselves, does not need it.
 */
import { casefold } from "../../irc/names/casemap.ts";
import { nickOf } from "../model/identifiers.ts";
import type { RecordedEvent } from "../model/state/event.ts";

interface ListedChannel {
  folded: string;
  name: string;
  /** Folded nicks. */
  readonly members: Set<string>;
}

export class MemberLists {
  /** Channels that have members, by folded name. */
  readonly #channels = new Map<string, ListedChannel>();
  /** Channels by the folded nick of a member. */
  readonly #byNick = new Map<string, Set<ListedChannel>>();

  /** `members`: the lists as of the first event. */
  constructor(
    members: Iterable<readonly [nick: string, channels: readonly Readonly<Omit<ListedChannel, "members">>[]]>,
  ) {
    for (const [nick, channels] of members) for (const { name } of channels) this.#add(nick, name);
  }

  /** Channels of the user with that folded nick. */
  channelsOf(nick: string): readonly Readonly<Omit<ListedChannel, "members">>[] {
    return [...this.#byNick.get(nick) ?? []];
  }

  /** Updates the lists by `event`. Returns the folded nicks of the users that are in other channels now. */
  update(event: RecordedEvent): readonly string[] {
    switch (event.kind) {
      case "join": {
        const nick = casefold(nickOf(event.source));
        this.#add(nick, event.channel);
        return [nick];
      }
      case "part":
        return this.#remove(casefold(nickOf(event.source)), event.channel);
      case "kick":
        return this.#remove(casefold(event.nick), event.channel);
      case "quit":
        return this.#rename(casefold(nickOf(event.source)), undefined);
      case "nick":
        return this.#rename(casefold(nickOf(event.source)), casefold(event.nick));
      case "rename":
        return this.#renameChannel(event.channel, event.to);
      case "boot":
        this.clear();
        return [];
      default:
        return [];
    }
  }

  clear(): void {
    this.#channels.clear();
    this.#byNick.clear();
  }

  #add(nick: string, name: string): void {
    const folded = casefold(name);
    let channel = this.#channels.get(folded);
    if (channel === undefined) this.#channels.set(folded, channel = { folded, name, members: new Set() });
    const own = this.#byNick.get(nick) ?? new Set();
    this.#byNick.set(nick, own.add(channel));
    channel.members.add(nick);
  }

  #remove(nick: string, name: string): readonly string[] {
    const channel = this.#channels.get(casefold(name));
    if (channel?.members.delete(nick) !== true) return [];
    if (channel.members.size === 0) this.#channels.delete(channel.folded);
    const own = this.#byNick.get(nick)!;
    own.delete(channel);
    if (own.size === 0) this.#byNick.delete(nick);
    return [nick];
  }

  /** The user `from` has the nick `to`, or has left (undefined). */
  #rename(from: string, to: string | undefined): readonly string[] {
    const channels = this.channelsOf(from);
    if (channels.length === 0 || from === to) return [];
    for (const { name } of channels) {
      if (to !== undefined) this.#add(to, name);
      this.#remove(from, name);
    }
    return to === undefined ? [from] : [from, to];
  }

  #renameChannel(from: string, to: string): readonly string[] {
    const [old, folded] = [casefold(from), casefold(to)];
    const channel = this.#channels.get(old);
    // The log says otherwise only after a loss: a name that is given to a channel has no members.
    const others = old === folded ? [] : [...this.#channels.get(folded)?.members ?? []];
    for (const nick of others) this.#remove(nick, to);
    if (channel === undefined) return others;
    this.#channels.delete(old);
    channel.folded = folded;
    channel.name = to;
    this.#channels.set(folded, channel);
    return others;
  }
}
