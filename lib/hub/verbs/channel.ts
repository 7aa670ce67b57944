/** JOIN, PART, TOPIC, NAMES, KICK, INVITE (modern, "Channel Operations"). */
import { utf8Length } from "../../base/bytes.ts";
import {
  ERR_BADCHANMASK,
  ERR_CANNOTSENDTOCHAN,
  ERR_CHANNELISFULL,
  ERR_CHANOPRIVSNEEDED,
  ERR_INPUTTOOLONG,
  ERR_LINKCHANNEL,
  ERR_NEEDMOREPARAMS,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOTONCHANNEL,
  ERR_TOOMANYCHANNELS,
  ERR_TOOMANYTARGETS,
  ERR_USERONCHANNEL,
  RPL_AWAY,
  RPL_ENDOFINVITELIST,
  RPL_ENDOFNAMES,
  RPL_INVITELIST,
  RPL_INVITING,
  RPL_NOTOPIC,
} from "../../irc/numerics.ts";
import { CAP } from "../../irc/caps.ts";
import { KICKLEN, MAXTARGETS, TOPICLEN } from "../../irc/limits.ts";
import type { Message } from "../../irc/message.ts";
import { NAME_FAULT_TEXT, roomFault } from "../../irc/names.ts";
import type { RecordedEvent } from "../event.ts";
import { seen } from "../findable.ts";
import type { Hub } from "../hub.ts";
import { newRoomRefusal } from "../name_refusal.ts";
import { isTooLong } from "../view.ts";
import type { Steps } from "../pieces.ts";
import { quoted } from "../quote.ts";
import { maySee, runs, whyHeldOut, whyMuted, whySilent } from "../room_access.ts";
import { renamedFrom } from "../room_rename.ts";
import { unitsOfMasks } from "../room_settings.ts";
import { sayNames, sayTopic, unitsOfNames } from "../room_view.ts";
import type { Room, Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { commitOwning, giveBack, memberUnder } from "./rights.ts";

/** Units (pieces.ts) of entering a room, without its names and masks. */
const JOIN_UNITS = 20;
const LEAVE_UNITS = 20;

/** The names of a list `a,b,c`; more than MAXTARGETS is answered by 407 and nothing is done. */
function targets(hub: Hub, session: Session, list: string): string[] {
  const names = list.split(",").filter((name) => name !== "");
  if (names.length <= MAXTARGETS) return names;
  hub.numeric(session, ERR_TOOMANYTARGETS, `${quoted(names[MAXTARGETS]!)} :Too many targets`);
  return [];
}

function join(hub: Hub, session: Session, message: Message, user: User): void {
  if (message.params[0] === "0") {
    return hub.later(leaveAll(hub, session, user));
  }
  const keys = message.params[1]?.split(",") ?? [];
  hub.later(joinEach(hub, session, user, targets(hub, session, message.params[0]!), keys));
}

function* leaveAll(hub: Hub, session: Session, user: User): Steps {
  for (const room of [...user.rooms.keys()]) {
    if (session.closing !== undefined) return;
    if (user.rooms.has(room)) leave(hub, session, user, room, "");
    yield LEAVE_UNITS;
  }
}

function* joinEach(hub: Hub, session: Session, user: User, names: string[], keys: string[]): Steps {
  for (const [at, name] of names.entries()) {
    if (session.closing !== undefined) return;
    joinOne(hub, session, user, name, keys[at] ?? "");
    const room = hub.state.room(name);
    yield JOIN_UNITS + (room === undefined ? 0 : unitsOfNames(hub, room) + unitsOfMasks(room.target));
  }
}

function joinOne(hub: Hub, session: Session, user: User, name: string, key: string): void {
  const fault = roomFault(name);
  if (fault === "no_prefix") return noSuchRoom(hub, session, name);
  if (fault !== undefined) {
    return hub.numeric(session, ERR_BADCHANMASK, `${quoted(name)} :${NAME_FAULT_TEXT[fault]}`);
  }
  const room = hub.state.room(name);
  if (room !== undefined && user.rooms.has(room)) return;
  if (room === undefined) {
    const renamed = renamedFrom(hub, name);
    if (renamed !== undefined && maySee(session, renamed, hub.state.room(renamed.name))) {
      return joinRenamed(hub, session, user, name, renamed.name, key);
    }
  }
  const refusal = room === undefined ? newRoomRefusal(hub, session, name) : undefined;
  if (refusal !== undefined) return hub.numeric(session, ERR_BADCHANMASK, `${quoted(name)} :${refusal}`);
  if (!isWithinRoomLimits(hub, session, user, room, name)) return;
  const target = room?.target ?? hub.archive.room(name);
  const held = whyHeldOut(user, target, room, key);
  if (held !== undefined) return hub.numeric(session, held.code, `${target.name} :${held.words}`);
  commitOwning(hub, { kind: "join", source: user.source, room: target.name, realname: user.realname }, [
    target,
  ]);
  giveBack(hub, user, room ?? hub.state.room(name)!);
}

/** channel-rename, "Channel redirection": who knows of renaming asks again, others are led there. */
function joinRenamed(hub: Hub, session: Session, user: User, name: string, to: string, key: string): void {
  const words = "The channel has been renamed";
  if (session.caps & CAP.channelRename) {
    return hub.fail(session, "JOIN", "CHANNEL_RENAMED", `${quoted(name)} ${to}`, words);
  }
  hub.numeric(session, ERR_LINKCHANNEL, `${quoted(name)} ${to} :${words}`);
  joinOne(hub, session, user, to, key);
}

/** Whether the server's bounds let `user` into `room`, or make it; otherwise 405 or 471 has been said. */
function isWithinRoomLimits(
  hub: Hub,
  session: Session,
  user: User,
  room: Room | undefined,
  name: string,
): boolean {
  const { roomsPerUser, rooms, roomMembers } = hub.limits;
  if (user.rooms.size >= roomsPerUser) {
    hub.numeric(session, ERR_TOOMANYCHANNELS, `${quoted(name)} :You have joined too many channels`);
  } else if (room === undefined && hub.state.rooms.size >= rooms) {
    hub.numeric(
      session,
      ERR_TOOMANYCHANNELS,
      `${quoted(name)} :This server has as many channels as it may have`,
    );
  } else if (room === undefined && !hub.roomShares.mayMake(user.host, hub.state.rooms.size)) {
    hub.numeric(
      session,
      ERR_TOOMANYCHANNELS,
      `${quoted(name)} :Your address has made as many channels as it may`,
    );
  } else if (room !== undefined && room.members.size >= roomMembers) {
    hub.numeric(session, ERR_CHANNELISFULL, `${room.name} :Cannot join channel: nobody more fits in`);
  } else return true;
  return false;
}

function part(hub: Hub, session: Session, message: Message, user: User): void {
  const [list = "", reason = ""] = message.params;
  hub.later(partEach(hub, session, user, targets(hub, session, list), reason));
}

function* partEach(hub: Hub, session: Session, user: User, names: string[], reason: string): Steps {
  for (const name of names) {
    if (session.closing !== undefined) return;
    const room = roomOf(hub, session, user, name);
    const silent = room && (whyMuted(hub, user) ?? whySilent(user, room.target, room));
    if (room !== undefined) leave(hub, session, user, room, silent === undefined ? reason : "");
    yield LEAVE_UNITS + (room === undefined ? 0 : unitsOfMasks(room.target));
  }
}

function leave(hub: Hub, session: Session, user: User, room: Room, reason: string): void {
  commitUnlessTooLong(hub, session, { kind: "part", source: user.source, room: room.name, reason });
}

function topic(hub: Hub, session: Session, message: Message, user: User | undefined): void {
  const [name = "", text] = message.params;
  if (text === undefined || user === undefined) {
    const room = seen(session, hub.state.room(name));
    if (room === undefined) return noSuchRoom(hub, session, name);
    if (room.target.topic === "") return hub.numeric(session, RPL_NOTOPIC, `${room.name} :No topic is set`);
    return sayTopic(hub, session, room);
  }
  const room = roomOf(hub, session, user, name, user.oper);
  if (room === undefined) return;
  if (room.target.settings?.has("t") && !runs(user, room)) return noOperator(hub, session, room);
  const silent = whyMuted(hub, user) ?? (runs(user, room) ? undefined : whySilent(user, room.target, room));
  if (silent !== undefined) return hub.numeric(session, ERR_CANNOTSENDTOCHAN, `${room.name} :${silent}`);
  if (utf8Length(text) > TOPICLEN) {
    return hub.numeric(session, ERR_INPUTTOOLONG, `:A topic has at most ${TOPICLEN} bytes`);
  }
  commitUnlessTooLong(hub, session, { kind: "topic", source: user.source, room: room.name, topic: text });
}

function names(hub: Hub, session: Session, message: Message): void {
  hub.later(namesOfEach(hub, session, targets(hub, session, message.params[0] ?? "*")));
}

function* namesOfEach(hub: Hub, session: Session, names: string[]): Steps {
  for (const name of names) {
    if (session.closing !== undefined) return;
    const room = seen(session, hub.state.room(name));
    if (room === undefined) hub.numeric(session, RPL_ENDOFNAMES, `${quoted(name)} :End of /NAMES list.`);
    else sayNames(hub, session, room);
    yield room === undefined ? 1 : unitsOfNames(hub, room);
  }
}

/** `KICK #a x,y`, `KICK #a,#b x,y` (pairwise). */
function kick(hub: Hub, session: Session, message: Message, user: User): void {
  const rooms = targets(hub, session, message.params[0]!);
  const nicks = targets(hub, session, message.params[1]!);
  const reason = message.params[2] ?? user.nick;
  if (utf8Length(reason) > KICKLEN) {
    return hub.numeric(session, ERR_INPUTTOOLONG, `:A reason has at most ${KICKLEN} bytes`);
  }
  nicks.forEach((nick, index) => {
    const room = roomOf(hub, session, user, rooms.length === 1 ? rooms[0]! : rooms[index] ?? "", user.oper);
    if (room !== undefined) kickOne(hub, session, user, room, nick, reason);
  });
}

function kickOne(hub: Hub, session: Session, user: User, room: Room, nick: string, reason: string): void {
  const target = memberUnder(hub, session, room, nick);
  if (target === undefined) return;
  commitUnlessTooLong(hub, session, {
    kind: "kick",
    source: user.source,
    room: room.name,
    nick: target.nick,
    reason,
  });
}

/** `INVITE nick #room`; `INVITE` lists the invitations that one has and has not used. */
function invite(hub: Hub, session: Session, message: Message, user: User): void {
  const [nick = "", name = ""] = message.params;
  if (message.params.length === 0) return sayInvites(hub, session, user);
  if (name === "") return hub.numeric(session, ERR_NEEDMOREPARAMS, "INVITE :Not enough parameters");
  const target = hub.state.user(nick);
  if (target === undefined) return hub.numeric(session, ERR_NOSUCHNICK, `${quoted(nick)} :No such nick`);
  const room = roomOf(hub, session, user, name);
  if (room === undefined) return;
  if (room.members.has(target)) {
    return hub.numeric(session, ERR_USERONCHANNEL, `${target.nick} ${room.name} :is already on channel`);
  }
  if (room.target.settings?.has("i") && !runs(user, room)) return noOperator(hub, session, room);
  hub.commit({ kind: "invite", source: user.source, user: target, room: room.name });
  hub.numeric(session, RPL_INVITING, `${target.nick} ${room.name}`);
  if (target.away !== "") hub.numeric(session, RPL_AWAY, `${target.nick} :${target.away}`);
}

function sayInvites(hub: Hub, session: Session, user: User): void {
  for (const room of user.invites?.keys() ?? []) hub.numeric(session, RPL_INVITELIST, room.name);
  hub.numeric(session, RPL_ENDOFINVITELIST, ":End of /INVITE list");
}

/**
 * The room called `name` that `user` is in, or `anyway` that is there; otherwise 403 or 442 has been said. A room that `session` may
 * not know of is answered as one that does not exist.
 */
function roomOf(hub: Hub, session: Session, user: User, name: string, anyway = false): Room | undefined {
  const room = seen(session, hub.state.room(name));
  if (room === undefined) noSuchRoom(hub, session, name);
  else if (anyway || user.rooms.has(room)) return room;
  else hub.numeric(session, ERR_NOTONCHANNEL, `${room.name} :You're not on that channel`);
  return undefined;
}

function noOperator(hub: Hub, session: Session, room: Room): void {
  hub.numeric(session, ERR_CHANOPRIVSNEEDED, `${room.name} :You're not channel operator`);
}

function noSuchRoom(hub: Hub, session: Session, name: string): void {
  hub.numeric(session, ERR_NOSUCHCHANNEL, `${quoted(name)} :No such channel`);
}

function commitUnlessTooLong(hub: Hub, session: Session, event: RecordedEvent): void {
  if (isTooLong(event)) hub.numeric(session, ERR_INPUTTOOLONG, ":Too long to be delivered whole");
  else hub.commit(event);
}

export const CHANNEL_VERBS: VerbTable = {
  JOIN: { min: 1, who: "user", run: join },
  PART: { min: 1, who: "user", run: part },
  TOPIC: {
    min: 1,
    who: "session",
    run: (hub, session, message) => topic(hub, session, message, session.user),
  },
  NAMES: { min: 0, who: "session", run: names },
  KICK: { min: 2, who: "user", run: kick },
  INVITE: { min: 0, who: "user", run: invite },
};
