import { LIST_LETTERS } from "./channel_modes.ts";
import { ChannelSettings } from "./channel_settings.ts";
import type { MessagePosition } from "./identifiers.ts";
import { Timeline } from "./timeline.ts";

/** What the log holds of a channel, or of the talk of two people. */
export class ConversationLog {
  readonly timeline: Timeline;
  /** A room's topic, "" for none, with who set it (a source) and when (milliseconds since the epoch). */
  topic = "";
  topicBy = "";
  topicAt = 0;
  /** The record that set it; 0: none of this log. */
  topicSeq = 0;
  /** When the other one of a talk last said something; 0: not as far as the log goes. */
  receivedAt = 0;
  /** The record of that. */
  receivedSeq = 0;
  /** When the channel was made, as far back as the server knows (milliseconds since the epoch); 0: not known yet. */
  createdAt = 0;
  /** When the channel got the name that it has; 0: not as far as the log goes. */
  renamedAt = 0;
  /** How a channel is set up; undefined: as all channels are at first. */
  settings: ChannelSettings | undefined;

  /** The address, as limits count it, that the first event of it came from; "": none yet. */
  createdFrom = "";

  /** `name` as it was first spelled, or as the channel is called since; `knownFrom` as in {@link Timeline}. */
  constructor(public name: string, knownFrom: number) {
    this.timeline = new Timeline(knownFrom);
  }

  /** The record `seq` has set `topic`, of `source`, at `time`. */
  setTopic(topic: string, source: string, time: number, seq: number): void {
    [this.topic, this.topicBy, this.topicAt, this.topicSeq] = [topic, source, time, seq];
  }

  /** The topic is that of `other`, which has none any more. */
  takeTopic(other: ConversationLog): void {
    this.setTopic(other.topic, other.topicBy, other.topicAt, other.topicSeq);
    other.setTopic("", "", 0, 0);
  }
}

/** The latest message that the owner of a direct conversation has received in it. */
export function lastReceived({ receivedAt, receivedSeq }: ConversationLog): MessagePosition {
  return { time: receivedAt, seq: receivedSeq };
}

/** Units (work_steps.ts) of holding all masks of `target` against one user. */
export function maskCheckUnits({ settings }: ConversationLog): number {
  if (settings === undefined) return 0;
  return LIST_LETTERS.reduce((sum, letter) => sum + settings.lists[letter].length, 0) * UNITS_PER_MASK_CHECK;
}

/** Units (work_steps.ts) that the worst mask takes. */
export const UNITS_PER_MASK_CHECK = 2;

/** The settings of `target`, made where there are none. */
export function getOrCreateSettings(target: ConversationLog): ChannelSettings {
  return target.settings ??= new ChannelSettings();
}
