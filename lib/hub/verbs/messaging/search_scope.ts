/** The conversations that a search covers: what the session may read, when it begins and when the answer comes. */
import { casefold } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { ConversationKey, SearchAnswer } from "../../../log/archive.ts";
import type { HubContext, Services } from "../../context.ts";
import { lobbyOf } from "../../model/config.ts";
import { maskCheckUnits } from "../../model/conversation_log.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import { accountOf, ownerOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import { canRead } from "../../policy/channel_access.ts";

export interface SearchScope {
  /** Channels by folded name, as they were when the search began; undefined: the log holds nothing of it. */
  readonly channels: ReadonlyMap<string, ConversationLog | undefined>;
  /** Owner of the direct conversations; "": none. */
  readonly owner: OwnerId;
  /** Folded nicks of the direct conversations; undefined: all of the owner. */
  readonly nicks: readonly string[] | undefined;
  /** Channels that the request names and that the log does not hold or the session may not read. */
  readonly missing: readonly string[];
}

/**
 * What `session` may read of what `places` name. If they name nothing: the channels that it is in, and its direct
 * conversations. Yields units of work (work_steps.ts).
 */
export function* findScope(
  context: HubContext,
  services: Services,
  session: Session,
  places: readonly string[],
): Generator<number, SearchScope> {
  const isNamed = places.length > 0;
  const names = isNamed ? places.filter(isChannelName) : ownChannels(context, session);
  const channels = new Map<string, ConversationLog | undefined>();
  const missing: string[] = [];
  for (const name of names) {
    const folded = casefold(name);
    const target = services.history.channels.get(folded);
    const isReadable = mayRead(context, session, folded, target);
    if (isReadable) channels.set(folded, target);
    if (isNamed && (target === undefined || !isReadable)) missing.push(name);
    yield 1 + (target === undefined ? 0 : maskCheckUnits(target));
  }
  const owner = ownerOf(session);
  const nicks = isNamed ? places.filter((name) => !isChannelName(name)).map(casefold) : undefined;
  return { channels, owner, nicks: owner === "" ? [] : nicks, missing };
}

/** Names of the channels that the session is in; of an observer those of its users, and the lobby. */
function ownChannels({ config, state }: HubContext, session: Session): Iterable<string> {
  const channels = new Set(session.channels.keys());
  if (session.user === undefined) {
    const users = accountOf(session)?.users ?? state.usersByClaimKey.get(ownerOf(session)) ?? [];
    for (const user of users) for (const channel of user.channels.keys()) channels.add(channel);
    const lobby = state.channel(lobbyOf(config));
    if (lobby !== undefined) channels.add(lobby);
  }
  return Array.from(channels, ({ name }) => name);
}

/** The first channel that the request names and that is not there, or that the session may not read. */
export function findUnknownChannel(
  { channels, missing }: SearchScope,
  { unknown = [] }: Pick<SearchAnswer, "unknown">,
): string | undefined {
  return missing.find((name) => !channels.has(casefold(name)) || unknown.includes(casefold(name)));
}

/** The scope as the archive is asked for it. */
export function toConversationKeys(
  { channels, owner, nicks }: SearchScope,
): { conversations: ConversationKey[]; owner?: OwnerId } {
  return {
    conversations: [
      ...Array.from(channels.keys(), (name) => ({ kind: "channel", name }) as const),
      ...(nicks ?? []).map((name) => ({ kind: "direct", owner, name }) as const),
    ],
    ...nicks === undefined && { owner },
  };
}

/** What the log holds of the scope, in keys of the archive. */
export function* conversationsInLog(
  { history }: Services,
  { channels, owner, nicks }: SearchScope,
): Iterable<readonly [ConversationKey, ConversationLog]> {
  for (const [name, conversation] of channels) {
    if (conversation !== undefined) yield [{ kind: "channel", name }, conversation];
  }
  const direct = history.directConversations.get(owner);
  for (const [name, conversation] of direct ?? []) {
    if (nicks === undefined || nicks.includes(name)) yield [{ kind: "direct", owner, name }, conversation];
  }
}

/**
 * Whether `session` may still read what was found in `key`: the channel has not been renamed, closed or replaced
 * meanwhile, and the session has the same owner.
 */
export function isStillReadable(
  context: HubContext,
  services: Services,
  session: Session,
  scope: SearchScope,
  key: ConversationKey,
): boolean {
  if (key.kind === "direct") return key.owner !== "" && key.owner === ownerOf(session);
  const target = services.history.channels.get(key.name);
  return scope.channels.has(key.name) && target === scope.channels.get(key.name) &&
    mayRead(context, session, key.name, target);
}

/** A channel of which the log holds nothing has no settings that could close it. */
function mayRead(
  context: HubContext,
  session: Session,
  folded: string,
  target: ConversationLog | undefined,
): boolean {
  const channel = context.state.channels.get(folded);
  if (session.user !== undefined && channel?.members.has(session.user)) return true;
  return target === undefined || canRead(context, session, target, channel);
}
