/**
 * Restores users and sessions that an earlier hub had, as they were. Others are told nothing: to them the users have
 * been there all the time. Called by handover/ alone.
 */
import { assert } from "../../base/assert.ts";
import { CAP } from "../../irc/capabilities.ts";
import type { CapSet } from "../../irc/cap_set.ts";
import { RPL_LOGGEDOUT } from "../../irc/numerics.ts";
import type { HubContext, Services } from "../context.ts";
import { fanOutToPeersAndWatchers } from "../fanout/fan_out.ts";
import { GRACE_PERIOD_MS } from "../model/config.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { Account, Channel, Session, User } from "../model/state/entities.ts";
import { MutableSession, MutableUser } from "../model/state/mutable_entities.ts";
import { SELF_SET_MODES } from "../model/state/user_mode_letters.ts";
import { isServerOperatorAccount } from "../policy/server_bans.ts";
import { enterAudience } from "./audience.ts";
import { getOrCreateChannel, removeMember } from "./channel_membership.ts";
import { addChannelObserver } from "./observer_follow.ts";
import { updateObserver } from "./observer_access.ts";
import { deleteUser, endGracePeriod, indexClaimKey, setAccount } from "./user_index.ts";
import { updateMute } from "./user_modes.ts";
import { writable } from "./writable.ts";

/** A user to restore; times are in milliseconds since the epoch. */
export interface UserToRestore {
  readonly nick: string;
  readonly username: string;
  readonly host: string;
  readonly realHost: string;
  readonly realname: string;
  readonly owner: OwnerId;
  readonly account: Account | undefined;
  readonly signonAt: number;
  readonly isSecure: boolean;
  readonly away: string;
  /** Letters of modes that it has set for itself. */
  readonly modes: string;
  /** Whether it is a server operator without being logged in to such an account. */
  readonly isOperatorByPassword: boolean;
  readonly idleSince: number;
  readonly rooms: Iterable<{ readonly name: string; readonly bits: number }>;
}

/** A session to restore. */
export interface SessionToRestore {
  readonly id: number;
  readonly host: string;
  readonly displayHost: string;
  readonly endpoint: string;
  readonly isSecure: boolean;
  readonly openedAt: number;
  readonly caps: CapSet;
  readonly capVersion: number;
  readonly liveFromSeq: number;
}

export interface ObserverToRestore {
  readonly nick: string;
  readonly username: string;
  readonly owner: OwnerId;
  readonly account: Account | undefined;
  readonly follows:
    | {
      readonly nicks: readonly string[];
      readonly channels: readonly string[];
      readonly everything: boolean;
    }
    | undefined;
}

/** A user without a session, in its grace period until a session is added. */
export function restoreUser(context: HubContext, services: Services, wanted: UserToRestore): User {
  const { nick, username, host, realname, owner, signonAt, isSecure, realHost, account } = wanted;
  const state = writable(context.state);
  const user = new MutableUser(nick, username, host, realname, owner, signonAt, isSecure, realHost);
  assert(!state.users.has(user.folded), "a nick has one user");
  user.away = wanted.away;
  user.idleSince = wanted.idleSince - context.clockOffsetMs;
  state.users.set(user.folded, user);
  state.maxUsers = Math.max(state.maxUsers, state.users.size);
  if (account === undefined) indexClaimKey(context, user, true);
  else setAccount(user, account);
  for (const letter of wanted.modes) state[SELF_SET_MODES[letter]!].add(user);
  user.isServerOperator = isServerOperatorAccount(services, account) || wanted.isOperatorByPassword;
  if (user.isServerOperator) state.serverOperators.add(user);
  for (const { name, bits } of wanted.rooms) {
    const channel = getOrCreateChannel(context, services, name, user.host);
    writable(channel).setMember(user, bits);
  }
  user.pendingQuit = { at: context.monotonic + GRACE_PERIOD_MS, reason: "Connection lost" };
  state.usersInGracePeriod.add(user);
  return user;
}

/** Removes a user without a session of which others are not told, to restore it anew. */
export function removeUnpresentedUser(context: HubContext, services: Services, user: User): void {
  assert(user.sessions.length === 0, "a user that no front has presented has no session");
  const state = writable(context.state);
  endGracePeriod(state, user);
  state.serverOperators.delete(user);
  writable(user).isServerOperator = false;
  indexClaimKey(context, user, false);
  setAccount(user, undefined);
  for (const channel of [...user.channels.keys()]) removeMember(context, services, user, channel);
  deleteUser(state, user);
}

/** Adds a session to `user`. */
export function restoreUserSession(
  context: HubContext,
  services: Services,
  user: User,
  wanted: SessionToRestore,
): Session {
  const session = addSession(context, wanted);
  session.phase = { kind: "registered", user };
  writable(user).sessions = [...user.sessions, session];
  if (user.pendingQuit !== undefined) endGracePeriod(writable(context.state), user);
  writable(user).pendingQuit = undefined;
  for (const channel of user.channels.keys()) enterAudience(services, session, channel);
  updateMute(context, services, user);
  return session;
}

export function restoreObserver(
  context: HubContext,
  services: Services,
  wanted: SessionToRestore,
  { nick, username, owner, account, follows }: ObserverToRestore,
): Session {
  const session = addSession(context, wanted);
  session.phase = { kind: "observer", nick, username, owner, account };
  if (follows === undefined) return session;
  const state = writable(context.state);
  const { nicks, everything } = follows;
  session.followed = { owner, nicks: new Set(nicks), channels: new Set(), followsAll: everything };
  for (const folded of follows.channels) addChannelObserver(state, session, session.followed, folded);
  if (everything) state.observersOfEverything.add(session);
  if (owner !== "") {
    state.observersByOwner.set(owner, (state.observersByOwner.get(owner) ?? new Set()).add(session));
  }
  updateObserver(context, services, session);
  return session;
}

/** The user was invited to `channel`, after the record `seq`. */
export function restoreInvite(user: User, channel: Channel, seq: number): void {
  (writable(user).invites ??= new Map()).set(channel, seq);
}

/** Tells the user and its peers that the account `name` has ended meanwhile. */
export function announceEndedAccount(
  context: HubContext,
  services: Services,
  user: User,
  name: string,
): void {
  for (const session of user.sessions) {
    context.numeric(session, RPL_LOGGEDOUT, user.source, "You are now logged out: the account has ended");
  }
  const line = `:${user.source} ACCOUNT *`;
  fanOutToPeersAndWatchers(context, services, user, CAP.accountNotify, line, name);
  for (const session of user.sessions) {
    if (session.caps.has(CAP.accountNotify)) context.send(session, line);
  }
}

function addSession(context: HubContext, wanted: SessionToRestore): MutableSession {
  const { id, host, isSecure, openedAt, endpoint, displayHost } = wanted;
  const state = writable(context.state);
  assert(!state.sessions.has(id), "a session has an id of its own");
  const session = new MutableSession(
    id,
    host,
    isSecure,
    openedAt - context.clockOffsetMs,
    endpoint,
    displayHost,
  );
  session.caps = wanted.caps;
  session.capVersion = wanted.capVersion;
  session.liveFromSeq = wanted.liveFromSeq;
  session.connection.lastHeardAt = context.monotonic;
  session.connection.lastHeardSeq = context.log.nextSeq;
  state.sessions.set(id, session);
  return session;
}
