/** The state that the log makes: users, their sessions, channels. Plain data; only `apply` changes it. */
import { casefold } from "../../../irc/names/casemap.ts";
import { CHANNELLEN } from "../../../irc/limits.ts";
import type { OwnerId } from "../identifiers.ts";
import { NameMap } from "../name_map.ts";
import type { Channel, Session, User } from "./entities.ts";

/** Longest text, in UTF-16 units, that is looked up as a name: no way of writing one is longer, and folding takes time. */
const LONGEST_NAME = 2 * CHANNELLEN;

export class State {
  readonly sessions = new Map<number, Session>();
  /** How many of them have not registered yet. */
  unregisteredCount = 0;
  /** By folded nick. */
  readonly users = new NameMap<User>(({ nick }) => nick);
  /** By folded name. */
  readonly channels = new Map<string, Channel>();
  /** Users with a claim key and without an account, by the key's owner. */
  readonly usersByClaimKey = new Map<OwnerId, readonly User[]>();
  /** Observers that follow somebody's talk, by the owner of their claim key. */
  readonly observersByOwner = new Map<OwnerId, Set<Session>>();
  /** Observers that follow a channel by its name, by folded name. */
  readonly observersByChannel = new Map<string, Set<Session>>();
  /** Observers that follow every channel. */
  readonly observersOfEverything = new Set<Session>();
  /** Users whose last connection has broken, and who may come back. */
  readonly usersInGracePeriod = new Set<User>();
  /** Users who have said that they are bots (+B). */
  readonly bots = new Set<User>();
  /** Users who don't want to be found by who shares no channel with them (+i). */
  readonly invisible = new Set<User>();
  /** Users who run the server. */
  readonly serverOperators = new Set<User>();
  /** Highest number of users at one time since the start. */
  maxUsers = 0;

  channel(name: string): Channel | undefined {
    return this.channels.get(name) ??
      (name.length > LONGEST_NAME ? undefined : this.channels.get(casefold(name)));
  }

  user(nick: string): User | undefined {
    return this.users.get(nick) ?? (nick.length > LONGEST_NAME ? undefined : this.users.get(casefold(nick)));
  }

  /** The user behind `source`, as long as it still has that name. */
  userBySource(source: string): User | undefined {
    const bang = source.indexOf("!");
    const user = this.user(bang < 0 ? source : source.slice(0, bang));
    return user?.source === source ? user : undefined;
  }
}
