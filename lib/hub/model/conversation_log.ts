import { LIST_LETTERS } from "./channel_modes.ts";
import type { ChannelSettings } from "./channel_settings.ts";
import type { MessagePosition } from "./identifiers.ts";
import type { ReadonlyTimeline } from "./timeline.ts";

/**
 * What the log holds of a channel, or of the talk of two people, as everything but the archive sees it, which indexes records in it
 * (mutable_conversation_log.ts); its settings change through their store (channel_settings_store.ts).
 */
export interface ConversationLog {
  /** As it was first spelled, or as the channel is called since. */
  readonly name: string;
  readonly timeline: ReadonlyTimeline;
  /** A room's topic, "" for none, with who set it (a source) and when (milliseconds since the epoch). */
  readonly topic: string;
  readonly topicBy: string;
  readonly topicAt: number;
  /** The record that set it; 0: none of this log. */
  readonly topicSeq: number;
  /** When the other one of a talk last said something; 0: not as far as the log goes. */
  readonly receivedAt: number;
  /** The record of that. */
  readonly receivedSeq: number;
  /** When the channel was made, as far back as the server knows (milliseconds since the epoch); 0: not known yet. */
  readonly createdAt: number;
  /** When the channel got the name that it has; 0: not as far as the log goes. */
  readonly renamedAt: number;
  /** How a channel is set up; undefined: as all channels are at first. */
  readonly settings: ChannelSettings | undefined;
  /** The address, as limits count it, that the first event of it came from; "": none yet. */
  readonly createdFrom: string;
}

/** Position of the newest message that the owner of a direct conversation received in it. */
export function lastReceived({ receivedAt, receivedSeq }: ConversationLog): MessagePosition {
  return { time: receivedAt, seq: receivedSeq };
}

/** Units of work (work_steps.ts) of matching all masks of `target` against one user. */
export function maskCheckUnits({ settings }: ConversationLog): number {
  if (settings === undefined) return 0;
  return LIST_LETTERS.reduce((sum, letter) => sum + settings.lists[letter].length, 0) * UNITS_PER_MASK_CHECK;
}

/** Units of work (work_steps.ts) of matching the slowest mask. */
export const UNITS_PER_MASK_CHECK = 2;
