import type { EventLog } from "../log/event_log.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { NameMap } from "../model/name_map.ts";

/** The part of the history index (history_index.ts) that is emptied here. */
export interface ConversationMaps {
  readonly channels: NameMap<ConversationLog>;
  readonly directConversations: Map<OwnerId, Map<string, ConversationLog>>;
  readonly facts: FactBuffer;
  readonly log: EventLog;
}

/**
 * Drops conversations of which the log holds nothing: idle channels (those that `inUse` denies) as far as `surplus`
 * returns them, and all such direct conversations, each reported to `onConversationGone`.
 */
export function dropGoneConversations(
  { channels, directConversations, facts, log }: ConversationMaps,
  inUse: (folded: string) => boolean,
  surplus: (idle: Iterable<readonly [folded: string, ConversationLog]>) => Iterable<string>,
  onConversationGone: (owner: OwnerId, folded: string, conversation: ConversationLog) => void,
): void {
  const oldest = log.oldestSeq;
  const idle = channels.entries().filter(([folded, { timeline }]) =>
    timeline.isGone(oldest) && !inUse(folded)
  );
  for (const folded of surplus(idle)) {
    const { topic, settings } = channels.get(folded)!;
    channels.delete(folded);
    if (topic !== "") facts.put("topic", folded, undefined);
    if (settings !== undefined) facts.put("room", folded, undefined);
  }
  for (const [owner, conversations] of directConversations) {
    for (const [folded, target] of conversations) {
      if (!target.timeline.isGone(oldest)) continue;
      conversations.delete(folded);
      onConversationGone(owner, folded, target);
    }
    if (conversations.size === 0) directConversations.delete(owner);
  }
}
