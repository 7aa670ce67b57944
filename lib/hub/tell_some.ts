/** Who is told of what not everybody hears, or not everybody hears alike: by what their clients know, or by what they may. */
import { CAP, FORM_MASK } from "../irc/caps.ts";
import type { EventOf, MessageEvent, Place } from "./event.ts";
import type { Hub } from "./hub.ts";
import { MULTILINE_MASK, multilineLines } from "./multiline_view.ts";
import { followersOf } from "./observer_follow.ts";
import { mayRead } from "./room_access.ts";
import type { Steps } from "./pieces.ts";
import { sayRoom, unitsOfNames } from "./room_view.ts";
import { OPERATOR, VOICE } from "./state.ts";
import type { Room, Session } from "./state.ts";
import { observersOf, toSession } from "./tell.ts";
import { Versions } from "./versions.ts";
import { formOf, render } from "./view.ts";

type Redaction = EventOf<"redact">;
type Rename = EventOf<"rename">;

/** A message of several lines to a room. */
export function multilineMessage(
  hub: Hub,
  event: MessageEvent,
  place: Place,
  origin: Session | undefined,
): void {
  const ref = hub.batchRef();
  const versions = new Versions(
    hub,
    MULTILINE_MASK,
    (caps) => multilineLines(event, place, caps, hub.config, ref),
  );
  for (const session of hearersOf(hub, event.target, origin)) versions.tell(session);
}

/** Who hears what is said in the room called `name`; whoever says it only with echo-message. */
function* hearersOf(hub: Hub, name: string, origin: Session | undefined): Iterable<Session> {
  const room = hub.state.room(name);
  for (const session of room?.audience ?? followersOf(hub.state, name)) {
    if (session === origin) continue;
    if (room !== undefined || mayRead(hub, session, hub.archive.room(name), undefined)) yield session;
  }
  if (origin !== undefined && origin.caps & CAP.echoMessage) yield origin;
}

/** To the operators of a room, or to those with a voice too (STATUSMSG): `event.target` has the prefix in front. */
export function statusMessage(
  hub: Hub,
  event: MessageEvent,
  place: Place,
  origin: Session | undefined,
): void {
  const meant = event.target.startsWith("@") ? OPERATOR : OPERATOR | VOICE;
  for (const [user, bits] of hub.state.room(event.target.slice(1))?.members ?? []) {
    if (!(bits & meant)) continue;
    for (const session of user.sessions) if (session !== origin) toSession(hub, session, event, place);
  }
  if (origin !== undefined && origin.caps & CAP.echoMessage) toSession(hub, origin, event, place);
}

/** To those who know what it means that a message is taken back. */
export function redacted(hub: Hub, event: Redaction, place: Place, origin: Session | undefined): void {
  const versions = new Versions(
    hub,
    FORM_MASK | CAP.redaction,
    (caps) => caps & CAP.redaction ? [render(event, place, formOf(caps), hub.config.logId)] : [],
  );
  const hearers = event.to === ""
    ? hearersOf(hub, event.target, origin)
    : new Set([...sidesOf(hub, event), ...observersOf(hub, event)]);
  for (const session of hearers) versions.tell(session);
}

/** The sessions of both owners of a direct message, whatever they are called by now; the sender's with echo-message. */
function* sidesOf(hub: Hub, { from, to }: Redaction): Iterable<Session> {
  for (const { owner, sessions } of hub.state.users.values()) {
    if (owner !== to && owner !== from) continue;
    for (const session of sessions) if (owner === to || session.caps & CAP.echoMessage) yield session;
  }
}

/**
 * `room` has its new name. Clients that don't know of renaming see themselves leave it and come in again, unless nothing but the case
 * of letters has changed as they compare it, in ASCII (channel-rename, "Fallback").
 */
export function roomRenamed(hub: Hub, room: Room, event: Rename, place: Place): void {
  const sameToThem = asciiFolded(event.room) === asciiFolded(event.to);
  const anew: Session[] = [];
  for (const session of [...room.audience]) {
    if (session.caps & CAP.channelRename) toSession(hub, session, event, place);
    else if (session.user !== undefined && !sameToThem) {
      comeInAgain(hub, session, room, event, place);
      anew.push(session);
    }
  }
  hub.later(sayRoomToEach(hub, room, anew));
}

function* sayRoomToEach(hub: Hub, room: Room, sessions: readonly Session[]): Steps {
  for (const session of sessions) {
    if (session.rooms.has(room)) sayRoom(hub, session, room);
    yield unitsOfNames(hub, room);
  }
}

function comeInAgain(
  hub: Hub,
  session: Session,
  room: Room,
  { room: old, reason }: Rename,
  { time }: Place,
): void {
  const { source, realname, account } = session.user!;
  const place = { seq: 0, time, account: account?.name ?? "" };
  toSession(hub, session, { kind: "part", source, room: old, reason }, place);
  toSession(hub, session, { kind: "join", source, room: room.name, realname }, place);
}

/** ISUPPORT CASEMAPPING=ascii. */
export function asciiFolded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
