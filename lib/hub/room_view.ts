/** What a room looks like to a session: its topic and its names. */
import { utf8Length } from "../base/bytes.ts";
import { CAP } from "../irc/caps.ts";
import { CRLF_BYTES, MAX_LINE_BYTES, NICKLEN } from "../irc/limits.ts";
import { RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_TOPIC, RPL_TOPICWHOTIME } from "../irc/numerics.ts";
import { nickOf } from "./event.ts";
import { sayMarker } from "./markers.ts";
import type { Hub } from "./hub.ts";
import { OPERATOR, UNSEEN, VOICE } from "./state.ts";
import type { Room, Session } from "./state.ts";

/** What follows a JOIN: topic and names (modern, "JOIN message"). */
export function sayRoom(hub: Hub, session: Session, room: Room): void {
  if (room.target.topic !== "") sayTopic(hub, session, room);
  // read-marker: "The command MUST be sent before the `RPL_ENDOFNAMES` reply".
  if (session.caps & CAP.readMarker && session.user !== undefined) {
    sayMarker(hub, session, session.user, room.name);
  }
  sayNames(hub, session, room);
}

export function sayTopic(hub: Hub, session: Session, room: Room): void {
  const { topic, topicBy, topicAt } = room.target;
  hub.numeric(session, RPL_TOPIC, `${room.name} :${topic}`);
  hub.numeric(session, RPL_TOPICWHOTIME, `${room.name} ${nickOf(topicBy)} ${Math.floor(topicAt / 1000)}`);
}

/**
 * 353 lines and 366. In a large room these are the members that others have been told of: a client keeps who is named here
 * until it hears of them leaving, which it will not of the others.
 */
export function sayNames(hub: Hub, session: Session, room: Room): void {
  const lead = `${room.target.settings?.has("s") ? "@" : "="} ${room.name} :`;
  const multiPrefix = hasMultiPrefix(session);
  const lines = room.names[Number(multiPrefix)] ??= namesOf(hub, room, multiPrefix);
  for (const names of lines) hub.numeric(session, RPL_NAMREPLY, lead + names);
  const { user } = session;
  if (user !== undefined && (room.members.get(user) ?? 0) & UNSEEN) {
    hub.numeric(session, RPL_NAMREPLY, lead + prefixOf(room.members.get(user)!, multiPrefix) + user.nick);
  }
  hub.numeric(session, RPL_ENDOFNAMES, `${room.name} :End of /NAMES list.`);
}

/** The names that others see, as many to a line as fit whoever asks. */
function namesOf(hub: Hub, room: Room, multiPrefix: boolean): string[] {
  const head = `:${hub.config.serverName} ${RPL_NAMREPLY}  = ${room.name} :`;
  const limit = MAX_LINE_BYTES - CRLF_BYTES - utf8Length(head) - NICKLEN;
  const lines: string[] = [];
  let names = "";
  let length = -1; // no space before the first
  for (const [user, bits] of room.members) {
    if (bits & UNSEEN) continue;
    const name = prefixOf(bits, multiPrefix) + user.nick;
    const bytes = utf8Length(name);
    if (names !== "" && length + 1 + bytes > limit) {
      lines.push(names);
      names = "";
      length = -1;
    }
    names += names === "" ? name : " " + name;
    length += 1 + bytes;
  }
  if (names !== "") lines.push(names);
  return lines;
}

/** `@`, `+`, both where multi-prefix was asked for, or nothing. */
export function prefixOf(bits: number, multiPrefix: boolean): string {
  if (bits & OPERATOR) return bits & VOICE && multiPrefix ? "@+" : "@";
  return bits & VOICE ? "+" : "";
}

export function hasMultiPrefix(session: Session): boolean {
  return (session.caps & CAP.multiPrefix) !== 0;
}
