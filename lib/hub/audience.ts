/** Who hears a room: keeps its flat audience, its count of forms and each session's own list of rooms in step. */
import type { Hub } from "./hub.ts";
import type { Room, Session } from "./state.ts";
import { formOf } from "./view.ts";

export function enterAudience(hub: Hub, session: Session, room: Room): void {
  if (session.rooms.has(room)) return;
  session.setRoom(room, room.audience.length);
  room.audience.push(session);
  if (session.user === undefined) (room.observers ??= new Set()).add(session);
  room.formCounts[formOf(session.caps)]!++;
  hub.outgoing.entered(room, session);
}

export function leaveAudience(hub: Hub, session: Session, room: Room): void {
  const index = session.rooms.get(room);
  if (index === undefined) return;
  hub.outgoing.audienceChanges(room, session);
  session.setRoom(room, undefined);
  room.formCounts[formOf(session.caps)]!--;
  room.observers?.delete(session);
  const last = room.audience.pop()!;
  if (last !== session) {
    room.audience[index] = last;
    last.setRoom(room, index);
  }
}

/** Gives `session` other capabilities, and with them another form from the next line on. */
export function changeCaps(hub: Hub, session: Session, caps: number): void {
  const rooms = [...session.rooms.keys()];
  for (const room of rooms) {
    hub.outgoing.audienceChanges(room, session);
    room.formCounts[formOf(session.caps)]!--;
  }
  session.caps = caps;
  for (const room of rooms) {
    room.formCounts[formOf(caps)]!++;
    hub.outgoing.entered(room, session);
  }
}
