/**
 * What an event does: changes the state and tells those who see it. What it does to a room stands here, what to a user in
 * user_change.ts. Nothing else changes users and rooms, so whatever has an event behind it can be replayed, and a state never
 * differs from its log.
 */
import { unreachable } from "../base/assert.ts";
import { isMultiline } from "../irc/multiline.ts";
import { CAP } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import { enterAudience } from "./audience.ts";
import { LARGE_ROOM_MEMBERS, MAX_INVITES } from "./config.ts";
import type { EventOf, MessageEvent, Place, RecordedEvent, TransientEvent } from "./event.ts";
import type { Hub } from "./hub.ts";
import { isUnseen, leaveRoom, roomCalled, showMember } from "./membership.ts";
import { followRoom } from "./observer_follow.ts";
import type { Steps } from "./pieces.ts";
import { playBack } from "./playback.ts";
import { judgeObservers, mayRead, runs } from "./room_access.ts";
import { changeRoom } from "./room_change.ts";
import { changesOf, ROOM_MODES } from "./room_modes.ts";
import { renameRoom } from "./room_rename.ts";
import { hasKeptOperator, isKeptOperator, keepOperator, unitsOfMasks } from "./room_settings.ts";
import { sayRoom } from "./room_view.ts";
import { judgeUser, judgeUsers, setOper, setUserModes } from "./standing.ts";
import { OPERATOR, UNSEEN } from "./state.ts";
import type { Room, Session } from "./state.ts";
import { multilineMessage, redacted, statusMessage } from "./tell_some.ts";
import { directMessage, roomMessage, tellOf, tellPeers, toRoom, toSession, toUser } from "./tell.ts";
import { attach, away, detach, leaving, login, nick, quit, setname } from "./user_change.ts";

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
      return leaving(hub, event);
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
      return judgeUsers(hub, event.masks);
    case "invite":
      return invite(hub, event);
    case "follow":
      return follow(hub, event);
    default:
      unreachable(event);
  }
}

function message(hub: Hub, event: MessageEvent, place: Place): void {
  const origin = hub.origin;
  if (origin?.user !== undefined) origin.user.idleSince = hub.monotonic;
  if (event.room) {
    const toAll = event.target.startsWith("#");
    const name = toAll ? event.target : event.target.slice(1);
    if (origin?.user !== undefined) showMember(hub, origin.user, hub.state.room(name), place);
    if (!toAll) return statusMessage(hub, event, place, origin);
    if (isMultiline(event.text)) multilineMessage(hub, event, place, origin);
    else roomMessage(hub, event, place, origin);
  } else directMessage(hub, event, place, origin);
}

function join(hub: Hub, event: EventOf<"join">, place: Place): void {
  const user = hub.state.author(event.source);
  if (user === undefined) return;
  const room = roomCalled(hub, event.room, user.host);
  const { settings } = room.target;
  const first = room.members.size === 0 && !room.permanent;
  const operator = first && (!hasKeptOperator(hub, settings) || isKeptOperator(settings, user.account));
  const unseen = room.members.size >= (hub.config.largeRoom ?? LARGE_ROOM_MEMBERS);
  room.setMember(user, operator ? OPERATOR : unseen ? UNSEEN : 0);
  if (operator && user.account !== undefined) keepOperator(hub, room.target, user.account, true, place);
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

function part(hub: Hub, event: EventOf<"part">, place: Place): void {
  const room = hub.state.room(event.room);
  const user = hub.state.author(event.source);
  if (user !== undefined && isUnseen(user, room)) toUser(hub, user, event, place);
  else toRoom(hub, room, event, place);
  if (room !== undefined && user !== undefined) leaveRoom(hub, user, room);
}

/** The archive keeps the topic. */
function topic(hub: Hub, event: EventOf<"topic">, place: Place): void {
  const room = hub.state.room(event.room);
  showMember(hub, hub.state.author(event.source), room, place);
  toRoom(hub, room, event, place);
}

function kick(hub: Hub, event: EventOf<"kick">, place: Place): void {
  const room = hub.state.room(event.room);
  const user = hub.state.user(event.nick);
  for (const side of [hub.state.author(event.source), user]) showMember(hub, side, room, place);
  toRoom(hub, room, event, place);
  toOutsider(hub, room, event, place);
  if (room !== undefined && user !== undefined) leaveRoom(hub, user, room);
}

function mode(hub: Hub, event: EventOf<"mode">, place: Place): void {
  const room = hub.state.room(event.room);
  showMember(hub, hub.state.author(event.source), room, place);
  for (const { letter, arg } of changesOf(event.change, event.args)) {
    if (ROOM_MODES.get(letter)?.type === "member") showMember(hub, hub.state.user(arg), room, place);
  }
  changeRoom(hub, event, place);
  toRoom(hub, room, event, place);
  toOutsider(hub, room, event, place);
}

function renamed(hub: Hub, event: EventOf<"rename">, place: Place): void {
  const room = hub.state.room(event.room);
  if (room === undefined) return;
  showMember(hub, hub.state.author(event.source), room, place);
  renameRoom(hub, room, event, place);
  toOutsider(hub, room, event, place);
}

/** Who does something in a room from outside hears of it too. */
function toOutsider(
  hub: Hub,
  room: Room | undefined,
  event: EventOf<"mode" | "kick" | "rename">,
  place: Place,
): void {
  const { origin } = hub;
  if (origin?.user?.source !== event.source || room !== undefined && origin.rooms.has(room)) return;
  toSession(hub, origin, event, place);
}

function invite(hub: Hub, { source, user, room: name }: EventOf<"invite">): void {
  const room = hub.state.room(name);
  const inviter = hub.state.author(source);
  // What holds others out is the operators' doing, so only they let a user past it.
  if (room?.target.settings !== undefined && runs(inviter, room)) {
    const invites = user.invites ??= new Map();
    invites.delete(room);
    if (invites.size >= MAX_INVITES) invites.delete(invites.keys().next().value!);
    invites.set(room, hub.ring.nextSeq - 1);
  }
  const line = `:${source} INVITE ${user.nick} ${name}`;
  if (inviter === undefined) return;
  for (const session of user.sessions) tellOf(hub, session, inviter, line);
  if (room !== undefined) tellPeers(hub, inviter, [room], CAP.inviteNotify, line);
}

/** Rooms that are made meanwhile are heard from their beginning. */
function* hearAll(hub: Hub, session: Session): Steps {
  for (const room of hub.state.rooms.values()) {
    if (session.closing !== undefined) return;
    if (mayRead(hub, session, room.target, room)) enterAudience(hub, session, room);
    yield 1 + unitsOfMasks(room.target);
  }
}

function follow(hub: Hub, event: EventOf<"follow">): void {
  const { session, what } = event;
  const { owner } = session;
  const following = session.following ??= { owner, persons: new Set(), rooms: new Set(), all: false };
  if (what === "everything") {
    if (following.all) return;
    following.all = true;
    hub.state.followersOfAll.add(session);
    hub.later(hearAll(hub, session));
  } else if ("room" in what) {
    followRoom(hub.state, session, following, casefold(what.room));
    const room = hub.state.room(what.room);
    if (room !== undefined && mayRead(hub, session, room.target, room)) enterAudience(hub, session, room);
  } else following.persons.add(casefold(what.person));
  if (following.owner === "") return;
  const followers = hub.state.followers.get(following.owner) ?? new Set();
  hub.state.followers.set(following.owner, followers.add(session));
}
