/**
 * Indexes which observers follow which channels. A channel is followed by its name, whether it exists or not, so
 * following neither creates a channel nor keeps one. Whether an observer may read the channel is evaluated when the
 * channel is created and whenever the answer may change (channel_access.ts).
 */
import type { OwnerId } from "../model/identifiers.ts";
import type { FollowedTargets, Session } from "../model/state/entities.ts";
import type { MutableFollowedTargets } from "../model/state/mutable_entities.ts";
import type { MutableState } from "../model/state/mutable_state.ts";
import { writable } from "./writable.ts";

/** Makes `session` follow channels called `folded`. */
export function addChannelObserver(
  state: MutableState,
  session: Session,
  following: MutableFollowedTargets,
  folded: string,
): void {
  following.channels.add(folded);
  const followers = state.observersByChannel.get(folded) ?? new Set();
  state.observersByChannel.set(folded, followers.add(session));
}

/** Makes `session` stop following channels called `folded`. */
export function removeChannelObserver(state: MutableState, session: Session, folded: string): void {
  writable(session).followed?.channels.delete(folded);
  const followers = state.observersByChannel.get(folded);
  if (followers?.delete(session) && followers.size === 0) state.observersByChannel.delete(folded);
}

/** Sets the owner of the direct conversations that `session` follows; "": it follows none. */
export function setFollowedOwner(state: MutableState, session: Session, owner: OwnerId): void {
  const { followed } = writable(session);
  if (followed === undefined || followed.owner === owner) return;
  removeOwnerObserver(state, session, followed);
  followed.owner = owner;
  if (owner !== "") {
    state.observersByOwner.set(owner, (state.observersByOwner.get(owner) ?? new Set()).add(session));
  }
}

function removeOwnerObserver(state: MutableState, session: Session, { owner }: FollowedTargets): void {
  const followers = state.observersByOwner.get(owner);
  if (followers?.delete(session) && followers.size === 0) state.observersByOwner.delete(owner);
}

/** Removes `session`, which has ended, from all indexes. */
export function removeObserver(state: MutableState, session: Session): void {
  const { followed } = writable(session);
  if (followed === undefined) return;
  for (const folded of followed.channels) removeChannelObserver(state, session, folded);
  state.observersOfEverything.delete(session);
  removeOwnerObserver(state, session, followed);
}

/** Moves the followers of the channel `old` (folded) that are in its `audience` to its new name `folded`. */
export function moveChannelObservers(
  state: MutableState,
  audience: readonly Session[],
  old: string,
  folded: string,
): void {
  if (old === folded) return;
  for (const session of audience) {
    const { followed } = writable(session);
    if (!followed?.channels.has(old)) continue;
    removeChannelObserver(state, session, old);
    addChannelObserver(state, session, followed, folded);
  }
}
