/**
 * Sends metadata to sessions (https://ircv3.net/specs/extensions/metadata): draft/metadata-2 uses METADATA lines
 * for values set by others, draft/metadata-3 uses 761 and 766 for everything.
 */
import { CapSet } from "../../irc/cap_set.ts";
import { CAP } from "../../irc/capabilities.ts";
import { RPL_KEYNOTSET, RPL_KEYVALUE } from "../../irc/numerics.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { HubContext, Services } from "../context.ts";
import { MAX_METADATA_LINES } from "../services/metadata.ts";
import type { MetadataSubject } from "../services/metadata.ts";
import type { WorkSteps } from "../model/work_steps.ts";
import { canRead, isChannelOperator } from "../policy/channel_access.ts";
import { UNANNOUNCED } from "../model/channel_modes.ts";
import { isChannel, isUser, sessionNick } from "../model/state/entities.ts";
import type { Channel, Session, User } from "../model/state/entities.ts";
import { FanOutOnce } from "./fan_out.ts";
import { RenderCache } from "./render_cache.ts";

/** draft/metadata-3: the target that stands for all targets that a session receives metadata of. */
export const ALL_KEYS_TARGET = "*ALL";

/** Whether `session` has draft/metadata-3, not draft/metadata-2. */
export function usesMetadata3({ caps }: Session): boolean {
  return caps.has(CAP.metadata3);
}

/**
 * The user or channel called `name`, as visible to `session`; undefined: none. A closed channel (+i, +k, +s) is
 * visible only to its members and to server operators.
 */
export function findSubject(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): MetadataSubject | undefined {
  if (name === "*") return session.user;
  if (!isChannelName(name)) return context.state.user(name) ?? services.accounts.get(name);
  const channel = context.state.channel(name);
  if (channel === undefined) return undefined;
  return canRead(context, session, channel.conversation, channel) || isChannelOperator(session.user, channel)
    ? channel
    : undefined;
}

export function subjectName(subject: MetadataSubject): string {
  return isUser(subject) ? subject.nick : subject.name;
}

/** Formats 761, or 766 if `key` has no value. */
export function formatMetadata(
  context: HubContext,
  session: Session,
  target: string,
  key: string,
  value: string | undefined,
): string {
  const nick = sessionNick(session);
  const lead = `:${context.config.serverName} `;
  return value === undefined
    ? `${lead}${RPL_KEYNOTSET} ${nick} ${target} ${key} :key not set`
    : `${lead}${RPL_KEYVALUE} ${nick} ${target} ${key} * :${value}`;
}

/**
 * Notifies subscribed sessions, except `origin`, that `source` has changed the value of `key` or removed it
 * (undefined).
 */
export function fanOutMetadata(
  context: HubContext,
  services: Services,
  subject: User | Channel,
  key: string,
  value: string | undefined,
  source: string,
  origin: Session,
): void {
  const name = subjectName(subject);
  const line = `:${source} METADATA ${name} ${key} *${value === undefined ? "" : ` :${value}`}`;
  const versions = new RenderCache(context, services, CapSet.EMPTY, () => [line]);
  for (const session of metadataReceivers(services, subject)) {
    if (session === origin || !session.caps.has(CAP.metadata)) continue;
    if (!services.metadata.subscriptions(session).has(key)) continue;
    if (usesMetadata3(session)) context.send(session, formatMetadata(context, session, name, key, value));
    else versions.send(session);
  }
}

function* metadataReceivers(services: Services, subject: User | Channel): Iterable<Session> {
  if (isChannel(subject)) return yield* subject.audience;
  const reach = new FanOutOnce();
  for (const { audience } of [{ audience: subject.sessions }, ...subject.announcedChannels]) {
    for (const session of audience) if (reach.isFirst(session)) yield session;
  }
  for (const session of services.monitors.watchersOf(subject.folded)) {
    if ((session.caps.has(CAP.extendedMonitor) || usesMetadata3(session)) && reach.isFirst(session)) {
      yield session;
    }
  }
}

/** The metadata lines of `subject` for `session`, for `keys` or for all keys. */
function metadataLinesFor(
  context: HubContext,
  services: Services,
  session: Session,
  subject: MetadataSubject,
  keys?: ReadonlySet<string>,
): string[] {
  const values = services.metadata.of(subject);
  if (values.size === 0) return [];
  const name = subjectName(subject);
  const known = [...values].filter(([key]) => keys?.has(key) ?? true);
  if (usesMetadata3(session)) {
    return known.map(([key, value]) => formatMetadata(context, session, name, key, value));
  }
  return known.map(([key, value]) => `:${context.config.serverName} METADATA ${name} ${key} * :${value}`);
}

/**
 * The metadata lines of `subject` for `session`, for `keys` or for all keys. For a channel that the session's user
 * is in, they include those of the members visible there, except the members in `told`, to which these are added.
 */
export function metadataLinesOfMany(
  context: HubContext,
  services: Services,
  session: Session,
  subject: MetadataSubject,
  keys?: ReadonlySet<string>,
  told = new Set<User>(),
): string[] {
  const lines = metadataLinesFor(context, services, session, subject, keys);
  const { user } = session;
  if (!isChannel(subject) || user === undefined || !subject.members.has(user)) return lines;
  if (subject.members.size > MAX_METADATA_LINES) return lines;
  for (const [member, bits] of subject.members) {
    if (bits & UNANNOUNCED || told.has(member)) continue;
    told.add(member);
    lines.push(...metadataLinesFor(context, services, session, member, keys));
    if (lines.length > MAX_METADATA_LINES) break;
  }
  return lines.slice(0, MAX_METADATA_LINES);
}

/** Sends `lines`, in a batch `metadata` if the session supports batches. */
export function sendMetadata(
  context: HubContext,
  session: Session,
  name: string,
  lines: readonly string[],
): void {
  sendBatch(context, session, `metadata ${name}`, lines);
}

/** Sends `lines`, in a batch of the given type and parameters if the session supports batches. */
export function sendBatch(
  context: HubContext,
  session: Session,
  type: string,
  lines: readonly string[],
): void {
  if (!session.caps.has(CAP.batch)) {
    for (const line of lines) context.send(session, line);
    return;
  }
  const ref = context.nextBatchRef();
  const { serverName } = context.config;
  context.sendBatch(session, [
    `:${serverName} BATCH +${ref} ${type}`,
    ...lines.map((line) => `@batch=${ref} ${line}`),
    `:${serverName} BATCH -${ref}`,
  ]);
}

/** Sends the metadata of a channel that `session` has joined; draft/metadata-3 gets a batch even if it is empty. */
export function sendChannelMetadata(
  context: HubContext,
  services: Services,
  session: Session,
  channel: Channel,
): void {
  if (!session.caps.has(CAP.metadata)) return;
  const keys = services.metadata.subscriptions(session);
  if (!usesMetadata3(session)) {
    const lines = keys.size === 0 ? [] : metadataLinesOfMany(context, services, session, channel, keys);
    if (lines.length > 0) sendMetadata(context, session, channel.name, lines);
  } else if (session.caps.has(CAP.batch)) {
    sendMetadata(
      context,
      session,
      channel.name,
      keys.size === 0 ? [] : metadataLinesOfMany(context, services, session, channel, keys),
    );
  }
}

/** Sends the metadata of the monitored `users` to `session`, in addition to 730 (draft/metadata-3). */
export function* sendWatchedMetadata(
  context: HubContext,
  services: Services,
  session: Session,
  users: readonly User[],
): Generator<number> {
  if (!usesMetadata3(session) || !session.caps.has(CAP.batch)) return;
  const keys = services.metadata.subscriptions(session);
  for (const user of users) {
    if (session.closeReason !== undefined) return;
    if (context.state.users.get(user.folded) !== user) continue; // the user has quit meanwhile
    const lines = metadataLinesOfMany(context, services, session, user, keys);
    sendMetadata(context, session, user.nick, lines);
    yield 1 + lines.length;
  }
}

/** Sends the metadata of `user` to all sessions that monitor it. */
export function* sendMetadataToWatchers(context: HubContext, services: Services, user: User): WorkSteps {
  for (const session of [...services.monitors.watchersOf(user.folded)]) {
    yield* sendWatchedMetadata(context, services, session, [user]);
  }
}

/**
 * "Upon requesting the `metadata` capability, clients receive their non-transient metadata", even if there are
 * none.
 */
export function sendOwnMetadata(context: HubContext, services: Services, session: Session): void {
  const { user } = session;
  if (!session.caps.has(CAP.metadata) || user === undefined) return;
  sendMetadata(context, session, user.nick, metadataLinesOfMany(context, services, session, user));
}
