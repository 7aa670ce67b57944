/** The state that the log makes: users, their sessions, channels. A view: apply/ alone holds the mutable side, and changes it. */
import type { OwnerId } from "../identifiers.ts";
import type { ReadonlyNameMap } from "../name_map.ts";
import type { Channel, Session, User } from "./entities.ts";

export interface ReadonlyState {
  readonly sessions: ReadonlyMap<number, Session>;
  /** How many of them have not registered yet. */
  readonly unregisteredCount: number;
  /** By folded nick. */
  readonly users: ReadonlyNameMap<User>;
  /** By folded name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Users with a claim key and without an account, by the key's owner. */
  readonly usersByClaimKey: ReadonlyMap<OwnerId, readonly User[]>;
  /** Observers that follow the direct conversations of an owner, by the owner of their claim key. */
  readonly observersByOwner: ReadonlyMap<OwnerId, ReadonlySet<Session>>;
  /** Observers that follow a channel by its name, by folded name. */
  readonly observersByChannel: ReadonlyMap<string, ReadonlySet<Session>>;
  /** Observers that follow every channel. */
  readonly observersOfEverything: ReadonlySet<Session>;
  /** Users whose last connection has broken and who may come back. */
  readonly usersInGracePeriod: ReadonlySet<User>;
  /** Users who have said that they are bots (+B). */
  readonly bots: ReadonlySet<User>;
  /** Users who are shown only to those who share a channel with them (+i). */
  readonly invisible: ReadonlySet<User>;
  /** Users who run the server. */
  readonly serverOperators: ReadonlySet<User>;
  /** Highest number of users at one time since the start. */
  readonly maxUsers: number;

  channel(name: string): Channel | undefined;
  user(nick: string): User | undefined;
  /** The user behind `source`, as long as it still has that name. */
  userBySource(source: string): User | undefined;
}
