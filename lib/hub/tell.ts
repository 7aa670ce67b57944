/** Who is told of an event, and in which form: sessions one by one, a room as a whole, all rooms of somebody. */
import { CAP, FORM_MASK } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import { isMultiline } from "../irc/multiline.ts";
import { nickOf } from "./event.ts";
import type { MessageEvent, Place, RecordedEvent } from "./event.ts";
import type { Hub } from "./hub.ts";
import { multilineLines } from "./multiline_view.ts";
import { followersOf } from "./observer_follow.ts";
import { mayRead } from "./room_access.ts";
import type { Room, Session, User } from "./state.ts";
import { Versions } from "./versions.ts";
import { formOf, render, serverTags } from "./view.ts";
import type { Form } from "./view.ts";

/** A room without a member has no audience, but may have a history that the message is added to. */
export function roomMessage(hub: Hub, event: MessageEvent, place: Place, origin: Session | undefined): void {
  const room = hub.state.room(event.target);
  if (room === undefined) {
    for (const session of followersOf(hub.state, event.target)) {
      if (mayRead(hub, session, hub.archive.room(event.target), undefined)) {
        toSession(hub, session, event, place);
      }
    }
  }
  const echo = origin !== undefined && (origin.caps & CAP.echoMessage) !== 0;
  // A sender in the room that wants an echo without a label sees the line that all see.
  const shared = echo && room !== undefined && origin.rooms.has(room) && !hub.isHeld(origin);
  if (room !== undefined) {
    const line = (form: number) => shown(event, form) ? render(event, place, form, hub.config.logId) : "";
    hub.outgoing.room(room, line, shared ? undefined : origin);
  }
  if (echo && !shared) toSession(hub, origin, event, place);
}

/**
 * To all sessions of both sides, to each once; the sender's need echo-message to know their own words for theirs. What one
 * says to oneself comes twice, and a label is on the echo alone (labeled-response, "Tags").
 */
export function directMessage(
  hub: Hub,
  event: MessageEvent,
  place: Place,
  origin: Session | undefined,
): void {
  const receiver = hub.state.user(event.target);
  const sender = origin?.user ?? hub.state.user(nickOf(event.source));
  for (const session of receiver?.sessions ?? []) toReceiver(hub, session, event, place, origin);
  const elsewhere = (receiver?.sessions.length ?? 0) === 0 ? hub.accounts.of(event.to)?.users : undefined;
  for (const { sessions } of elsewhere ?? []) {
    for (const session of sessions) toReceiver(hub, session, event, place, origin);
  }
  if (hub.state.followers.size > 0) {
    for (const session of new Set(observersOf(hub, event))) toSession(hub, session, event, place);
  }
  for (const session of sender?.sessions ?? []) {
    const echo = session === origin || sender !== receiver && !elsewhere?.includes(sender!);
    if (echo && session.caps & CAP.echoMessage) toSession(hub, session, event, place);
  }
}

/** What one says to oneself comes without the label that its echo bears. */
function toReceiver(
  hub: Hub,
  session: Session,
  event: MessageEvent,
  place: Place,
  origin: Session | undefined,
): void {
  if (session !== origin) return toSession(hub, session, event, place);
  for (const line of linesFor(hub, session, event, place)) hub.outgoing.line(session, line);
}

/** TAGMSG is for clients that know tags (message-tags: "MUST NOT be delivered to clients that haven't negotiated"). */
function shown(event: RecordedEvent, form: number): boolean {
  return event.kind !== "message" || event.verb !== "TAGMSG" || (form & CAP.messageTags) !== 0;
}

export function toSession(hub: Hub, session: Session, event: RecordedEvent, place: Place): void {
  if (event.kind === "message" && isMultiline(event.text)) {
    for (const line of linesFor(hub, session, event, place)) hub.tell(session, line);
    return;
  }
  const form = formOf(session.caps);
  if (shown(event, form)) hub.tell(session, render(event, place, form, hub.config.logId));
}

/** To the user's own sessions. */
export function toUser(hub: Hub, user: User, event: RecordedEvent, place: Place): void {
  for (const session of user.sessions) toSession(hub, session, event, place);
}

function linesFor(hub: Hub, { caps }: Session, event: MessageEvent, place: Place): string[] {
  return isMultiline(event.text)
    ? multilineLines(event, place, caps, hub.config, hub.batchRef())
    : [render(event, place, formOf(caps), hub.config.logId)];
}

/** One event that is no message to all who hear `room`. */
export function toRoom(hub: Hub, room: Room | undefined, event: RecordedEvent, place: Place): void {
  if (room === undefined) return;
  const held = hub.origin !== undefined && hub.isHeld(hub.origin) && hub.origin.rooms.has(room)
    ? hub.origin
    : undefined;
  hub.outgoing.room(room, (form) => render(event, place, form, hub.config.logId), held);
  if (held !== undefined) toSession(hub, held, event, place);
}

/** One event to all who hear `room`, but for the sessions of `user`. */
export function toOthers(hub: Hub, room: Room, user: User, event: RecordedEvent, place: Place): void {
  const { origin } = hub;
  const [own, ...more] = user.sessions;
  if (more.length === 0 && (origin === undefined || origin === own || !hub.isHeld(origin))) {
    return hub.outgoing.room(room, (form) => render(event, place, form, hub.config.logId), own);
  }
  for (const session of room.audience) {
    if (session.user !== user) toSession(hub, session, event, place);
  }
}

/** One event to all who hear one of `rooms`, to each once: the largest room as a room, the others one by one. */
export function toRooms(hub: Hub, rooms: readonly Room[], event: RecordedEvent, place: Place): void {
  const [largest, ...others] = rooms.toSorted((a, b) => b.audience.length - a.audience.length);
  if (largest === undefined) return;
  toRoom(hub, largest, event, place);
  if (others.length === 0) return;
  const reach = new Reach();
  for (const session of largest.audience) reach.first(session);
  const versions = new Versions(hub, FORM_MASK, (form) => [render(event, place, form, hub.config.logId)]);
  for (const room of others) {
    for (const session of room.audience) if (reach.first(session)) versions.tell(session);
  }
}

let reaches = 0;

/**
 * Sessions that one event has reached. It may go to a hundred rooms of thousands, so a number at the session takes the place of
 * a set of them. One at a time.
 */
export class Reach {
  readonly #nth = ++reaches;

  /** True the first time that it is asked about `session`. */
  first(session: Session): boolean {
    if (session.reachedBy === this.#nth) return false;
    session.reachedBy = this.#nth;
    return true;
  }
}

/** `line`, which `user` is the source of, to every session with `cap` that shares one of `rooms` with it, to each once. */
export function tellPeers(
  hub: Hub,
  user: User,
  rooms: Iterable<Room>,
  cap: number,
  line: string,
  account?: string,
  watchers: Iterable<Session> = [],
): void {
  const reach = new Reach();
  const versions = new Versions(hub, FORM_MASK, (form) => [taggedOf(hub, form, user, line, account)]);
  const tell = (session: Session, wanted: number) => {
    if ((session.caps & wanted) !== wanted || session.user === user || !reach.first(session)) return;
    versions.tell(session);
  };
  for (const room of rooms) for (const session of room.audience) tell(session, cap);
  for (const session of watchers) tell(session, cap | CAP.extendedMonitor);
}

/** … and to those with extended-monitor that watch the name of `user` (https://ircv3.net/specs/extensions/extended-monitor). */
export function tellPeersAndWatchers(
  hub: Hub,
  user: User,
  cap: number,
  line: string,
  account?: string,
): void {
  tellPeers(hub, user, user.seenIn, cap, line, account, hub.monitors.watchersOf(user.folded));
}

/**
 * `line`, which `user` is the source of and which is not recorded, with the tags that `session` sees. `account`: the one that it
 * is said under, where that is not the user's account now.
 */
export function tellOf(
  hub: Hub,
  session: Session,
  user: User,
  line: string,
  account?: string,
): void {
  hub.tell(session, taggedOf(hub, formOf(session.caps), user, line, account));
}

function taggedOf(
  hub: Hub,
  form: Form,
  user: User,
  line: string,
  account = user.account?.name ?? "",
): string {
  const place = { seq: 0, time: hub.now, account, bot: hub.state.bots.has(user) };
  const tags = serverTags(place, form, hub.config.logId);
  return tags === "" ? line : `@${tags} ${line}`;
}

/** Observers that follow the talk to which `event`, a direct message, belongs. */
export function* observersOf(
  hub: Hub,
  event: Pick<MessageEvent, "source" | "target" | "from" | "to">,
): Iterable<Session> {
  const sides = [[event.from, event.target], [event.to, nickOf(event.source)]] as const;
  for (const [owner, other] of sides) {
    for (const session of hub.state.followers.get(owner) ?? []) {
      if (session.following?.all || session.following?.persons.has(casefold(other))) yield session;
    }
  }
}
