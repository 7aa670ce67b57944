/** Renaming a channel in the history index. */
import { casefold } from "../../irc/names/casemap.ts";
import type { EventLog } from "../log/event_log.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { MutableConversationLog, writableLog } from "../model/mutable_conversation_log.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { NameMap } from "../model/name_map.ts";
import type { FormerNames } from "./former_names.ts";
import type { RetainedMessages } from "./retained_messages.ts";

/** The part of the history index (history_index.ts) that a rename changes. */
export interface RenameableIndex {
  readonly channels: NameMap<ConversationLog>;
  readonly formerNames: FormerNames;
  readonly retained: RetainedMessages;
  readonly facts: FactBuffer;
  readonly log: EventLog;
  channel(name: string): ConversationLog;
  saveTopic(target: ConversationLog, seq: number): void;
  timeOf(seq: number): number | undefined;
}

/**
 * Moves everything known of a channel to its new name. During log replay, facts saved later may belong to the new
 * name, or to another channel that has taken the old one.
 */
export function renameChannelLog(
  history: RenameableIndex,
  from: string,
  to: string,
  { seq, time }: RecordPlace,
): void {
  const { channels, facts, formerNames, retained } = history;
  const [old, folded] = [casefold(from), casefold(to)];
  const target = writableLog(history.channel(from));
  const { name } = target; // during log replay perhaps as the later channel spells it
  target.name = to;
  target.renamedAt = time;
  if (old === folded) {
    channels.set(folded, target); // its skeleton may have changed
    if (target.topic !== "") history.saveTopic(target, Math.max(seq, target.topicSeq));
    return;
  }
  const known = channels.get(folded);
  const saved = known && writableLog(known);
  channels.delete(old);
  channels.set(folded, target);
  const other = new MutableConversationLog(name, history.log.oldestSeq);
  if (target.topicSeq > seq) other.takeTopic(target);
  if (saved !== undefined && saved.topicSeq >= seq) target.takeTopic(saved);
  if ((target.settings?.seq ?? 0) > seq) [other.settings, target.settings] = [target.settings, undefined];
  if ((saved?.settings?.seq ?? 0) >= seq) {
    target.settings = saved!.settings;
    target.createdAt = saved!.createdAt || target.createdAt;
  }
  const timeOf = (each: number) => history.timeOf(each) ?? 0;
  other.timeline.moveRetainedFrom(target.timeline, seq, timeOf);
  if (saved !== undefined) target.timeline.moveRetainedFrom(saved.timeline, 0, timeOf);
  retained.renameConversation(other, seq);
  retained.renameConversation(target, seq);
  if (other.topic !== "" || other.settings !== undefined || other.timeline.retained.length > 0) {
    channels.set(old, other);
  }
  if (other.topic === "") facts.put("topic", old, undefined, seq);
  if (other.settings === undefined) facts.put("room", old, undefined, seq);
  if (target.topic !== "") history.saveTopic(target, Math.max(seq, target.topicSeq));
  formerNames.add(old, target, time);
}
