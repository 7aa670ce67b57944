/**
 * Which observers follow which rooms. A room is followed by its name, whether it exists or not, so that following makes no room
 * and keeps none; whether an observer may read it is judged when it is made and whenever that changes (room_access.ts).
 */
import { casefold } from "../irc/casemap.ts";
import type { OwnerId } from "./event.ts";
import type { Following, Session, State } from "./state.ts";

/** `session` follows rooms called `folded` from now on. */
export function followRoom(state: State, session: Session, following: Following, folded: string): void {
  following.rooms.add(folded);
  const followers = state.roomFollowers.get(folded) ?? new Set();
  state.roomFollowers.set(folded, followers.add(session));
}

/** … and no longer. */
export function unfollowRoom(state: State, session: Session, folded: string): void {
  session.following?.rooms.delete(folded);
  const followers = state.roomFollowers.get(folded);
  if (followers?.delete(session) && followers.size === 0) state.roomFollowers.delete(folded);
}

/** The direct conversations that `session` follows are those of `owner` from now on; "": it follows none. */
export function followAs(state: State, session: Session, owner: OwnerId): void {
  const { following } = session;
  if (following === undefined || following.owner === owner) return;
  unfollowOwner(state, session, following);
  following.owner = owner;
  if (owner !== "") state.followers.set(owner, (state.followers.get(owner) ?? new Set()).add(session));
}

function unfollowOwner(state: State, session: Session, { owner }: Following): void {
  const followers = state.followers.get(owner);
  if (followers?.delete(session) && followers.size === 0) state.followers.delete(owner);
}

/** The session is gone. */
export function endFollowing(state: State, session: Session): void {
  const { following } = session;
  if (following === undefined) return;
  for (const folded of following.rooms) unfollowRoom(state, session, folded);
  state.followersOfAll.delete(session);
  unfollowOwner(state, session, following);
}

/** Observers that follow the room called `name`, each once; whether they may read it is not asked. */
export function* followersOf(state: State, name: string): Iterable<Session> {
  yield* state.followersOfAll;
  for (const session of state.roomFollowers.get(casefold(name)) ?? []) {
    if (!session.following?.all) yield session;
  }
}

/** The room called `old` (folded) is called `folded` from now on: those in its `audience` follow it there. */
export function followRenamed(state: State, audience: readonly Session[], old: string, folded: string): void {
  if (old === folded) return;
  for (const session of audience) {
    const { following } = session;
    if (!following?.rooms.has(old)) continue;
    unfollowRoom(state, session, old);
    followRoom(state, session, following, folded);
  }
}
