/**
 * Bounds for idle conversations: channels and direct conversations that the log still holds and that are not in
 * use. Beyond a bound, conversations of the site that created most are dropped first (max-min fair): the oldest
 * first, and those without messages before those with messages.
 */
import { fairLevel } from "../../base/fair_share.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { NameMap } from "../model/name_map.ts";

/** Channels without members, topic and settings; those with a topic or settings have bounds of their own. */
export const MAX_IDLE_CHANNELS = 10_000;
/** Direct conversations; each side counts as one. */
export const MAX_DIRECT_CONVERSATIONS = 20_000;
/** Conversations created between two prunings: the bounds may be exceeded by as many. */
export const CONVERSATIONS_BETWEEN_PRUNES = 1024;

/** Idle channels to drop, of those that `isIdle` names and that have neither topic nor settings. */
export function findSurplusChannelLogs(
  channels: NameMap<ConversationLog>,
  isIdle: (folded: string, target: ConversationLog) => boolean,
): { folded: string; target: ConversationLog }[] {
  const idle = Array.from(channels, ([folded, target]) => ({ folded, target })).filter(({ folded, target }) =>
    target.topic === "" && target.settings === undefined && isIdle(folded, target)
  );
  return findSurplusConversations(idle, MAX_IDLE_CHANNELS);
}

/** Direct conversations to drop. */
export function findSurplusDirect(
  directConversations: ReadonlyMap<OwnerId, ReadonlyMap<string, ConversationLog>>,
): { owner: OwnerId; folded: string; target: ConversationLog }[] {
  const all = [...directConversations].flatMap(([owner, own]) =>
    Array.from(own, ([folded, target]) => ({ owner, folded, target }))
  );
  return findSurplusConversations(all, MAX_DIRECT_CONVERSATIONS);
}

/** Those of `targets` to drop so that `max` remain. */
function findSurplusConversations<T extends { readonly target: ConversationLog }>(
  targets: readonly T[],
  max: number,
): T[] {
  if (targets.length <= max) return [];
  const byMaker = Map.groupBy(targets, ({ target }) => target.createdFrom);
  const level = Math.floor(fairLevel(Array.from(byMaker.values(), ({ length }) => length), max));
  return [...byMaker.values()].flatMap((own) =>
    own.length <= level ? [] : own.sort(byRetentionValue).slice(0, own.length - level)
  );
}

function byRetentionValue(
  { target: a }: { target: ConversationLog },
  { target: b }: { target: ConversationLog },
): number {
  return Number(a.timeline.hasMessages) - Number(b.timeline.hasMessages) ||
    a.timeline.lastSeq - b.timeline.lastSeq;
}
