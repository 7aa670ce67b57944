/**
 * What an event does: changes the state and tells those who see it. The only place that changes users and rooms, so
 * whatever has an event behind it can be replayed, and a state never differs from its log.
 */
import { unreachable } from "../base/assert.ts";
import { CAP } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import type { Account } from "./accounts.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { decodeEvent, EVENT_MAX_BYTES, roomOfMessage } from "./event_codec.ts";
import { nickOf } from "./event.ts";
import type { MessageEvent, OwnerId, Place, RecordedEvent, TransientEvent } from "./event.ts";
import { LARGE_ROOM_MEMBERS, MAX_INVITES, OBSERVER } from "./config.ts";
import { isOperator } from "./bans.ts";
import type { Hub } from "./hub.ts";
import { toldRead } from "./markers.ts";
import type { PastMembers } from "./past_members.ts";
import { playBack } from "./playback.ts";
import { judgeBan, judgeObservers, mayRead } from "./room_access.ts";
import { changeRoom, replayChange } from "./room_change.ts";
import { changesOf, ROOM_MODES } from "./room_modes.ts";
import { keepRenamed, renameRoom } from "./room_rename.ts";
import { hasKeptOperator, isKeptOperator, keepOperator } from "./room_settings.ts";
import { sayRoom } from "./room_view.ts";
import { dropUserModes, judgeUser, setOper, setUserModes } from "./standing.ts";
import { OPERATOR, Room, UNSEEN, User } from "./state.ts";
import type { Session } from "./state.ts";
import { redacted, statusMessage } from "./tell_some.ts";
import {
  directMessage,
  roomMessage,
  tellOf,
  tellPeers,
  tellPeersAndWatchers,
  toOthers,
  toRoom,
  toRooms,
  toSession,
} from "./tell.ts";

/** What is read again after a start. */
const scratch = new Uint8Array(EVENT_MAX_BYTES);

type Of<K extends string> = Extract<RecordedEvent | TransientEvent, { kind: K }>;

/** Applies one event, recorded at `place` or transient. */
export function apply(hub: Hub, event: RecordedEvent | TransientEvent, place: Place): void {
  switch (event.kind) {
    case "message":
      return message(hub, event, place);
    case "passing":
      return message(hub, event.message, place);
    case "join":
      return join(hub, event, place);
    case "part":
      return part(hub, event, place);
    case "quit":
      return quit(hub, event, place);
    case "nick":
      return nick(hub, event, place);
    case "topic":
      return topic(hub, event, place);
    case "kick":
      return kick(hub, event, place);
    case "mode":
      return mode(hub, event, place);
    case "redact":
      return redacted(hub, event, place, hub.origin);
    case "rename":
      return renamed(hub, event, place);
    case "boot":
      return;
    case "attach":
      return attach(hub, event);
    case "detach":
      return detach(hub, event.session);
    case "leaving":
      event.user.leaving = { at: event.at, reason: event.reason };
      hub.state.leaving.add(event.user);
      return;
    case "login":
      return login(hub, event);
    case "away":
      return away(hub, event);
    case "setname":
      return setname(hub, event);
    case "umode":
      return setUserModes(hub, event.user, event.on, event.off);
    case "oper":
      setOper(hub, event.user, event.oper);
      return judgeUser(hub, event.user);
    case "bans":
      for (const user of hub.state.users.values()) judgeUser(hub, user);
      return;
    case "invite":
      return invite(hub, event);
    case "follow":
      return follow(hub, event);
    default:
      unreachable(event);
  }
}

/**
 * Takes the record at `seq` in again after a start and answers the sequence number to go on at. What it says of targets
 * holds on; sessions have gone with the old server. A record lost to damage is passed over: the recovery has reported it.
 */
export function replay(hub: Hub, seq: number, members: PastMembers): number {
  const record = hub.ring.read(seq, scratch);
  if (record.kind === "empty") return hub.ring.nextSeq;
  if (record.kind === "lapped") return record.next;
  const room = roomOfMessage(record.payload);
  if (room !== undefined) {
    hub.archive.noteMessage(room, record.payload, { seq, time: record.time });
    return seq + 1;
  }
  const event = decodeEvent(record.payload);
  if (event !== undefined) {
    const rooms = members.roomsAt(event, hub.archive);
    hub.archive.note(event, { seq, time: record.time }, hub.archive.targetsOf(event, rooms));
    if (event.kind === "mode") replayChange(hub, event, { seq, time: record.time });
    if (event.kind === "rename") keepRenamed(hub, event, { seq, time: record.time });
  }
  return seq + 1;
}

/** The room called `name`, made when it is not there. */
export function roomCalled(hub: Hub, name: string): Room {
  const known = hub.state.room(name);
  if (known !== undefined) return known;
  const room = new Room(name, hub.now, hub.archive.room(name));
  hub.state.rooms.set(room.folded, room);
  if (hub.state.followersOfAll.size > 0) judgeObservers(hub, room);
  return room;
}

function message(hub: Hub, event: MessageEvent, place: Place): void {
  const origin = hub.origin;
  if (origin?.user !== undefined) origin.user.idleSince = hub.now;
  if (event.room) {
    const toAll = event.target.startsWith("#");
    const name = toAll ? event.target : event.target.slice(1);
    if (origin?.user !== undefined) show(hub, origin.user, hub.state.room(name), place);
    if (!toAll) return statusMessage(hub, event, place, origin);
    roomMessage(hub, event, place, origin);
  } else directMessage(hub, event, place, origin);
}

function join(hub: Hub, event: Of<"join">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  const room = roomCalled(hub, event.room);
  const { settings } = room.target;
  const first = room.members.size === 0 && !room.permanent;
  const operator = first && (!hasKeptOperator(hub, settings) || isKeptOperator(settings, user.account));
  const unseen = room.members.size >= (hub.config.largeRoom ?? LARGE_ROOM_MEMBERS);
  room.setMember(user, operator ? OPERATOR : unseen ? UNSEEN : 0);
  if (operator && user.account !== undefined) keepOperator(hub, room.target, user.account, true, place);
  if (settings?.silences) judgeBan(user, room);
  user.invites?.delete(room);
  for (const session of user.sessions) enterAudience(hub, session, room);
  if (settings?.closed) judgeObservers(hub, room);
  if (unseen) toUser(hub, user, event, place);
  else toRoom(hub, room, event, place);
  if (user.away !== "" && !unseen) {
    tellPeers(hub, user, [room], CAP.awayNotify, `:${user.source} AWAY :${user.away}`);
  }
  for (const session of user.sessions) {
    sayRoom(hub, session, room);
    playBack(hub, session, room);
  }
}

function part(hub: Hub, event: Of<"part">, place: Place): void {
  const room = hub.state.room(event.room);
  const user = hub.state.author(event.source);
  if (user !== undefined && isUnseen(user, room)) toUser(hub, user, event, place);
  else toRoom(hub, room, event, place);
  if (room !== undefined && user !== undefined) leave(hub, user, room);
}

/** The archive keeps the topic. */
function topic(hub: Hub, event: Of<"topic">, place: Place): void {
  const room = hub.state.room(event.room);
  show(hub, hub.state.author(event.source), room, place);
  toRoom(hub, room, event, place);
}

function kick(hub: Hub, event: Of<"kick">, place: Place): void {
  const room = hub.state.room(event.room);
  const user = hub.state.user(event.nick);
  for (const side of [hub.state.author(event.source), user]) show(hub, side, room, place);
  toRoom(hub, room, event, place);
  toOutsider(hub, room, event, place);
  if (room !== undefined && user !== undefined) leave(hub, user, room);
}

function quit(hub: Hub, event: Of<"quit">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  const { seenIn } = user;
  hub.whowas.note(user, hub.now);
  for (const session of [...user.sessions]) detach(hub, session);
  hub.state.leaving.delete(user);
  hub.state.opers.delete(user);
  dropUserModes(hub, user);
  setAccount(user, undefined);
  for (const room of [...user.rooms.keys()]) leave(hub, user, room);
  hub.state.users.delete(user.folded);
  toRooms(hub, seenIn, event, place);
  hub.monitors.left(hub, user.folded, user.nick);
  endOwner(hub, user.owner);
}

function nick(hub: Hub, event: Of<"nick">, place: Place): void {
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
}

function mode(hub: Hub, event: Of<"mode">, place: Place): void {
  const room = hub.state.room(event.room);
  show(hub, hub.state.author(event.source), room, place);
  for (const { letter, arg } of changesOf(event.change, event.args)) {
    if (ROOM_MODES.get(letter)?.type === "member") show(hub, hub.state.user(arg), room, place);
  }
  changeRoom(hub, event, place);
  toRoom(hub, room, event, place);
  toOutsider(hub, room, event, place);
}

function renamed(hub: Hub, event: Of<"rename">, place: Place): void {
  const room = hub.state.room(event.room);
  if (room === undefined) return;
  show(hub, hub.state.author(event.source), room, place);
  renameRoom(hub, room, event, place);
  toOutsider(hub, room, event, place);
}

/** Who does something in a room from outside hears of it too. */
function toOutsider(
  hub: Hub,
  room: Room | undefined,
  event: Of<"mode" | "kick" | "rename">,
  place: Place,
): void {
  const { origin } = hub;
  if (origin?.user?.source !== event.source || room !== undefined && origin.rooms.has(room)) return;
  toSession(hub, origin, event, place);
}

function invite(hub: Hub, { source, user, room: name }: Of<"invite">): void {
  const room = hub.state.room(name);
  if (room?.target.settings?.has("i")) {
    const invites = user.invites ??= new Set();
    invites.delete(room);
    if (invites.size >= MAX_INVITES) invites.delete(invites.keys().next().value!);
    invites.add(room);
  }
  const line = `:${source} INVITE ${user.nick} ${name}`;
  const inviter = hub.state.author(source);
  if (inviter === undefined) return;
  for (const session of user.sessions) tellOf(hub, session, inviter, line);
  if (room !== undefined) tellPeers(hub, inviter, [room], CAP.inviteNotify, line);
}

function attach(hub: Hub, event: Of<"attach">): void {
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
  if (user === undefined) {
    const owner = session.owner === "" ? hub.passingOwner() : session.owner;
    user = new User(nick, event.username, session.host, event.realname, owner, hub.now, session.secure);
    hub.state.users.set(user.folded, user);
    hub.state.maxUsers = Math.max(hub.state.maxUsers, hub.state.users.size);
    hub.monitors.came(hub, user.folded, user.source);
  }
  if (session.account !== undefined && user.account !== session.account) {
    setAccount(user, session.account);
    setOper(hub, user, isOperator(hub, session.account));
  }
  session.user = user;
  user.sessions.push(session);
  judgeUser(hub, user);
  user.leaving = undefined;
  hub.state.leaving.delete(user);
  hub.notices.push({ kind: "came", nick, host: session.host, sessions: user.sessions.length });
  for (const room of user.rooms.keys()) enterAudience(hub, session, room);
}

function detach(hub: Hub, session: Session): void {
  for (const room of [...session.rooms.keys()]) {
    leaveAudience(hub, session, room);
    dropIfEmpty(hub, room);
  }
  hub.state.followersOfAll.delete(session);
  const followers = hub.state.followers.get(session.owner);
  if (followers?.delete(session) && followers.size === 0) hub.state.followers.delete(session.owner);
  const user = session.user;
  if (user === undefined) return;
  hub.monitors.clear(session);
  user.sessions.splice(user.sessions.indexOf(session), 1);
}

/** The account is the user's, and with it of all its sessions; before there is a user, the session's. */
function login(hub: Hub, { session, account }: Of<"login">): void {
  const { user } = session;
  if (user === undefined) {
    session.account = account;
    session.owner = account?.owner ?? "";
    return;
  }
  if (user.account === account) return;
  const before = user.account?.name ?? "";
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
  const line = `:${user.source} ACCOUNT ${account?.name ?? "*"}`; // https://ircv3.net/specs/extensions/account-notify
  // As account-tag has it in its example, the tag tells whose it was until now.
  tellPeersAndWatchers(hub, user, CAP.accountNotify, line, before);
  for (const each of user.sessions) if (each.caps & CAP.accountNotify) tellOf(hub, each, user, line, before);
}

/** Nobody waits for somebody to read who will not come back. */
function endOwner(hub: Hub, owner: OwnerId): void {
  if (hub.receipts.awaitsReadingOf(owner) && toldRead(hub, owner, "") === undefined) {
    hub.receipts.ended(hub, owner);
  }
}

function setAccount(user: User, account: Account | undefined): void {
  const { account: before } = user;
  if (before !== undefined) before.users = before.users.filter((each) => each !== user);
  user.account = account;
  if (account !== undefined) account.users = [...account.users, user];
}

function away(hub: Hub, event: Of<"away">): void {
  event.user.away = event.message;
  const line = `:${event.user.source} AWAY` + (event.message === "" ? "" : ` :${event.message}`);
  tellPeersAndWatchers(hub, event.user, CAP.awayNotify, line);
}

/** https://ircv3.net/specs/extensions/setname: to all who share a room, and to who has changed it. */
function setname(hub: Hub, { user, realname }: Of<"setname">): void {
  user.realname = realname;
  const line = `:${user.source} SETNAME :${realname}`;
  tellPeersAndWatchers(hub, user, CAP.setname, line);
  for (const session of user.sessions) if (session.caps & CAP.setname) tellOf(hub, session, user, line);
}

function follow(hub: Hub, event: Of<"follow">): void {
  const { session, what } = event;
  if (what instanceof Room) {
    enterAudience(hub, session, what);
    return dropIfEmpty(hub, what);
  }
  const following = session.following ??= { persons: new Set(), all: false };
  if (what === "everything") {
    following.all = true;
    hub.state.followersOfAll.add(session);
    for (const room of hub.state.rooms.values()) {
      if (mayRead(session, room.target, room)) enterAudience(hub, session, room);
      dropIfEmpty(hub, room); // one that was there for this session's sake alone
    }
  } else following.persons.add(casefold(what.person));
  if (session.owner === "") return;
  const followers = hub.state.followers.get(session.owner) ?? new Set();
  hub.state.followers.set(session.owner, followers.add(session));
}

/** Announces a member of a large room, where nobody was told of it yet, before others hear of what it does there. */
function show(hub: Hub, user: User | undefined, room: Room | undefined, { time }: Place): void {
  if (user === undefined || room === undefined || !isUnseen(user, room)) return;
  room.setMember(user, room.members.get(user)! & ~UNSEEN);
  const { source } = user;
  const account = user.account?.name ?? "";
  toOthers(hub, room, user, { kind: "join", source, room: room.name, realname: user.realname }, {
    seq: 0,
    time,
    account,
    bot: hub.state.bots.has(user),
  });
}

function isUnseen(user: User, room: Room | undefined): boolean {
  return room !== undefined && ((room.members.get(user) ?? 0) & UNSEEN) !== 0;
}

/** To the user's own sessions. */
function toUser(hub: Hub, user: User, event: RecordedEvent, place: Place): void {
  for (const session of user.sessions) toSession(hub, session, event, place);
}

function leave(hub: Hub, user: User, room: Room): void {
  room.setMember(user, undefined);
  for (const session of user.sessions) leaveAudience(hub, session, room);
  if (room.target.settings?.closed) judgeObservers(hub, room);
  dropIfEmpty(hub, room);
}

/**
 * A room that nobody is in goes, unless somebody follows it by its name; its history stays as long as the ring holds it.
 * Who follows everything holds no room, or rooms would only ever become more.
 */
function dropIfEmpty(hub: Hub, room: Room): void {
  if (room.members.size > 0 || room.permanent || room.audience.some((session) => !session.following?.all)) {
    return;
  }
  for (const session of [...room.audience]) leaveAudience(hub, session, room);
  hub.state.rooms.delete(room.folded);
}
