/**
 * Channels and direct conversations of which the log holds something and that are in nobody's use are remembered up to a bound each.
 * Beyond it the address that made most of them gives way first (max-min fair), its oldest first, and those in which nothing was
 * said before those with messages.
 */
import { fairLevel } from "../../base/fair_share.ts";
import type { ConversationLog } from "../model/conversation_log.ts";

/** Channels that nobody is in, without topic and settings, which have bounds of their own. */
export const MAX_IDLE_CHANNELS = 10_000;
/** Direct conversations, each of their sides counted. */
export const MAX_DIRECT_CONVERSATIONS = 20_000;
/** What one of them takes, without its sequence numbers. Measured (V8 of Deno 2.9): 605 to 730. */
export const CONVERSATION_BYTES = 1024;
/** New targets between two looks at the bounds: so far they may be exceeded. */
export const CONVERSATIONS_BETWEEN_PRUNES = 1024;

/** Those of `targets` that have to go so that `max` stay. */
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
