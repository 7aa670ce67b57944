/**
 * Bounds for idle conversations: channels and direct conversations that the log still holds and that are not in
 * use. Beyond a bound, conversations of the site that created most are dropped first (max-min fair): the oldest
 * first, and those without messages before those with messages.
 */
import { fairLevel } from "../../base/fair_share.ts";
import type { ConversationLog } from "../model/conversation_log.ts";

/** Channels without members, topic and settings; those with a topic or settings have bounds of their own. */
export const MAX_IDLE_CHANNELS = 10_000;
/** Direct conversations; each side counts as one. */
export const MAX_DIRECT_CONVERSATIONS = 20_000;
/** Conversations created between two prunings: the bounds may be exceeded by as many. */
export const CONVERSATIONS_BETWEEN_PRUNES = 1024;

/** Those of `targets` to drop so that `max` remain. */
export function findSurplusConversations<T extends { readonly target: ConversationLog }>(
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
