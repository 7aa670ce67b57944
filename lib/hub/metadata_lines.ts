/**
 * How metadata are told (https://ircv3.net/specs/extensions/metadata), and to which sessions: draft/metadata-2 has METADATA lines for
 * what others set, draft/metadata-3 has 761 and 766 for everything.
 */
import { CAP, QUIET_CAP } from "../irc/caps.ts";
import { RPL_KEYNOTSET, RPL_KEYVALUE } from "../irc/numerics.ts";
import { isRoomName } from "../irc/names.ts";
import type { Hub } from "./hub.ts";
import { MAX_METADATA_LINES } from "./metadata.ts";
import type { Subject } from "./metadata.ts";
import type { Steps } from "./pieces.ts";
import { mayRead, runs } from "./room_access.ts";
import { Room, UNSEEN, User } from "./state.ts";
import type { Session } from "./state.ts";
import { Reach } from "./tell.ts";
import { Versions } from "./versions.ts";

/** draft/metadata-3: the target that stands for all that a session hears of. */
export const ALL = "*ALL";

/** Whether `session` has draft/metadata-3, not draft/metadata-2. */
export function isThird({ quietCaps }: Session): boolean {
  return (quietCaps & QUIET_CAP.metadata3) !== 0;
}

/**
 * What `name` means to `session`; undefined: nothing that it may know of. Of a closed room (+i, +k, +s) only those know that are in it,
 * and server operators.
 */
export function subjectCalled(hub: Hub, session: Session, name: string): Subject | undefined {
  if (name === "*") return session.user;
  if (!isRoomName(name)) return hub.state.user(name) ?? hub.accounts.get(name);
  const room = hub.state.room(name);
  if (room === undefined) return undefined;
  return mayRead(hub, session, room.target, room) || runs(session.user, room) ? room : undefined;
}

export function nameOf(subject: Subject): string {
  return subject instanceof User ? subject.nick : subject.name;
}

/** 761, or 766 where `key` has no value. */
export function valueLine(
  hub: Hub,
  session: Session,
  target: string,
  key: string,
  value: string | undefined,
): string {
  const nick = session.user?.nick ?? session.nick;
  const lead = `:${hub.config.serverName} `;
  return value === undefined
    ? `${lead}${RPL_KEYNOTSET} ${nick} ${target} ${key} :key not set`
    : `${lead}${RPL_KEYVALUE} ${nick} ${target} ${key} * :${value}`;
}

/** Tells the sessions that want to know, but for `origin`, that `key` has another value, or none (undefined), by `source`. */
export function tellMetadata(
  hub: Hub,
  subject: User | Room,
  key: string,
  value: string | undefined,
  source: string,
  origin: Session,
): void {
  const name = nameOf(subject);
  const line = `:${source} METADATA ${name} ${key} *${value === undefined ? "" : ` :${value}`}`;
  const versions = new Versions(hub, 0, () => [line]);
  for (const session of hearersOf(hub, subject)) {
    if (session === origin || !(session.caps & CAP.metadata)) continue;
    if (!hub.metadata.subscriptions(session).has(key)) continue;
    if (isThird(session)) hub.tell(session, valueLine(hub, session, name, key, value));
    else versions.tell(session);
  }
}

function* hearersOf(hub: Hub, subject: User | Room): Iterable<Session> {
  if (subject instanceof Room) return yield* subject.audience;
  const reach = new Reach();
  for (const { audience } of [{ audience: subject.sessions }, ...subject.seenIn]) {
    for (const session of audience) if (reach.first(session)) yield session;
  }
  for (const session of hub.monitors.watchersOf(subject.folded)) {
    if ((session.caps & CAP.extendedMonitor || isThird(session)) && reach.first(session)) yield session;
  }
}

/** The lines to `session` about `subject`, those of `keys` or all of them. */
function linesOf(hub: Hub, session: Session, subject: Subject, keys?: ReadonlySet<string>): string[] {
  const values = hub.metadata.of(subject);
  if (values.size === 0) return [];
  const name = nameOf(subject);
  const known = [...values].filter(([key]) => keys?.has(key) ?? true);
  if (isThird(session)) return known.map(([key, value]) => valueLine(hub, session, name, key, value));
  return known.map(([key, value]) => `:${hub.config.serverName} METADATA ${name} ${key} * :${value}`);
}

/**
 * The lines to `session` about `subject`, those of `keys` or all of them; of a room that its user is in those about the members that
 * are seen there too, but for those in `told`, which gets them.
 */
export function metadataLines(
  hub: Hub,
  session: Session,
  subject: Subject,
  keys?: ReadonlySet<string>,
  told = new Set<User>(),
): string[] {
  const lines = linesOf(hub, session, subject, keys);
  const { user } = session;
  if (!(subject instanceof Room) || user === undefined || !subject.members.has(user)) return lines;
  if (subject.members.size > MAX_METADATA_LINES) return lines;
  for (const [member, bits] of subject.members) {
    if (bits & UNSEEN || told.has(member)) continue;
    told.add(member);
    lines.push(...linesOf(hub, session, member, keys));
    if (lines.length > MAX_METADATA_LINES) break;
  }
  return lines.slice(0, MAX_METADATA_LINES);
}

/** `lines` in a batch `metadata`, where the session knows batches. */
export function sayMetadata(hub: Hub, session: Session, name: string, lines: readonly string[]): void {
  sayBatched(hub, session, `metadata ${name}`, lines);
}

/** `lines` in a batch of that type and parameters, where the session knows batches. */
export function sayBatched(hub: Hub, session: Session, type: string, lines: readonly string[]): void {
  const ref = hub.batchRef();
  const batched = (session.caps & CAP.batch) !== 0;
  if (batched) hub.tell(session, `:${hub.config.serverName} BATCH +${ref} ${type}`);
  for (const line of lines) hub.tell(session, batched ? `@batch=${ref} ${line}` : line);
  if (batched) hub.tell(session, `:${hub.config.serverName} BATCH -${ref}`);
}

/** What `session` is told of a room that it has come in to; draft/metadata-3: a batch also where there is nothing. */
export function syncRoom(hub: Hub, session: Session, room: Room): void {
  if (!(session.caps & CAP.metadata)) return;
  const keys = hub.metadata.subscriptions(session);
  if (!isThird(session)) {
    const lines = keys.size === 0 ? [] : metadataLines(hub, session, room, keys);
    if (lines.length > 0) sayMetadata(hub, session, room.name, lines);
  } else if (session.caps & CAP.batch) {
    sayMetadata(hub, session, room.name, keys.size === 0 ? [] : metadataLines(hub, session, room, keys));
  }
}

/** What `session`, which watches `users`, is told beside 730 (draft/metadata-3). */
export function* syncWatched(hub: Hub, session: Session, users: readonly User[]): Generator<number> {
  if (!isThird(session) || !(session.caps & CAP.batch)) return;
  const keys = hub.metadata.subscriptions(session);
  for (const user of users) {
    if (session.closing !== undefined) return;
    if (hub.state.users.get(user.folded) !== user) continue; // it has left meanwhile
    const lines = metadataLines(hub, session, user, keys);
    sayMetadata(hub, session, user.nick, lines);
    yield 1 + lines.length;
  }
}

/** … the same to all that watch it. */
export function* syncWatchers(hub: Hub, user: User): Steps {
  for (const session of [...hub.monitors.watchersOf(user.folded)]) yield* syncWatched(hub, session, [user]);
}

/** "Upon requesting the `metadata` capability, clients receive their non-transient metadata", be it none. */
export function sayOwnMetadata(hub: Hub, session: Session): void {
  const { user } = session;
  if (!(session.caps & CAP.metadata) || user === undefined) return;
  sayMetadata(hub, session, user.nick, metadataLines(hub, session, user));
}
