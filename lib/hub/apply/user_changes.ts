/**
 * Applies events to a user, one function per kind: sessions attach and detach, the user logs in, changes nick, is
 * away, quits. Called by apply.ts alone.
 */
import { assert } from "../../base/assert.ts";
import { CAP } from "../../irc/capabilities.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { RPL_LOGGEDIN, RPL_LOGGEDOUT } from "../../irc/numerics.ts";
import type { Account, Session, User } from "../model/state/entities.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { isServerOperatorAccount } from "../policy/server_bans.ts";
import { OBSERVER_NAME } from "../model/config.ts";
import { isTemporaryOwner, nickOf } from "../model/identifiers.ts";
import type { EventOf } from "../model/state/event.ts";
import type { OwnerId, RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { disclosedRead } from "../fanout/history/read_marker_updates.ts";
import { removeMember } from "./channel_membership.ts";
import { deleteUser, endGracePeriod, indexClaimKey, setAccount } from "./user_index.ts";
import { sendMetadataToWatchers } from "../fanout/metadata_replies.ts";
import { removeObserver, setFollowedOwner } from "./observer_follow.ts";
import { updateObserver } from "./observer_access.ts";
import { rememberOperator } from "./channel_operators.ts";
import { clearUserModes, setServerOperator, updateMute } from "./user_modes.ts";
import { OPERATOR } from "../model/channel_modes.ts";
import { MutableUser } from "../model/state/mutable_entities.ts";
import {
  fanOutToChannels,
  fanOutToPeersAndWatchers,
  notifyOffline,
  notifyOnline,
  sendEventToUser,
  sendFrom,
} from "../fanout/fan_out.ts";
import { writable } from "./writable.ts";

export function applyAttach(context: HubContext, services: Services, event: EventOf<"attach">): void {
  const { nick, username, realname } = event;
  const session = writable(event.session);
  const state = writable(context.state);
  const { phase } = session;
  assert(phase.kind === "registering", "a session is registered once");
  const { account, owner } = phase;
  session.liveFromSeq = context.log.nextSeq;
  state.unregisteredCount--;
  assert(state.unregisteredCount >= 0, "the number of unregistered sessions is not negative");
  if (session.caps.has(CAP.observer)) {
    session.phase = { kind: "observer", nick, username, owner, account };
    context.report({ kind: "came", nick: OBSERVER_NAME, host: session.host, sessions: 1 });
    return;
  }
  let user = context.state.user(nick);
  const isNew = user === undefined;
  if (user === undefined) {
    const kept = owner === "" ? services.accounts.createTemporaryOwner(context.log.nextSeq) : owner;
    const { host, displayHost, isSecure } = session;
    const made = new MutableUser(nick, username, displayHost, realname, kept, context.now, isSecure, host);
    made.idleSince = context.monotonic;
    user = made;
    state.users.set(user.folded, user);
    if (account === undefined) indexClaimKey(context, user, true);
    state.maxUsers = Math.max(state.maxUsers, state.users.size);
    notifyOnline(context, services, user);
  }
  if (account !== undefined && user.account !== account) {
    const before = user.account?.name ?? "";
    if (!isNew) indexClaimKey(context, user, false);
    setAccount(user, account);
    // The other sessions joined this user by the same claim key, and are logged in together with this one.
    sendLoginReply(context, user.sessions, user.source, account);
    setServerOperator(context, user, isServerOperatorAccount(services, account));
    if (!isNew) fanOutAccount(context, services, user, before);
  }
  session.phase = { kind: "registered", user };
  writable(user).sessions = [...user.sessions, session];
  updateMute(context, services, user);
  endGracePeriod(state, user);
  writable(user).pendingQuit = undefined;
  context.report({ kind: "came", nick, host: session.host, sessions: user.sessions.length });
  for (const channel of user.channels.keys()) enterAudience(services, session, channel);
  if (isNew) context.runInSteps(sendMetadataToWatchers(context, services, user)); // the account, and with it the user's metadata, is known from here on
}

export function applyDetach(context: HubContext, services: Services, session: Session): void {
  for (const channel of [...session.channels.keys()]) leaveAudience(services, session, channel);
  removeObserver(writable(context.state), session);
  const user = session.user;
  if (user === undefined) return;
  services.monitors.clear(session);
  assert(user.sessions.includes(session), "a session is one of its user's");
  writable(user).sessions = user.sessions.filter((each) => each !== session);
  if (user.sessions.length > 0) return;
  services.replayPositions.noteLeft(user, session, [...user.channels.keys()]);
}

/**
 * Starts the grace period: the user has no connection left, and quits when it ends unless a session resumes
 * (timers.ts).
 */
export function applyLeaving(context: HubContext, { user, at, reason }: EventOf<"leaving">): void {
  assert(user.sessions.length === 0, "a user with a pending quit has no session");
  writable(user).pendingQuit = { at, reason };
  writable(context.state).usersInGracePeriod.add(user);
}

export function applyQuit(
  context: HubContext,
  services: Services,
  event: EventOf<"quit">,
  place: RecordPlace,
): void {
  const user = context.state.userBySource(event.source);
  if (user === undefined) return;
  const state = writable(context.state);
  const { announcedChannels } = user;
  services.whowas.addPastName(user, context.now);
  for (const session of [...user.sessions]) applyDetach(context, services, session);
  endGracePeriod(state, user);
  const isIndexed = state.serverOperators.delete(user);
  assert(isIndexed === user.isServerOperator, "a server operator is indexed");
  clearUserModes(context, user);
  indexClaimKey(context, user, false);
  setAccount(user, undefined);
  fanOutToChannels(context, services, announcedChannels, event, place); // before empty channels are deleted, and with them their audience of observers
  for (const channel of [...user.channels.keys()]) removeMember(context, services, user, channel);
  deleteUser(state, user);
  notifyOffline(context, services, user.folded, user.nick);
  endOwnerIfUnread(context, services, user.owner);
}

export function applyNick(
  context: HubContext,
  services: Services,
  event: EventOf<"nick">,
  place: RecordPlace,
): void {
  const user = context.state.userBySource(event.source);
  if (user === undefined) return;
  const { nick: before, folded } = user;
  if (casefold(event.nick) !== folded) services.whowas.addPastName(user, context.now);
  const state = writable(context.state);
  deleteUser(state, user);
  writable(user).rename(event.nick);
  assert(!state.users.has(user.folded), "a nick has one user");
  state.users.set(user.folded, user);
  context.report({ kind: "renamed", nick: nickOf(event.source), to: event.nick });
  const { announcedChannels } = user;
  for (const channel of announcedChannels) writable(channel).clearNamesReplies();
  updateMute(context, services, user);
  fanOutToChannels(context, services, announcedChannels, event, place);
  if (announcedChannels.length === 0) sendEventToUser(context, user, event, place);
  if (user.folded === folded) return;
  notifyOffline(context, services, folded, before);
  notifyOnline(context, services, user);
  context.runInSteps(sendMetadataToWatchers(context, services, user));
}

/** Logs in the user, and so all its sessions; before there is a user, the session alone. */
export function applyLogin(
  context: HubContext,
  services: Services,
  { session, account, why }: EventOf<"login">,
): void {
  const { phase } = writable(session);
  if (phase.kind !== "registered") {
    phase.account = account;
    phase.owner = account?.owner ?? "";
    setFollowedOwner(writable(context.state), session, phase.owner);
    const source = `${phase.nick ?? "*"}!${phase.username ?? "*"}@${session.displayHost}`;
    sendLoginReply(context, [session], source, account, why);
    return updateObserver(context, services, session);
  }
  const { user } = phase;
  // All sessions of a user are logged in to the same account. After a logout, each session gets its 901 when it is
  // disconnected.
  if (account === undefined || user.account === account) {
    sendLoginReply(context, [session], user.source, account, why);
  } else sendLoginReply(context, user.sessions, user.source, account);
  if (user.account === account) return;
  const before = user.account?.name ?? "";
  indexClaimKey(context, user, false);
  setAccount(user, account);
  setServerOperator(context, user, isServerOperatorAccount(services, account));
  updateMute(context, services, user);
  for (const [channel, bits] of account === undefined ? [] : user.channels) {
    if (bits & OPERATOR) {
      rememberOperator(context, services, channel.conversation, account!, true, {
        seq: 0,
        time: context.now,
      });
    }
  }
  if (account !== undefined && user.owner !== account.owner) {
    const ended = user.owner;
    writable(user).owner = account.owner;
    for (const each of user.sessions) writable(each).liveFromSeq = context.log.nextSeq; // earlier messages to the account were sent to other sessions
    endOwnerIfUnread(context, services, ended);
  }
  if (account === undefined) indexClaimKey(context, user, true);
  fanOutAccount(context, services, user, before);
}

/**
 * Sends 900 or 901 to `sessions`, before the consequences (381, ACCOUNT, MODE): a client could not make sense of
 * those otherwise.
 */
function sendLoginReply(
  context: HubContext,
  sessions: readonly Session[],
  source: string,
  account: Account | undefined,
  why = "",
): void {
  const words = why === "" ? "You are now logged out" : `You are now logged out: ${why}`;
  for (const session of sessions) {
    if (account === undefined) context.numeric(session, RPL_LOGGEDOUT, source, words);
    else context.numeric(session, RPL_LOGGEDIN, ...loggedInParams(source, account));
  }
}

/** https://ircv3.net/specs/extensions/account-notify; `before` is the previous account name, "" for none. */
function fanOutAccount(context: HubContext, services: Services, user: User, before: string): void {
  const line = `:${user.source} ACCOUNT ${user.account?.name ?? "*"}`;
  // As in the example in account-tag: the tag names the previous account.
  fanOutToPeersAndWatchers(context, services, user, CAP.accountNotify, line, before);
  for (const each of user.sessions) {
    if (each.caps.has(CAP.accountNotify)) sendFrom(context, each, user, line, before);
  }
}

export function applyAway(context: HubContext, services: Services, event: EventOf<"away">): void {
  writable(event.user).away = event.message;
  const line = `:${event.user.source} AWAY` + (event.message === "" ? "" : ` :${event.message}`);
  fanOutToPeersAndWatchers(context, services, event.user, CAP.awayNotify, line);
}

/**
 * https://ircv3.net/specs/extensions/setname: sent to every session that shares a channel, and to the user's own.
 */
export function applySetname(
  context: HubContext,
  services: Services,
  { user, realname }: EventOf<"setname">,
): void {
  writable(user).realname = realname;
  const line = `:${user.source} SETNAME :${realname}`;
  fanOutToPeersAndWatchers(context, services, user, CAP.setname, line);
  for (const session of user.sessions) {
    if (session.caps.has(CAP.setname)) sendFrom(context, session, user, line);
  }
}

/** Ends pending read receipts of an owner that cannot return to read. */
function endOwnerIfUnread(context: HubContext, services: Services, owner: OwnerId): void {
  if (services.receipts.isReadAwaited(owner) && disclosedRead(context, services, owner, "") === undefined) {
    services.receipts.endOwner(owner);
  }
  if (isTemporaryOwner(owner) && services.accounts.byOwner(owner) === undefined) {
    services.history.forgetOwner(owner);
  }
  services.archiveOrders.noteUserGone(
    owner,
    () => context.state.users.values().some((user) => user.owner === owner),
  );
}

/** Parameters of RPL_LOGGEDIN. */
function loggedInParams(source: string, { name }: Account): string[] {
  return [source, name, `You are now logged in as ${name}`];
}
