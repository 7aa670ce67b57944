import { LIST_LETTERS } from "./channel_modes.ts";
import type { ChannelSettings } from "./channel_settings.ts";
import type { MessagePosition } from "./identifiers.ts";
import type { ReadonlyTimeline } from "./timeline.ts";

/**
 * What the log holds of a channel, or of one owner's side of a direct conversation, with topic and settings. A
 * read-only view: the history index indexes records in the mutable side (mutable_conversation_log.ts), and the settings
 * change through their store (channel_settings_store.ts).
 */
export interface ConversationLog {
  /** Name as first spelled, or as renamed since. */
  readonly name: string;
  readonly timeline: ReadonlyTimeline;
  /** Topic of a channel, "" for none, with the source that set it and the time (milliseconds since the epoch). */
  readonly topic: string;
  readonly topicBy: string;
  readonly topicAt: number;
  /** Sequence number of the record that set it; 0: none in this log. */
  readonly topicSeq: number;
  /** Time of the newest message that the owner of a direct conversation received; 0: none in the log. */
  readonly receivedAt: number;
  /** Sequence number of that message. */
  readonly receivedSeq: number;
  /** Time when the channel was created, as far as the server knows (milliseconds since the epoch); 0: not known yet. */
  readonly createdAt: number;
  /** Time when the channel got its present name; 0: not within the log. */
  readonly renamedAt: number;
  /** Settings of a channel; undefined: the defaults. */
  readonly settings: ChannelSettings | undefined;
  /** Site that the first event came from; "": there was none yet. */
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
const UNITS_PER_MASK_CHECK = 2;
