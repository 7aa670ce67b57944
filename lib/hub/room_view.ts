/** What a room looks like to a session: its topic and its names. */
import { utf8Length } from "../base/bytes.ts";
import { CAP } from "../irc/caps.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../irc/limits.ts";
import { RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_TOPIC, RPL_TOPICWHOTIME } from "../irc/numerics.ts";
import { nickOf } from "./event.ts";
import type { Hub } from "./hub.ts";
import { OPERATOR, VOICE } from "./state.ts";
import type { Room, Session } from "./state.ts";

/** What follows a JOIN: topic and names (modern, "JOIN message"). */
export function sayRoom(hub: Hub, session: Session, room: Room): void {
  if (room.target.topic !== "") sayTopic(hub, session, room);
  sayNames(hub, session, room);
}

export function sayTopic(hub: Hub, session: Session, room: Room): void {
  const { topic, topicBy, topicAt } = room.target;
  hub.numeric(session, RPL_TOPIC, `${room.name} :${topic}`);
  hub.numeric(session, RPL_TOPICWHOTIME, `${room.name} ${nickOf(topicBy)} ${Math.floor(topicAt / 1000)}`);
}

/** 353 lines, each as full as 512 bytes allow, and 366. */
export function sayNames(hub: Hub, session: Session, room: Room): void {
  const lead = `= ${room.name} :`;
  const asker = session.user?.nick ?? session.nick;
  const limit = MAX_LINE_BYTES - CRLF_BYTES -
    utf8Length(`:${hub.config.serverName} ${RPL_NAMREPLY} ${asker} ${lead}`);
  let names = "";
  for (const [user, bits] of room.members) {
    const name = prefixOf(bits, session) + user.nick; // ASCII: as many bytes as characters
    if (names !== "" && names.length + 1 + name.length > limit) {
      hub.numeric(session, RPL_NAMREPLY, lead + names);
      names = "";
    }
    names += names === "" ? name : " " + name;
  }
  if (names !== "") hub.numeric(session, RPL_NAMREPLY, lead + names);
  hub.numeric(session, RPL_ENDOFNAMES, `${room.name} :End of /NAMES list.`);
}

/** `@`, `+`, both where multi-prefix was asked for, or nothing. */
export function prefixOf(bits: number, session: Session): string {
  if (bits & OPERATOR) return bits & VOICE && session.caps & CAP.multiPrefix ? "@+" : "@";
  return bits & VOICE ? "+" : "";
}
