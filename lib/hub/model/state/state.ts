/**
 * The state that results from the events: users, sessions, channels. A view: only apply/ holds the mutable side and
 * changes it.
 */
import type { OwnerId } from "../identifiers.ts";
import type { ReadonlyNameMap } from "../name_map.ts";
import type { Channel, Session, User } from "./entities.ts";

export interface ReadonlyState {
  readonly sessions: ReadonlyMap<number, Session>;
  /** Number of sessions that have not registered yet. */
  readonly unregisteredCount: number;
  /** By folded nick. */
  readonly users: ReadonlyNameMap<User>;
  /** By folded name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Users with a claim key and without an account, by owner id. */
  readonly usersByClaimKey: ReadonlyMap<OwnerId, readonly User[]>;
  /** Observers that follow direct conversations, by the owner id of their claim key. */
  readonly observersByOwner: ReadonlyMap<OwnerId, ReadonlySet<Session>>;
  /** Observers that follow a channel, by its folded name. */
  readonly observersByChannel: ReadonlyMap<string, ReadonlySet<Session>>;
  /** Observers that follow every channel. */
  readonly observersOfEverything: ReadonlySet<Session>;
  /** Users in their grace period: the last connection was lost, and they may come back. */
  readonly usersInGracePeriod: ReadonlySet<User>;
  /** Number of grace periods that have ended, with or without a return. */
  readonly endedGracePeriods: number;
  /** Users with user mode +B (bots). */
  readonly bots: ReadonlySet<User>;
  /** Users with user mode +i, listed only to users that share a channel with them. */
  readonly invisible: ReadonlySet<User>;
  /** Users that are server operators. */
  readonly serverOperators: ReadonlySet<User>;
  /** Highest number of users at one time since the server started. */
  readonly maxUsers: number;

  channel(name: string): Channel | undefined;
  user(nick: string): User | undefined;
  /** User with this source, if the user still has that nick. */
  userBySource(source: string): User | undefined;
}
