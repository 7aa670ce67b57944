/** What a room looks like to a session: its topic and its names. */
import { utf8Length } from "../base/bytes.ts";
import { CAP } from "../irc/caps.ts";
import { CRLF_BYTES, MAX_LINE_BYTES, NICKLEN } from "../irc/limits.ts";
import { RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_TOPIC, RPL_TOPICWHOTIME } from "../irc/numerics.ts";
import { nickOf } from "./event.ts";
import { isFindable } from "./findable.ts";
import { sayMarker } from "./markers.ts";
import { syncRoom } from "./metadata.ts";
import type { Hub } from "./hub.ts";
import { OPERATOR, UNSEEN, VOICE } from "./state.ts";
import type { Room, Session, User } from "./state.ts";
import { wordLines } from "./word_lines.ts";

/** How a name looks in NAMES: bits of an index of `Room.names`. */
const MULTI_PREFIX = 1;
/** https://ircv3.net/specs/extensions/userhost-in-names */
const USERHOST = 2;

/** What follows a JOIN: topic and names (modern, "JOIN message"). */
export function sayRoom(hub: Hub, session: Session, room: Room): void {
  if (room.target.topic !== "") sayTopic(hub, session, room);
  // read-marker: "The command MUST be sent before the `RPL_ENDOFNAMES` reply".
  if (session.caps & CAP.readMarker && session.user !== undefined) {
    sayMarker(hub, session, session.user, room.name);
  }
  if (!(session.caps & CAP.noImplicitNames)) sayNames(hub, session, room);
  syncRoom(hub, session, room);
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
  const { user } = session;
  const style = (hasMultiPrefix(session) ? MULTI_PREFIX : 0) |
    (session.caps & CAP.userhostInNames ? USERHOST : 0);
  const inside = user !== undefined && room.members.has(user);
  const lines = inside || hub.state.invisible.size === 0
    ? room.names[style] ??= namesOf(hub, room, style, () => true)
    : namesOf(hub, room, style, (member) => isFindable(hub, session, member));
  for (const names of lines) hub.numeric(session, RPL_NAMREPLY, lead + names);
  if (user !== undefined && (room.members.get(user) ?? 0) & UNSEEN) {
    hub.numeric(session, RPL_NAMREPLY, lead + nameOf(user, room.members.get(user)!, style));
  }
  hub.numeric(session, RPL_ENDOFNAMES, `${room.name} :End of /NAMES list.`);
}

/** The names that others see and that are `listed`, as many to a line as fit whoever asks. */
function namesOf(hub: Hub, room: Room, style: number, listed: (member: User) => boolean): string[] {
  const head = `:${hub.config.serverName} ${RPL_NAMREPLY}  = ${room.name} :`;
  const names: string[] = [];
  for (const [user, bits] of room.members) {
    if (!(bits & UNSEEN) && listed(user)) names.push(nameOf(user, bits, style));
  }
  return wordLines(names, " ", MAX_LINE_BYTES - CRLF_BYTES - utf8Length(head) - NICKLEN);
}

function nameOf(user: User, bits: number, style: number): string {
  return prefixOf(bits, (style & MULTI_PREFIX) !== 0) + (style & USERHOST ? user.source : user.nick);
}

/** `@`, `+`, both where multi-prefix was asked for, or nothing. */
export function prefixOf(bits: number, multiPrefix: boolean): string {
  if (bits & OPERATOR) return bits & VOICE && multiPrefix ? "@+" : "@";
  return bits & VOICE ? "+" : "";
}

export function hasMultiPrefix(session: Session): boolean {
  return (session.caps & CAP.multiPrefix) !== 0;
}
