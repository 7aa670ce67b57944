/** What a recorded RENAME does to a room, and to what is kept of it beside the log. Called by apply.ts alone, but for {@link renamedFrom}. */
import { casefold } from "../irc/casemap.ts";
import type { Target } from "./archive.ts";
import type { EventOf, Place } from "./event.ts";
import type { Hub } from "./hub.ts";
import { followRenamed } from "./observer_follow.ts";
import { judgeObservers } from "./room_access.ts";
import { hasKeptOperator, saveSettings } from "./room_settings.ts";
import type { Room } from "./state.ts";
import { roomRenamed } from "./tell_some.ts";

type RenameEvent = EventOf<"rename">;

export function renameRoom(hub: Hub, room: Room, event: RenameEvent, place: Place): void {
  keepRenamed(hub, event, place);
  const { state } = hub;
  const { folded } = room;
  state.rooms.delete(folded);
  room.rename(event.to);
  state.rooms.set(room.folded, room);
  followRenamed(state, room.audience, folded, room.folded);
  roomRenamed(hub, room, event, place);
  judgeObservers(hub, room); // others may have followed the new name
}

/** Settings, markers and metadata go along with the name; topic and history the archive has taken along. Also at a start. */
export function keepRenamed(hub: Hub, { room, to }: RenameEvent, place: Place): void {
  const target = hub.archive.room(to);
  if ((target.settings?.seq ?? 0) <= place.seq) saveSettings(hub, target, place);
  hub.markers.rename(hub, room, to, place);
  hub.metadata.rename(hub, room, to, place.seq);
  hub.shown.rename(hub, room, to, place.seq);
}

/**
 * The room that was called `name` before; undefined: none was, or it is gone, so that the name is free. It is there while it has
 * members, or an account owns it.
 */
export function renamedFrom(hub: Hub, name: string): Target | undefined {
  const target = hub.archive.formerNames.find(name, hub.now);
  if (target === undefined) return undefined;
  const folded = casefold(target.name);
  const isThere = hub.state.rooms.get(folded)?.target === target ||
    hub.archive.rooms.get(folded) === target && hasKeptOperator(hub, target.settings);
  return isThere ? target : undefined;
}
