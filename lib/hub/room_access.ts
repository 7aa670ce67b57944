/**
 * Who may enter a room, see it, look into it, speak there and run it. As long as nothing is set, everybody may do all but
 * the last. Accounts that are remembered as operators are held out of nothing; server operators may enter and act in every
 * room, where all see them do it, but read no closed one without being in it.
 */
import {
  ERR_BADCHANNELKEY,
  ERR_BANNEDFROMCHAN,
  ERR_CHANNELISFULL,
  ERR_INVITEONLYCHAN,
} from "../irc/numerics.ts";
import type { Target } from "./archive.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { isOver } from "./bans.ts";
import type { Hub } from "./hub.ts";
import { identitiesOf } from "./identity.ts";
import { followersOf, unfollowRoom } from "./observer_follow.ts";
import type { Steps } from "./pieces.ts";
import type { RoomMask } from "./room_mask.ts";
import { isKeptOperator, unitsOfMasks } from "./room_settings.ts";
import type { RoomSettings } from "./room_settings.ts";
import { OPERATOR, VOICE } from "./state.ts";
import type { Room, Session, User } from "./state.ts";

/** Operator of `room`, or of the server. */
export function runs(user: User | undefined, room: Room | undefined): boolean {
  if (user === undefined) return false;
  if (user.oper) return true;
  return room !== undefined && ((room.members.get(user) ?? 0) & OPERATOR) !== 0;
}

/** Why `user`, with `key` in hand, may not enter; undefined: nothing is against it. */
export function whyHeldOut(
  user: User,
  { settings }: Target,
  room: Room | undefined,
  key: string,
): { code: string; words: string } | undefined {
  if (settings === undefined || user.oper || room?.permanent || isKeptOperator(settings, user.account)) {
    return undefined;
  }
  const held = (code: string, words: string) => ({ code, words: `Cannot join channel (${words})` });
  // An invitation lets its receiver in once, whatever was set before it: an operator could have lifted that, too.
  const invitedAt = room && user.invites?.get(room);
  if (settings.bans(user) && (invitedAt === undefined || settings.bansSince(user, invitedAt))) {
    return held(ERR_BANNEDFROMCHAN, "+b");
  }
  if (invitedAt !== undefined) return undefined;
  const isExpected = settings.lists.I.some(({ compiled }) => compiled.matches(user));
  if (settings.has("i") && !isExpected) return held(ERR_INVITEONLYCHAN, "+i");
  if (settings.key !== "" && settings.key !== key) return held(ERR_BADCHANNELKEY, "+k");
  if (settings.limit > 0 && (room?.members.size ?? 0) >= settings.limit) return held(ERR_CHANNELISFULL, "+l");
  return undefined;
}

/** Whether `session` may know that there is such a room, and who is in it. */
export function maySee(session: Session, target: Target, room: Room | undefined): boolean {
  const { settings } = target;
  if (settings === undefined) return true;
  const { user } = session;
  if (user === undefined) return !settings.closed || isAtHome(session, target, room);
  return !settings.has("s") || user.oper || isAtHome(session, target, room);
}

/** Whether `session` may read what was and is said there. */
export function mayRead(hub: Hub, session: Session, target: Target, room: Room | undefined): boolean {
  const { settings } = target;
  if (settings === undefined) return true;
  if (!settings.closed && (room?.permanent || !isBanned(hub, session, settings))) return true;
  return isAtHome(session, target, room);
}

/** A member, one of its remembered operators, or an observer who belongs to one of these. */
function isAtHome({ user, owner, account }: Session, { settings }: Target, room: Room | undefined): boolean {
  if (isKeptOperator(settings, user === undefined ? account : user.account)) return true;
  if (room === undefined) return false;
  if (user !== undefined) return room.members.has(user);
  if (owner !== "") { for (const member of room.members.keys()) if (member.owner === owner) return true; }
  return false;
}

/** The masks of a room are held against the cloaks alone: an address that they matched could be found by trying masks. */
function isBanned(hub: Hub, session: Session, settings: RoomSettings): boolean {
  if (settings.lists.b.length === 0) return false;
  return identitiesOf(hub, session).some((each) => settings.bans(each));
}

/** Why `user` may say nothing there, in words; undefined: nothing is against it. Asked for every message. */
export function whySilent(user: User, { settings }: Target, room: Room | undefined): string | undefined {
  if (settings === undefined || !settings.silences) return undefined;
  const bits = room?.members.get(user);
  if (bits === undefined) {
    if (isKeptOperator(settings, user.account)) return undefined;
    const letter = settings.has("n") ? "n" : settings.closedBy;
    if (letter !== undefined) return `Cannot send to channel (+${letter}): enter it first`;
  } else if (bits & (OPERATOR | VOICE)) return undefined;
  if (settings.has("m")) return "Cannot send to channel (+m): it is moderated";
  return settings.bans(user) ? "Cannot send to channel (+b): you are banned from it" : undefined;
}

/** Why `user` may say nothing to anybody, in words; undefined: he may. */
export function whyMuted(hub: Hub, { muted }: User): string | undefined {
  if (muted === undefined || isOver(muted, hub.now)) return undefined;
  const when = muted.until === 0 ? "" : ` until ${new Date(muted.until).toUTCString()}`;
  return `You are muted${when}${muted.reason === "" ? "" : `: ${muted.reason}`}`;
}

/** A room that `user` is in, is banned from, and has no rank in; undefined: there is none. */
export function bannedIn(user: User): Room | undefined {
  for (const [room, bits] of user.rooms) {
    if (!(bits & (OPERATOR | VOICE)) && room.target.settings?.bans(user)) return room;
  }
  return undefined;
}

/** Calls `then` once it is judged where `user` is banned, so that {@link bannedIn} takes no time; not if `session` has gone. */
export function* onceJudged(session: Session, user: User, then: () => void): Steps {
  for (const { target } of user.rooms.keys()) {
    if (session.closing !== undefined) return;
    if (!target.settings?.isUnjudged(user)) continue;
    target.settings.bans(user);
    yield unitsOfMasks(target);
  }
  if (session.closing === undefined) then();
}

/**
 * Observers that may not read `room` hear it no longer, and those that follow it and may read it hear it again. With `changed`, only
 * bans and exceptions have changed, and all others are as they were.
 */
export function judgeObservers(hub: Hub, room: Room, changed?: readonly RoomMask[]): void {
  const isMeant = (session: Session) =>
    changed === undefined ||
    identitiesOf(hub, session).some((each) => changed.some((mask) => mask.matches(each)));
  for (const session of [...room.observers ?? []]) if (isMeant(session)) keepOut(hub, session, room);
  for (const session of followersOf(hub.state, room.folded)) {
    if (isMeant(session) && mayRead(hub, session, room.target, room)) enterAudience(hub, session, room);
  }
}

/** The same for one observer, and all rooms that it follows. */
export function judgeObserver(hub: Hub, session: Session): void {
  for (const room of [...session.rooms.keys()]) keepOut(hub, session, room);
  const { all = false, rooms: names = [] } = session.following ?? {};
  const followed = all ? hub.state.rooms.values() : names.values().map((name) => hub.state.rooms.get(name));
  for (const room of followed) {
    if (room !== undefined && mayRead(hub, session, room.target, room)) enterAudience(hub, session, room);
  }
}

function keepOut(hub: Hub, session: Session, room: Room): void {
  if (session.user !== undefined || mayRead(hub, session, room.target, room)) return;
  leaveAudience(hub, session, room);
  if (session.following?.all) return;
  unfollowRoom(hub.state, session, room.folded);
  hub.fail(session, "FOLLOW", "NO_SUCH_CHANNEL", room.name, "You can't follow it any more");
}
