/** What a room looks like to a session: its topic and its names. */
import { utf8Length } from "../base/bytes.ts";
import { CAP } from "../irc/caps.ts";
import { CRLF_BYTES, MAX_LINE_BYTES, NICKLEN } from "../irc/limits.ts";
import { RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_TOPIC, RPL_TOPICWHOTIME } from "../irc/numerics.ts";
import { nickOf } from "./event.ts";
import { isFindable } from "./findable.ts";
import { maySee } from "./room_access.ts";
import { sayMarker } from "./markers.ts";
import { syncRoom } from "./metadata_lines.ts";
import type { Hub } from "./hub.ts";
import type { Steps } from "./pieces.ts";
import { OPERATOR, UNSEEN, VOICE } from "./state.ts";
import type { Room, Session, User } from "./state.ts";
import { wordLines } from "./word_lines.ts";

/** How a name looks in NAMES: bits of an index of `Room.names`. */
const MULTI_PREFIX = 1;
/** https://ircv3.net/specs/extensions/userhost-in-names */
const USERHOST = 2;

/** Names that are told in about the time of one line. */
const NAMES_PER_UNIT = 5;
/** So many times as long it takes where it has to be found out for each member whether it may be found. */
const FILTERED_EFFORT = 5;

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
 * until it hears of them leaving, which it will not of the others. What is more than a piece comes later.
 */
export function sayNames(hub: Hub, session: Session, room: Room): void {
  const steps = nameSteps(hub, session, room);
  if (room.members.size > hub.pieceUnits) hub.later(steps);
  else while (!steps.next().done);
}

/** Units (pieces.ts) of telling the names of `room`, if it is done at once. */
export function unitsOfNames(hub: Hub, room: Room): number {
  return 1 + Math.min(room.members.size, hub.pieceUnits) / NAMES_PER_UNIT;
}

function* nameSteps(hub: Hub, session: Session, room: Room): Steps {
  const style = (hasMultiPrefix(session) ? MULTI_PREFIX : 0) |
    (session.caps & CAP.userhostInNames ? USERHOST : 0);
  const say = (names: string) => {
    const lead = `${room.target.settings?.has("s") ? "@" : "="} ${room.name} :`;
    hub.numeric(session, RPL_NAMREPLY, lead + names);
  };
  const { user } = session;
  const inside = user !== undefined && room.members.has(user);
  const all = inside || hub.state.invisible.size === 0;
  const { names: cache } = room;
  const known = all ? cache[style] : undefined;
  const told: string[] = [];
  for (const lines of known === undefined ? namesOf(hub, room, style, all ? undefined : session) : [known]) {
    if (session.closing !== undefined) return;
    if (!maySee(session, room.target, room)) break; // not any more
    for (const names of lines) say(names);
    if (known === undefined) told.push(...lines);
    yield Math.ceil(hub.pieceUnits / NAMES_PER_UNIT) * (all ? 1 : FILTERED_EFFORT);
  }
  if (all) cache[style] ??= told; // the room has another cache if anything has changed meanwhile
  if (user !== undefined && (room.members.get(user) ?? 0) & UNSEEN) {
    say(nameOf(user, room.members.get(user)!, style));
  }
  hub.numeric(session, RPL_ENDOFNAMES, `${room.name} :End of /NAMES list.`);
}

/**
 * The names that others see, and that `asker`, where given, may find: as many to a line as fit. Each time so many
 * members are looked at as fit a piece; those that have gone by then are not in it, those that have come meanwhile are.
 */
function* namesOf(hub: Hub, room: Room, style: number, asker: Session | undefined): Iterable<string[]> {
  const linesOf = (names: string[]) => {
    const head = `:${hub.config.serverName} ${RPL_NAMREPLY}  = ${room.name} :`;
    return wordLines(names, " ", MAX_LINE_BYTES - CRLF_BYTES - utf8Length(head) - NICKLEN);
  };
  let names: string[] = [];
  let looked = 0;
  for (const [user, bits] of room.members) {
    if (looked++ === hub.pieceUnits) {
      yield linesOf(names);
      [names, looked] = [[], 1];
    }
    if (!(bits & UNSEEN) && (asker === undefined || isFindable(hub, asker, user))) {
      names.push(nameOf(user, bits, style));
    }
  }
  yield linesOf(names);
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
