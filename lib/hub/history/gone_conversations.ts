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
  readonly absence: KnownAbsence;
}

/**
 * From which record on it is known that a conversation without a timeline has no messages: since the oldest record of
 * the log at the start, unless timelines were dropped since.
 */
export class KnownAbsence {
  /** Timelines were dropped of which the log may hold events. */
  hasPruned = false;
  #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  get from(): number {
    return this.#from;
  }

  /** Timelines were dropped of which the log may hold events, all below `seq`. */
  notePruned(seq: number): void {
    this.hasPruned = true;
    this.noteDropped(seq);
  }

  /** Timelines with events below `seq` were dropped. */
  noteDropped(seq: number): void {
    this.#from = Math.max(this.#from, seq);
  }
}

/** What decides which conversations are dropped. */
export interface DropRules {
  readonly isChannelInUse: (folded: string) => boolean;
  /** Those of the idle channels to drop. */
  readonly surplusOf: (idle: Iterable<readonly [folded: string, ConversationLog]>) => Iterable<string>;
  /** Whether the direct conversation of `owner` is still needed: what is known of its messages beside the log. */
  readonly isDirectInUse: (owner: OwnerId, conversation: ConversationLog) => boolean;
  /** Called when a direct conversation of `owner` has been dropped. */
  readonly onDirectConversationGone: (owner: OwnerId, folded: string, conversation: ConversationLog) => void;
}

/** Drops conversations of which the log holds nothing: surplus idle channels, and all direct conversations not in use. */
export function dropGoneConversations(
  { channels, directConversations, facts, log, absence }: ConversationMaps,
  { isChannelInUse, surplusOf, isDirectInUse, onDirectConversationGone }: DropRules,
): void {
  const oldest = log.oldestSeq;
  const idle = channels.entries().filter(([folded, { timeline }]) =>
    timeline.isGone(oldest) && !isChannelInUse(folded)
  );
  for (const folded of surplusOf(idle)) {
    const { topic, settings } = channels.get(folded)!;
    channels.delete(folded);
    absence.noteDropped(oldest);
    if (topic !== "") facts.put("topic", folded, undefined);
    if (settings !== undefined) facts.put("room", folded, undefined);
  }
  for (const [owner, conversations] of directConversations) {
    for (const [folded, target] of conversations) {
      if (!target.timeline.isGone(oldest) || isDirectInUse(owner, target)) continue;
      conversations.delete(folded);
      absence.noteDropped(oldest);
      onDirectConversationGone(owner, folded, target);
    }
    if (conversations.size === 0) directConversations.delete(owner);
  }
}
