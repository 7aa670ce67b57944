/**
 * Rooms come and go with who is in them: makes a room, takes a member out of it, drops it when nobody is left, and shows who is
 * in a large room unseen. Called by what applies events, but for {@link roomCalled}.
 */
import { leaveAudience } from "./audience.ts";
import type { Place } from "./event.ts";
import type { Hub } from "./hub.ts";
import { isLobby } from "./lobby.ts";
import { judgeObservers } from "./room_access.ts";
import { Room, UNSEEN } from "./state.ts";
import type { User } from "./state.ts";
import { toOthers } from "./tell.ts";

/** The room called `name`, made from the address `host` when it is not there; "": by the server itself. */
export function roomCalled(hub: Hub, name: string, host: string): Room {
  const known = hub.state.room(name);
  if (known !== undefined) return known;
  const target = hub.archive.room(name);
  target.createdAt ||= hub.now;
  const room = new Room(name, target, hub.roomShares.made(host), isLobby(hub, name));
  hub.state.rooms.set(room.folded, room);
  const { followersOfAll, roomFollowers } = hub.state;
  if (followersOfAll.size > 0 || roomFollowers.size > 0) judgeObservers(hub, room);
  return room;
}

/** Announces a member of a large room, where nobody was told of it yet, before others hear of what it does there. */
export function showMember(hub: Hub, user: User | undefined, room: Room | undefined, { time }: Place): void {
  if (user === undefined || room === undefined || !isUnseen(user, room)) return;
  room.setMember(user, room.members.get(user)! & ~UNSEEN);
  const { source } = user;
  const account = user.account?.name ?? "";
  toOthers(hub, room, user, { kind: "join", source, room: room.name, realname: user.realname }, {
    seq: 0,
    time,
    account,
    bot: hub.state.bots.has(user),
  });
}

export function isUnseen(user: User, room: Room | undefined): boolean {
  return room !== undefined && ((room.members.get(user) ?? 0) & UNSEEN) !== 0;
}

export function leaveRoom(hub: Hub, user: User, room: Room): void {
  room.setMember(user, undefined);
  const last = user.sessions.at(-1);
  if (last !== undefined) hub.shown.left(hub, user, last, [room]);
  for (const session of user.sessions) leaveAudience(hub, session, room);
  if (room.target.settings?.closed) judgeObservers(hub, room);
  dropIfEmpty(hub, room);
}

/**
 * A room without members goes; its history stays as long as the ring holds it. Observers keep no room in existence: those that
 * follow its name hear it again when it is made anew.
 */
function dropIfEmpty(hub: Hub, room: Room): void {
  if (room.members.size > 0 || room.permanent) return;
  for (const session of [...room.audience]) leaveAudience(hub, session, room);
  hub.state.rooms.delete(room.folded);
  hub.roomShares.gone(room.madeFrom);
}
