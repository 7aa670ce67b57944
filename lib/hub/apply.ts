/**
 * What an event does: changes the state and tells those who see it. The only place that changes users and rooms, so
 * whatever has an event behind it can be replayed, and a state never differs from its log.
 */
import { unreachable } from "../base/assert.ts";
import { CAP } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { decodeEvent, EVENT_MAX_BYTES, roomOfMessage } from "./event_codec.ts";
import { nickOf } from "./event.ts";
import type { MessageEvent, Place, RecordedEvent, TransientEvent } from "./event.ts";
import { LARGE_ROOM_MEMBERS, OBSERVER } from "./config.ts";
import type { Hub } from "./hub.ts";
import { playBack } from "./playback.ts";
import { sayRoom } from "./room_view.ts";
import { OPERATOR, Room, UNSEEN, User, VOICE } from "./state.ts";
import type { Session } from "./state.ts";
import { directMessage, roomMessage, tellPeers, toOthers, toRoom, toRooms, toSession } from "./tell.ts";

/** What is read again after a start. */
const scratch = new Uint8Array(EVENT_MAX_BYTES);

type Of<K extends string> = Extract<RecordedEvent | TransientEvent, { kind: K }>;

/** Applies one event, recorded at `place` or transient. */
export function apply(hub: Hub, event: RecordedEvent | TransientEvent, place: Place): void {
  switch (event.kind) {
    case "message":
      return message(hub, event, place);
    case "tagmsg":
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
    case "boot":
      return;
    case "attach":
      return attach(hub, event);
    case "detach":
      return detach(hub, event.session);
    case "away":
      return away(hub, event);
    case "invite":
      for (const session of event.user.sessions) {
        hub.tell(session, `:${event.source} INVITE ${event.user.nick} ${event.room}`);
      }
      return;
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
export function replay(hub: Hub, seq: number): number {
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
    hub.archive.note(event, { seq, time: record.time }, hub.archive.targetsOf(event, []));
  }
  return seq + 1;
}

/** The room called `name`, made when it is not there. */
export function roomCalled(hub: Hub, name: string): Room {
  const known = hub.state.room(name);
  if (known !== undefined) return known;
  const room = new Room(name, hub.now, hub.archive.room(name));
  hub.state.rooms.set(room.folded, room);
  for (const session of hub.state.followersOfAll) enterAudience(hub, session, room);
  return room;
}

function message(hub: Hub, event: MessageEvent, place: Place): void {
  const origin = hub.origin;
  if (origin?.user !== undefined) origin.user.idleSince = hub.now;
  if (event.room) {
    if (origin?.user !== undefined) show(hub, origin.user, hub.state.room(event.target), place);
    roomMessage(hub, event, place, origin);
  } else directMessage(hub, event, place, origin);
}

function join(hub: Hub, event: Of<"join">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  const room = roomCalled(hub, event.room);
  const first = room.members.size === 0 && !room.permanent;
  const unseen = room.members.size >= (hub.config.largeRoom ?? LARGE_ROOM_MEMBERS);
  room.setMember(user, first ? OPERATOR : unseen ? UNSEEN : 0);
  for (const session of user.sessions) enterAudience(hub, session, room);
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
  if (room !== undefined && user !== undefined) leave(hub, user, room);
}

function quit(hub: Hub, event: Of<"quit">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  const { seenIn } = user;
  for (const session of [...user.sessions]) detach(hub, session);
  for (const room of [...user.rooms.keys()]) leave(hub, user, room);
  hub.state.users.delete(user.folded);
  toRooms(hub, seenIn, event, place);
}

function nick(hub: Hub, event: Of<"nick">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  hub.state.users.delete(user.folded);
  user.rename(event.nick);
  hub.state.users.set(user.folded, user);
  hub.notices.push({ kind: "renamed", nick: nickOf(event.source), to: event.nick });
  const { seenIn } = user;
  for (const room of seenIn) room.changed();
  toRooms(hub, seenIn, event, place);
  if (seenIn.length === 0) toUser(hub, user, event, place);
}

function mode(hub: Hub, event: Of<"mode">, place: Place): void {
  const room = hub.state.room(event.room);
  const user = hub.state.user(event.nick);
  if (room === undefined || user === undefined || !room.members.has(user)) return;
  for (const side of [hub.state.author(event.source), user]) show(hub, side, room, place);
  const bit = event.change.endsWith("o") ? OPERATOR : VOICE;
  const bits = room.members.get(user)!;
  room.setMember(user, event.change.startsWith("+") ? bits | bit : bits & ~bit);
  toRoom(hub, room, event, place);
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
  }
  session.user = user;
  user.sessions.push(session);
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
  user.sessions.splice(user.sessions.indexOf(session), 1);
}

function away(hub: Hub, event: Of<"away">): void {
  event.user.away = event.message;
  const line = `:${event.user.source} AWAY` + (event.message === "" ? "" : ` :${event.message}`);
  tellPeers(hub, event.user, event.user.seenIn, CAP.awayNotify, line);
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
      enterAudience(hub, session, room);
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
  toOthers(hub, room, user, { kind: "join", source, room: room.name }, { seq: 0, time });
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
