/** Who is found by whom, and in which rooms (modern, "Invisible User Mode", "Secret Channel Mode"). */
import { CAP } from "../irc/caps.ts";
import type { Hub } from "./hub.ts";
import { mayRead, maySee } from "./room_access.ts";
import type { Room, Session, User } from "./state.ts";

/**
 * Whether `user` is listed for who does not ask for its very name: "they will not show up … unless they share a channel". Who runs
 * the server finds everybody.
 */
export function isFindable(hub: Hub, session: Session, user: User): boolean {
  const { state } = hub;
  if (state.invisible.size === 0 || !state.invisible.has(user)) return true;
  const asker = askerOf(session);
  if (asker !== undefined && (asker === user || asker.oper || sharesRoom(asker, user))) return true;
  for (const room of user.rooms.keys()) if (looksInto(hub, session, room)) return true;
  return false;
}

/** An observer finds whom the user finds to whose account it belongs. */
function askerOf({ user, account }: Session): User | undefined {
  return user ?? account?.users[0];
}

/** An observer can follow each room that it may read, and is to it what a member is: so `list` shows who is in the lobby. */
function looksInto(hub: Hub, session: Session, room: Room): boolean {
  return (session.caps & CAP.observer) !== 0 && mayRead(hub, session, room.target, room);
}

function sharesRoom(one: User, other: User): boolean {
  const [fewer, more] = one.rooms.size < other.rooms.size ? [one, other] : [other, one];
  for (const room of fewer.rooms.keys()) if (more.rooms.has(room)) return true;
  return false;
}

/** `room`, if `session` may know of it. */
export function seen(session: Session, room: Room | undefined): Room | undefined {
  return room !== undefined && maySee(session, room.target, room) ? room : undefined;
}

/** The rooms of `user` that `session` may know it to be in: of somebody invisible only those that both are in. */
export function* seenRooms(hub: Hub, session: Session, user: User): Iterable<Room> {
  const { state } = hub;
  const asker = askerOf(session);
  const all = asker === user || asker?.oper || !state.invisible.has(user);
  for (const room of user.rooms.keys()) {
    if (
      (all || asker?.rooms.has(room) || looksInto(hub, session, room)) && seen(session, room) !== undefined
    ) {
      yield room;
    }
  }
}
