/**
 * What an event does to a user, a function for each kind: its sessions come and go, it logs in, takes another name, is away,
 * quits. Called by apply.ts alone.
 */
import { assert } from "../../base/assert.ts";
import { CAP } from "../../irc/capabilities.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { RPL_LOGGEDIN, RPL_LOGGEDOUT } from "../../irc/numerics.ts";
import type { Account, Session } from "../model/state/entities.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { isServerOperatorAccount } from "../policy/server_bans.ts";
import { OBSERVER_NAME } from "../model/config.ts";
import { isTemporaryOwner, nickOf } from "../model/identifiers.ts";
import type { EventOf } from "../model/state/event.ts";
import type { OwnerId, RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { disclosedRead } from "../fanout/history/read_marker_updates.ts";
import { removeMember } from "./channel_membership.ts";
import { sendMetadataToWatchers } from "../fanout/metadata_replies.ts";
import { removeObserver, setFollowedOwner } from "./observer_follow.ts";
import { updateObserver } from "./observer_access.ts";
import { rememberOperator } from "./channel_operators.ts";
import { clearUserModes, setServerOperator, updateMute } from "./user_modes.ts";
import { OPERATOR } from "../model/channel_modes.ts";
import type { User } from "../model/state/entities.ts";
import { MutableUser } from "../model/state/mutable_entities.ts";
import type { MutableState } from "../model/state/mutable_state.ts";
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
    const kept = owner === "" ? context.createTemporaryOwner() : owner;
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
    // The others came by the same claim key, and are logged in with this one.
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
  if (isNew) context.runInSteps(sendMetadataToWatchers(context, services, user)); // by now its account is known, and with it what it has set
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

/** The user has no connection any more, and quits later unless it comes back (timers.ts). */
export function applyLeaving(context: HubContext, { user, at, reason }: EventOf<"leaving">): void {
  assert(user.sessions.length === 0, "a user whose quit is pending has no session");
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
  fanOutToChannels(context, services, announcedChannels, event, place); // before channels without members go, and with them the observers that hear them
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

/** The account is the user's, and with it of all its sessions; before there is a user, the session's. */
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
  // What one session of a user is logged in to, all are; of being logged out each is told when it is let go.
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
    for (const each of user.sessions) writable(each).liveFromSeq = context.log.nextSeq; // what was said to the account before went to others
    endOwnerIfUnread(context, services, ended);
  }
  if (account === undefined) indexClaimKey(context, user, true);
  fanOutAccount(context, services, user, before);
}

/** 900 or 901 to `sessions`: before they hear of what follows from it (381, ACCOUNT, MODE), which they could not place otherwise. */
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

/** https://ircv3.net/specs/extensions/account-notify; `before` is the name of the account until now, "" for none. */
function fanOutAccount(context: HubContext, services: Services, user: User, before: string): void {
  const line = `:${user.source} ACCOUNT ${user.account?.name ?? "*"}`;
  // As account-tag has it in its example, the tag tells whose it was until now.
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

/** https://ircv3.net/specs/extensions/setname: to all who share a channel, and to who has changed it. */
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

/** Nobody waits for somebody to read who will not come back. */
function endOwnerIfUnread(context: HubContext, services: Services, owner: OwnerId): void {
  if (services.receipts.isReadAwaited(owner) && disclosedRead(context, services, owner, "") === undefined) {
    services.receipts.endOwner(owner);
  }
  if (isTemporaryOwner(owner) && services.accounts.byOwner(owner) === undefined) {
    services.archive.forgetOwner(owner);
  }
}

function endGracePeriod(state: MutableState, user: User): void {
  const isPending = state.usersInGracePeriod.delete(user);
  assert(
    isPending === (user.pendingQuit !== undefined),
    "a user whose quit is pending is in its grace period",
  );
}

function deleteUser(state: MutableState, user: User): void {
  assert(state.users.get(user.folded) === user, "a user is indexed by its nick");
  state.users.delete(user.folded);
}

/** Notes that `user` holds its claim key, or no longer; without a key there is nothing to note. */
function indexClaimKey({ state }: HubContext, user: User, holds: boolean): void {
  const { usersByClaimKey } = writable(state);
  if (user.owner.startsWith("~")) return;
  const holders = usersByClaimKey.get(user.owner) ?? [];
  const others = holders.filter((each) => each !== user);
  assert(
    holders.length - others.length === (!holds && user.account === undefined ? 1 : 0),
    "a user without an account is indexed by its claim key, once",
  );
  if (holds) usersByClaimKey.set(user.owner, [...others, user]);
  else if (others.length > 0) usersByClaimKey.set(user.owner, others);
  else usersByClaimKey.delete(user.owner);
}

function setAccount(user: User, account: Account | undefined): void {
  const { account: before } = user;
  if (before !== undefined) {
    assert(before.users.includes(user), "an account lists its users");
    writable(before).users = before.users.filter((each) => each !== user);
  }
  writable(user).account = account;
  user.banVerdicts = undefined;
  if (account !== undefined) writable(account).users = [...account.users, user];
}

/** Parameters of RPL_LOGGEDIN. */
function loggedInParams(source: string, { name }: Account): string[] {
  return [source, name, `You are now logged in as ${name}`];
}
