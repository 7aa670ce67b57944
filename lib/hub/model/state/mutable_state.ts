/** Mutable side of {@link ReadonlyState}. Only apply/ changes it; the lint lets no other folder import this file. */
import { CHANNELLEN } from "../../../irc/limits.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { OwnerId } from "../identifiers.ts";
import { NameMap } from "../name_map.ts";
import type { Channel, Session, User } from "./entities.ts";
import type { ReadonlyState } from "./state.ts";

/**
 * Longest text, in UTF-16 units, that is looked up as a name: no spelling of a name is longer, and casefolding
 * takes time.
 */
const LONGEST_NAME = 2 * CHANNELLEN;

export class MutableState implements ReadonlyState {
  readonly sessions = new Map<number, Session>();
  unregisteredCount = 0;
  readonly users = new NameMap<User>(({ nick }) => nick);
  readonly channels = new Map<string, Channel>();
  readonly usersByClaimKey = new Map<OwnerId, readonly User[]>();
  readonly observersByOwner = new Map<OwnerId, Set<Session>>();
  readonly observersByChannel = new Map<string, Set<Session>>();
  readonly observersOfEverything = new Set<Session>();
  readonly usersInGracePeriod = new Set<User>();
  endedGracePeriods = 0;
  readonly bots = new Set<User>();
  readonly invisible = new Set<User>();
  readonly serverOperators = new Set<User>();
  maxUsers = 0;

  channel(name: string): Channel | undefined {
    return this.channels.get(name) ??
      (name.length > LONGEST_NAME ? undefined : this.channels.get(casefold(name)));
  }

  user(nick: string): User | undefined {
    return this.users.get(nick) ?? (nick.length > LONGEST_NAME ? undefined : this.users.get(casefold(nick)));
  }

  userBySource(source: string): User | undefined {
    const bang = source.indexOf("!");
    const user = this.user(bang < 0 ? source : source.slice(0, bang));
    return user?.source === source ? user : undefined;
  }
}
