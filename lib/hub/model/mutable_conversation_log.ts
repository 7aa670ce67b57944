/** The mutable side of {@link ConversationLog}, for the archive and the store of channel settings alone: the lint holds to it. */
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

  /** `knownFrom` as in {@link Timeline}. */
  constructor(public name: string, knownFrom: number) {
    this.timeline = new Timeline(knownFrom);
  }

  /** The record `seq` has set `topic`, of `source`, at `time`. */
  setTopic(topic: string, source: string, time: number, seq: number): void {
    [this.topic, this.topicBy, this.topicAt, this.topicSeq] = [topic, source, time, seq];
  }

  /** The record at `place` holds the newest message of the other one of a talk. */
  setReceived({ seq, time }: MessagePosition): void {
    [this.receivedAt, this.receivedSeq] = [time, seq];
  }

  /** The topic is that of `other`, which has none any more. */
  takeTopic(other: MutableConversationLog): void {
    this.setTopic(other.topic, other.topicBy, other.topicAt, other.topicSeq);
    other.setTopic("", "", 0, 0);
  }
}

/** What `view` is a view of. */
export function writableLog(view: ConversationLog): MutableConversationLog {
  assert(view instanceof MutableConversationLog, "a view of a log has a mutable side");
  return view;
}

/** The settings of `view`, made where there are none. */
export function getOrCreateSettings(view: ConversationLog): MutableChannelSettings {
  return writableLog(view).settings ??= new MutableChannelSettings();
}
