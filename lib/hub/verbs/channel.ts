/** JOIN, PART, TOPIC, NAMES, KICK, INVITE (modern, "Channel Operations"). */
import { utf8Length } from "../../base/bytes.ts";
import {
  ERR_BADCHANMASK,
  ERR_INPUTTOOLONG,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOTONCHANNEL,
  ERR_TOOMANYCHANNELS,
  ERR_TOOMANYTARGETS,
  ERR_USERONCHANNEL,
  RPL_AWAY,
  RPL_ENDOFNAMES,
  RPL_INVITING,
  RPL_NOTOPIC,
} from "../../irc/numerics.ts";
import { CHANLIMIT, KICKLEN, MAXTARGETS, TOPICLEN } from "../../irc/limits.ts";
import type { Message } from "../../irc/message.ts";
import { NAME_FAULT_TEXT, roomFault } from "../../irc/names.ts";
import { MAX_ROOMS } from "../config.ts";
import type { RecordedEvent } from "../event.ts";
import type { Hub } from "../hub.ts";
import { isTooLong } from "../view.ts";
import { quoted } from "../quote.ts";
import { sayNames, sayTopic } from "../room_view.ts";
import type { Room, Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { memberUnder } from "./rights.ts";

/** The names of a list `a,b,c`; more than MAXTARGETS is answered by 407 and nothing is done. */
function targets(hub: Hub, session: Session, list: string): string[] {
  const names = list.split(",").filter((name) => name !== "");
  if (names.length <= MAXTARGETS) return names;
  hub.numeric(session, ERR_TOOMANYTARGETS, `${quoted(names[MAXTARGETS]!)} :Too many targets`);
  return [];
}

function join(hub: Hub, session: Session, message: Message, user: User): void {
  if (message.params[0] === "0") {
    for (const room of [...user.rooms.keys()]) leave(hub, session, user, room, "");
    return;
  }
  for (const name of targets(hub, session, message.params[0]!)) joinOne(hub, session, user, name);
}

function joinOne(hub: Hub, session: Session, user: User, name: string): void {
  const fault = roomFault(name);
  if (fault === "no_prefix") return noSuchRoom(hub, session, name);
  if (fault !== undefined) {
    return hub.numeric(session, ERR_BADCHANMASK, `${quoted(name)} :${NAME_FAULT_TEXT[fault]}`);
  }
  const room = hub.state.room(name);
  if (room !== undefined && user.rooms.has(room)) return;
  if (user.rooms.size >= CHANLIMIT || room === undefined && hub.state.rooms.size >= MAX_ROOMS) {
    return hub.numeric(session, ERR_TOOMANYCHANNELS, `${quoted(name)} :You have joined too many channels`);
  }
  hub.commit({ kind: "join", source: user.source, room: room?.name ?? hub.archive.room(name).name });
}

function part(hub: Hub, session: Session, message: Message, user: User): void {
  const [list = "", reason = ""] = message.params;
  for (const name of targets(hub, session, list)) {
    const room = roomOf(hub, session, user, name);
    if (room !== undefined) leave(hub, session, user, room, reason);
  }
}

function leave(hub: Hub, session: Session, user: User, room: Room, reason: string): void {
  commitUnlessTooLong(hub, session, { kind: "part", source: user.source, room: room.name, reason });
}

function topic(hub: Hub, session: Session, message: Message, user: User | undefined): void {
  const [name = "", text] = message.params;
  if (text === undefined || user === undefined) {
    const room = hub.state.room(name);
    if (room === undefined) return noSuchRoom(hub, session, name);
    if (room.target.topic === "") return hub.numeric(session, RPL_NOTOPIC, `${room.name} :No topic is set`);
    return sayTopic(hub, session, room);
  }
  const room = roomOf(hub, session, user, name);
  if (room === undefined) return;
  if (utf8Length(text) > TOPICLEN) {
    return hub.numeric(session, ERR_INPUTTOOLONG, `:A topic has at most ${TOPICLEN} bytes`);
  }
  commitUnlessTooLong(hub, session, { kind: "topic", source: user.source, room: room.name, topic: text });
}

function names(hub: Hub, session: Session, message: Message): void {
  for (const name of targets(hub, session, message.params[0] ?? "*")) {
    const room = hub.state.room(name);
    if (room === undefined) hub.numeric(session, RPL_ENDOFNAMES, `${quoted(name)} :End of /NAMES list.`);
    else sayNames(hub, session, room);
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
    const room = roomOf(hub, session, user, rooms.length === 1 ? rooms[0]! : rooms[index] ?? "");
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

function invite(hub: Hub, session: Session, message: Message, user: User): void {
  const [nick = "", name = ""] = message.params;
  const target = hub.state.user(nick);
  if (target === undefined) return hub.numeric(session, ERR_NOSUCHNICK, `${quoted(nick)} :No such nick`);
  const room = roomOf(hub, session, user, name);
  if (room === undefined) return;
  if (room.members.has(target)) {
    return hub.numeric(session, ERR_USERONCHANNEL, `${target.nick} ${room.name} :is already on channel`);
  }
  hub.commit({ kind: "invite", source: user.source, user: target, room: room.name });
  hub.numeric(session, RPL_INVITING, `${target.nick} ${room.name}`);
  if (target.away !== "") hub.numeric(session, RPL_AWAY, `${target.nick} :${target.away}`);
}

/** The room called `name` that `user` is in; otherwise 403 or 442 has been said. */
function roomOf(hub: Hub, session: Session, user: User, name: string): Room | undefined {
  const room = hub.state.room(name);
  if (room === undefined) noSuchRoom(hub, session, name);
  else if (user.rooms.has(room)) return room;
  else hub.numeric(session, ERR_NOTONCHANNEL, `${room.name} :You're not on that channel`);
  return undefined;
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
  INVITE: { min: 2, who: "user", run: invite },
};
