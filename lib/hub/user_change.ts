/**
 * What an event does to a user, a function for each kind: its sessions come and go, it logs in, takes another name, is away,
 * quits. Called by apply.ts alone.
 */
import { CAP } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import { RPL_LOGGEDIN, RPL_LOGGEDOUT } from "../irc/numerics.ts";
import { loggedInWords } from "./accounts.ts";
import type { Account } from "./accounts.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { isOperator } from "./bans.ts";
import { OBSERVER } from "./config.ts";
import { isPassing, nickOf } from "./event.ts";
import type { EventOf, OwnerId, Place } from "./event.ts";
import type { Hub } from "./hub.ts";
import { toldRead } from "./markers.ts";
import { leaveRoom } from "./membership.ts";
import { syncWatchers } from "./metadata_lines.ts";
import { endFollowing, followAs } from "./observer_follow.ts";
import { judgeObserver } from "./room_access.ts";
import { keepOperator } from "./room_settings.ts";
import { dropUserModes, judgeUser, setOper } from "./standing.ts";
import { OPERATOR, User } from "./state.ts";
import type { Session } from "./state.ts";
import { tellOf, tellPeersAndWatchers, toRooms, toUser } from "./tell.ts";

export function attach(hub: Hub, event: EventOf<"attach">): void {
  const { session, nick } = event;
  session.registered = true;
  session.sinceSeq = hub.ring.nextSeq;
  hub.state.newcomers--;
  session.nick = nick;
  if (session.caps & CAP.observer) {
    hub.notices.push({ kind: "came", nick: OBSERVER, host: session.host, sessions: 1 });
    return;
  }
  let user = hub.state.user(nick);
  const isNew = user === undefined;
  if (user === undefined) {
    const owner = session.owner === "" ? hub.passingOwner() : session.owner;
    const { host, displayHost, secure } = session;
    user = new User(nick, event.username, displayHost, event.realname, owner, hub.now, secure, host);
    user.idleSince = hub.monotonic;
    hub.state.users.set(user.folded, user);
    if (session.account === undefined) holdKey(hub, user, true);
    hub.state.maxUsers = Math.max(hub.state.maxUsers, hub.state.users.size);
    hub.monitors.came(hub, user.folded, user.source);
  }
  if (session.account !== undefined && user.account !== session.account) {
    const before = user.account?.name ?? "";
    holdKey(hub, user, false);
    setAccount(user, session.account);
    // The others came by the same claim key, and are logged in with this one.
    sayLogin(hub, user.sessions, user.source, session.account);
    setOper(hub, user, isOperator(hub, session.account));
    if (!isNew) sayAccount(hub, user, before);
  }
  session.user = user;
  user.sessions = [...user.sessions, session];
  judgeUser(hub, user);
  user.leaving = undefined;
  hub.state.leaving.delete(user);
  hub.notices.push({ kind: "came", nick, host: session.host, sessions: user.sessions.length });
  for (const room of user.rooms.keys()) enterAudience(hub, session, room);
  if (isNew) hub.later(syncWatchers(hub, user)); // by now its account is known, and with it what it has set
}

export function detach(hub: Hub, session: Session): void {
  for (const room of [...session.rooms.keys()]) leaveAudience(hub, session, room);
  endFollowing(hub.state, session);
  const user = session.user;
  if (user === undefined) return;
  hub.monitors.clear(session);
  user.sessions = user.sessions.filter((each) => each !== session);
  if (user.sessions.length > 0) return;
  hub.shown.left(hub, user, session, [...user.rooms.keys()]);
}

/** The user has no connection any more, and quits later unless it comes back (timers.ts). */
export function leaving(hub: Hub, { user, at, reason }: EventOf<"leaving">): void {
  user.leaving = { at, reason };
  hub.state.leaving.add(user);
}

export function quit(hub: Hub, event: EventOf<"quit">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  const { seenIn } = user;
  hub.whowas.note(user, hub.now);
  for (const session of [...user.sessions]) detach(hub, session);
  hub.state.leaving.delete(user);
  hub.state.opers.delete(user);
  dropUserModes(hub, user);
  holdKey(hub, user, false);
  setAccount(user, undefined);
  toRooms(hub, seenIn, event, place); // before rooms without members go, and with them the observers that hear them
  for (const room of [...user.rooms.keys()]) leaveRoom(hub, user, room);
  hub.state.users.delete(user.folded);
  hub.monitors.left(hub, user.folded, user.nick);
  endOwner(hub, user.owner);
}

export function nick(hub: Hub, event: EventOf<"nick">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  const { nick: before, folded } = user;
  if (casefold(event.nick) !== folded) hub.whowas.note(user, hub.now);
  hub.state.users.delete(folded);
  user.rename(event.nick);
  hub.state.users.set(user.folded, user);
  hub.notices.push({ kind: "renamed", nick: nickOf(event.source), to: event.nick });
  const { seenIn } = user;
  for (const room of seenIn) room.changed();
  judgeUser(hub, user);
  toRooms(hub, seenIn, event, place);
  if (seenIn.length === 0) toUser(hub, user, event, place);
  if (user.folded === folded) return;
  hub.monitors.left(hub, folded, before);
  hub.monitors.came(hub, user.folded, user.source);
  hub.later(syncWatchers(hub, user));
}

/** The account is the user's, and with it of all its sessions; before there is a user, the session's. */
export function login(hub: Hub, { session, account, why }: EventOf<"login">): void {
  const { user } = session;
  if (user === undefined) {
    session.account = account;
    session.owner = account?.owner ?? "";
    followAs(hub.state, session, session.owner);
    sayLogin(hub, [session], sourceOf(session), account, why);
    return judgeObserver(hub, session);
  }
  // What one session of a user is logged in to, all are; of being logged out each is told when it is let go.
  if (account === undefined || user.account === account) sayLogin(hub, [session], user.source, account, why);
  else sayLogin(hub, user.sessions, user.source, account);
  if (user.account === account) return;
  const before = user.account?.name ?? "";
  holdKey(hub, user, false);
  setAccount(user, account);
  setOper(hub, user, isOperator(hub, account));
  judgeUser(hub, user);
  for (const [room, bits] of account === undefined ? [] : user.rooms) {
    if (bits & OPERATOR) keepOperator(hub, room.target, account!, true, { seq: 0, time: hub.now });
  }
  if (account !== undefined && user.owner !== account.owner) {
    const ended = user.owner;
    user.owner = account.owner;
    for (const each of user.sessions) each.sinceSeq = hub.ring.nextSeq; // what was said to the account before went to others
    endOwner(hub, ended);
  }
  if (account === undefined) holdKey(hub, user, true);
  sayAccount(hub, user, before);
}

/** 900 or 901 to `sessions`: before they hear of what follows from it (381, ACCOUNT, MODE), which they could not place otherwise. */
function sayLogin(
  hub: Hub,
  sessions: readonly Session[],
  source: string,
  account: Account | undefined,
  why = "",
): void {
  const words = why === "" ? "You are now logged out" : `You are now logged out: ${why}`;
  for (const session of sessions) {
    if (account === undefined) hub.numeric(session, RPL_LOGGEDOUT, `${source} :${words}`);
    else hub.numeric(session, RPL_LOGGEDIN, loggedInWords(source, account));
  }
}

/** https://ircv3.net/specs/extensions/account-notify; `before` is the name of the account until now, "" for none. */
function sayAccount(hub: Hub, user: User, before: string): void {
  const line = `:${user.source} ACCOUNT ${user.account?.name ?? "*"}`;
  // As account-tag has it in its example, the tag tells whose it was until now.
  tellPeersAndWatchers(hub, user, CAP.accountNotify, line, before);
  for (const each of user.sessions) if (each.caps & CAP.accountNotify) tellOf(hub, each, user, line, before);
}

/** What `session`, which has no user, is called in the words of a login. */
function sourceOf({ nick, username, displayHost }: Session): string {
  return `${nick}!${username || "*"}@${displayHost}`;
}

export function away(hub: Hub, event: EventOf<"away">): void {
  event.user.away = event.message;
  const line = `:${event.user.source} AWAY` + (event.message === "" ? "" : ` :${event.message}`);
  tellPeersAndWatchers(hub, event.user, CAP.awayNotify, line);
}

/** https://ircv3.net/specs/extensions/setname: to all who share a room, and to who has changed it. */
export function setname(hub: Hub, { user, realname }: EventOf<"setname">): void {
  user.realname = realname;
  const line = `:${user.source} SETNAME :${realname}`;
  tellPeersAndWatchers(hub, user, CAP.setname, line);
  for (const session of user.sessions) if (session.caps & CAP.setname) tellOf(hub, session, user, line);
}

/** Nobody waits for somebody to read who will not come back. */
function endOwner(hub: Hub, owner: OwnerId): void {
  if (hub.receipts.awaitsReadingOf(owner) && toldRead(hub, owner, "") === undefined) {
    hub.receipts.ended(hub, owner);
  }
  if (isPassing(owner) && hub.accounts.of(owner) === undefined) hub.archive.forgetOwner(owner);
}

/** Notes that `user` holds its claim key, or no longer; without a key there is nothing to note. */
function holdKey({ state: { keyHolders } }: Hub, user: User, holds: boolean): void {
  if (user.owner.startsWith("~")) return;
  const others = (keyHolders.get(user.owner) ?? []).filter((each) => each !== user);
  if (holds) keyHolders.set(user.owner, [...others, user]);
  else if (others.length > 0) keyHolders.set(user.owner, others);
  else keyHolders.delete(user.owner);
}

function setAccount(user: User, account: Account | undefined): void {
  const { account: before } = user;
  if (before !== undefined) before.users = before.users.filter((each) => each !== user);
  user.account = account;
  user.verdicts = undefined;
  if (account !== undefined) account.users = [...account.users, user];
}
