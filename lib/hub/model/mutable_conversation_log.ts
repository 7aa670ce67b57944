/**
 * Mutable side of {@link ConversationLog}, which only the history index and the store of channel settings may import: the
 * lint checks that.
 */
import { assert } from "../../base/assert.ts";
import { MutableChannelSettings } from "./channel_settings.ts";
import type { ConversationLog } from "./conversation_log.ts";
import type { MessagePosition } from "./identifiers.ts";
import { Timeline } from "./timeline.ts";

export class MutableConversationLog implements ConversationLog {
  readonly timeline: Timeline;
  topic = "";
  topicBy = "";
  topicAt = 0;
  topicSeq = 0;
  receivedAt = 0;
  receivedSeq = 0;
  createdAt = 0;
  renamedAt = 0;
  settings: MutableChannelSettings | undefined;
  createdFrom = "";

  /** `knownFrom`, `indexedFrom` and `countedFrom` as in {@link Timeline}. */
  constructor(public name: string, knownFrom: number, indexedFrom?: number, countedFrom?: number) {
    this.timeline = new Timeline(knownFrom, indexedFrom, countedFrom);
  }

  /** Sets the topic that `source` set at `time` by the record `seq`. */
  setTopic(topic: string, source: string, time: number, seq: number): void {
    [this.topic, this.topicBy, this.topicAt, this.topicSeq] = [topic, source, time, seq];
  }

  /** Sets the position of the newest message that the owner of a direct conversation received. */
  setReceived({ seq, time }: MessagePosition): void {
    [this.receivedAt, this.receivedSeq] = [time, seq];
  }

  /** Takes over the topic of `other`, which then has none. */
  takeTopic(other: MutableConversationLog): void {
    this.setTopic(other.topic, other.topicBy, other.topicAt, other.topicSeq);
    other.setTopic("", "", 0, 0);
  }
}

/** Returns the mutable side of `view`. */
export function writableLog(view: ConversationLog): MutableConversationLog {
  assert(view instanceof MutableConversationLog, "a view of a log has a mutable side");
  return view;
}

/** Settings of `view`, created if there are none. */
export function getOrCreateSettings(view: ConversationLog): MutableChannelSettings {
  return writableLog(view).settings ??= new MutableChannelSettings();
}
