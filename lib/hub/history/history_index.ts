/**
 * History index: an index of the log by conversation, and the record of a sequence number. Rebuilt from the log when
 * the server starts, updated by every commit.
 */
import { CAP } from "../../irc/capabilities.ts";
import { assert } from "../../base/assert.ts";
import { subnetOf } from "../../base/ip.ts";
import { casefold } from "../../irc/names/casemap.ts";
import type { EventLog } from "../log/event_log.ts";
import type { LineOrigin } from "../model/line_origin.ts";
import { decodeEvent, encodeEvent, EVENT_MAX_BYTES } from "../log/event_codec.ts";
import { ArchiveLag } from "./archive_lag.ts";
import type { ArchiveOrders } from "./archive_orders.ts";
import { isTemporaryOwner, nickOf } from "../model/identifiers.ts";
import type { DirectTarget, RecordedEvent, RecordedMessage } from "../model/state/event.ts";
import type { MessagePosition, OwnerId, RecordPlace, Source } from "../model/identifiers.ts";
import { readMember, readTime } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";
import {
  CONVERSATIONS_BETWEEN_PRUNES,
  findSurplusChannelLogs,
  findSurplusDirect,
} from "./idle_conversations.ts";
import { NameMap } from "../model/name_map.ts";
import { KnownAbsence } from "./gone_conversations.ts";
import { RetainedMessages } from "./retained_messages.ts";
import type { RetentionRules } from "./retained_messages.ts";
import { hashSenderId, hashSenderIdOf, haveSameKey, SenderIdIndex } from "./sender_id_index.ts";
import { renameChannelLog } from "./channel_log_rename.ts";
import { FormerNames } from "./former_names.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { MutableConversationLog, writableLog } from "../model/mutable_conversation_log.ts";

/** A message read from the log. */
export interface LoggedMessage extends RecordPlace {
  event: RecordedMessage;
}

export interface HistoryIndexRules extends Omit<RetentionRules, "targetsOf"> {
  readonly archiveOrders: ArchiveOrders;
  /** Whether a channel exists that uses the conversation with that folded name. */
  readonly isInUse: (folded: string) => boolean;
  /** Called when a conversation of `owner` with the user of that folded nick has been dropped. */
  readonly onDirectConversationGone: (owner: OwnerId, folded: string, conversation: ConversationLog) => void;
}

export class HistoryIndex {
  /** Conversations of channels, by folded name. Each outlives its channel while the log holds something of it. */
  readonly channels = new NameMap<ConversationLog>(({ name }) => name);
  /** Direct conversations, by owner id and then by the folded nick of the other user. */
  readonly directConversations = new Map<OwnerId, Map<string, ConversationLog>>();
  readonly formerNames = new FormerNames();
  readonly lag: ArchiveLag;
  /** A message that only the archive has, while its redaction is recorded. */
  recalled: LoggedMessage | undefined;
  /** From this record on the channels of all authors are known; see past_membership.ts. */
  authorsFrom = 0;

  readonly #ids: SenderIdIndex;
  readonly #rules: HistoryIndexRules;
  readonly #scratch = new Uint8Array(EVENT_MAX_BYTES);
  /** Conversations created since the last pruning. */
  #made = 0;
  /** Sequence number of the newest indexed record. */
  #newest = 0;
  readonly retained: RetainedMessages;
  readonly absence: KnownAbsence;

  constructor(readonly log: EventLog, readonly facts: FactBuffer, rules: HistoryIndexRules) {
    this.#rules = rules;
    this.absence = new KnownAbsence(log.oldestSeq);
    this.lag = new ArchiveLag(rules.archiveOrders.unconfirmed, rules.archiveOrders.isUsed);
    const targetsOf = (event: RecordedMessage, seq: number) => this.#standingOf(event, seq);
    this.retained = new RetainedMessages(log, facts, { ...rules, targetsOf });
    this.#ids = new SenderIdIndex(this.retained);
  }

  /** Appends `event` to the log and indexes it; `known` as in {@link conversationsOf}. Returns its position. */
  append(event: RecordedEvent, now: number, known?: ConversationLog[], origin?: LineOrigin): MessagePosition {
    const conversations = this.conversationsOf(event, known);
    let time = now;
    for (const { timeline } of conversations) time = Math.max(time, timeline.nextTime(now));
    const length = encodeEvent(event, this.#scratch, origin);
    assert(length > 0, `an event of kind ${event.kind} is larger than the line limits allow`);
    this.retained.prepareAppend(length);
    const seq = this.log.append(time, this.#scratch, length);
    assert(seq > 0, `the log refused an event of ${length} bytes`);
    const place = { seq, time };
    this.index(event, place, conversations);
    return place;
  }

  /**
   * Conversations that `event` belongs to, created if necessary; `known`: those that have been looked up. A QUIT
   * and a NICK name none.
   */
  conversationsOf(event: RecordedEvent, known?: readonly ConversationLog[]): readonly ConversationLog[] {
    this.#prune(known);
    const targets = known ?? this.#targetsOf(event);
    for (const target of targets) writableLog(target).createdFrom ||= authorSite(event);
    return targets;
  }

  #targetsOf(event: RecordedEvent): ConversationLog[] {
    switch (event.kind) {
      case "message":
        return event.target.kind === "channel"
          ? [this.channel(event.target.name)]
          : this.#sidesOf(event.source, event.from, event.target);
      case "join":
      case "part":
      case "topic":
      case "kick":
      case "mode":
      case "rename":
        return [this.channel(event.channel)];
      case "redact":
        return this.#redactedIn(event);
      case "quit":
      case "nick":
      case "boot":
        return [];
    }
  }

  /** Adds a recorded event to the index of its conversations. */
  index(event: RecordedEvent, place: RecordPlace, targets: readonly ConversationLog[]): void {
    const message = event.kind === "message" && event.verb !== "TAGMSG";
    const oldest = this.log.oldestSeq;
    this.#newest = place.seq;
    for (const target of targets) {
      const { timeline } = writableLog(target);
      writableLog(target).createdAt ||= place.time; // during log replay: of the oldest record
      if (event.kind === "redact") {
        const redacted = parseMsgidSeq(event.msgid);
        timeline.remove(redacted);
        this.retained.remove(redacted);
        this.#rules.archiveOrders.putRedaction(redacted, place.seq);
        timeline.addForCap(place.seq, place.time, CAP.redaction, oldest);
      } else if (event.kind === "rename") {
        timeline.addForCap(place.seq, place.time, CAP.channelRename, oldest);
      } else timeline.add(place.seq, place.time, message, oldest);
    }
    if (message && event.target.kind === "direct") writableLog(targets.at(-1)!).setReceived(place); // see #sidesOf
    if (message && event.id !== undefined) {
      this.#ids.add(hashSenderId(event.from, event.id), place.seq, oldest);
    }
    if (event.kind === "rename") {
      this.#rules.archiveOrders.putRename(event.channel, event.to, place.seq);
      renameChannelLog(this, event.channel, event.to, place);
    }
    if (event.kind === "join" && this.formerNames.size > 0) this.formerNames.remove(casefold(event.channel));
    if (event.kind !== "topic") return;
    for (const target of targets) {
      if (place.seq <= target.topicSeq) continue; // during log replay: the saved topic is newer
      writableLog(target).setTopic(event.topic, event.source, place.time, place.seq);
      this.saveTopic(target, place.seq);
    }
  }

  /** Saves the topic, changed by the record `seq`. */
  saveTopic({ name, topic, topicBy: source, topicAt: time }: ConversationLog, seq: number): void {
    const fact = topic === "" ? undefined : { name, topic, source, time };
    this.facts.put("topic", casefold(name), fact, seq);
  }

  /**
   * Restores the fact `topic`, by folded channel: `{ name, topic, source, time }`; `source` set it at `time`, by
   * the record `seq`.
   */
  restoreTopic(key: string, value: unknown, seq: number): void {
    const text = (name: string) => readMember(value, name, "string");
    if (casefold(text("name")) !== key) throw new TypeError("its name does not match its key");
    const [topic, source, time] = [text("topic"), text("source"), readTime(value, "time")];
    writableLog(this.channel(text("name"))).setTopic(topic, source, time, seq);
  }

  /** Adds the message to `channel` in the record `payload` to the index. */
  indexChannelMessage(channel: string, payload: Uint8Array, { seq, time }: RecordPlace): void {
    const target = writableLog(this.channel(channel));
    const event = target.createdFrom === "" ? decodeEvent(payload) : undefined;
    if (event !== undefined) this.conversationsOf(event);
    target.createdAt ||= time;
    this.#newest = seq;
    target.timeline.add(seq, time, true, this.log.oldestSeq);
    const hash = hashSenderIdOf(payload);
    if (hash !== undefined) this.#ids.add(hash, seq, this.log.oldestSeq);
  }

  /** The message of `owner` with the sender id `id`, or the key in it, if the log still holds it. */
  findBySenderId(owner: OwnerId, id: string): LoggedMessage | undefined {
    for (const seq of this.#ids.candidates(hashSenderId(owner, id))) {
      const entry = this.message(seq);
      if (entry?.event.from === owner && haveSameKey(entry.event.id, id)) return entry;
    }
    return undefined;
  }

  /** Conversation of a channel, created if necessary. */
  channel(name: string): ConversationLog {
    return this.#targetIn(this.channels, name);
  }

  /** Conversation of a channel that is created now, at `at`, unless an earlier time of its creation is known. */
  createChannel(name: string, at: number): ConversationLog {
    const target = writableLog(this.channel(name));
    target.createdAt ||= at;
    return target;
  }

  /** Conversation of `owner` with the user `nick`; undefined if nothing is left of it. */
  directConversation(owner: OwnerId, nick: string): ConversationLog | undefined {
    return this.directConversations.get(owner)?.get(casefold(nick));
  }

  /** Whether the log holds every record since the first, and the index all of it. */
  get isWhole(): boolean {
    return this.log.oldestSeq <= 1 && !this.absence.hasPruned;
  }

  /** The message at `seq`; undefined if it is lost. */
  message(seq: number): LoggedMessage | undefined {
    if (seq === this.recalled?.seq) return this.recalled;
    const read = this.log.read(seq);
    const record = read.kind === "ok" ? read : this.retained.get(seq);
    const event = record && decodeEvent(record.payload);
    return event?.kind === "message" ? { event, seq, time: record!.time } : undefined;
  }

  /** Time of the record at `seq` in ms since the epoch; undefined if it is not there. */
  timeOf(seq: number): number | undefined {
    return this.log.timeOf(seq) ?? this.retained.get(seq)?.time;
  }

  /** Length of the payload of the record at `seq`; 0 if it is not there. */
  lengthOf(seq: number): number {
    return this.log.lengthOf(seq) || (this.retained.get(seq)?.payload.length ?? 0);
  }

  /** Called when the server starts, before log replay: adds the retained messages to the index. */
  restoreRetained(): void {
    this.retained.restore((event, seq) => {
      if (event.id !== undefined) this.#ids.add(hashSenderId(event.from, event.id), seq, this.log.oldestSeq);
      return this.conversationsOf(event);
    });
  }

  /** Prunes channels and conversations to their bounds (idle_conversations.ts), except those in `use`. */
  #prune(use: readonly ConversationLog[] = []): void {
    if (this.#made < CONVERSATIONS_BETWEEN_PRUNES) return;
    this.#made = 0;
    this.absence.notePruned(this.#newest + 1);
    const isIdle = (folded: string, target: ConversationLog) =>
      !this.#rules.isInUse(folded) && !use.includes(target);
    for (const { folded, target } of findSurplusChannelLogs(this.channels, isIdle)) {
      this.retained.removeConversation(target);
      this.channels.delete(folded);
    }
    for (const { owner, folded, target } of findSurplusDirect(this.directConversations)) {
      this.#dropConversation(owner, folded, target);
    }
  }

  /** Called when the server starts, after log replay: no earlier user, but for `except`, is a temporary owner again. */
  forgetTemporaryOwners(except?: ReadonlySet<OwnerId>): void {
    if (this.log.oldestSeq > 1) this.authorsFrom = this.log.nextSeq;
    for (const owner of [...this.directConversations.keys()]) {
      const isOver = isTemporaryOwner(owner) && !except?.has(owner);
      if (isOver && !this.#rules.isAccount(owner)) this.#dropConversations(owner);
    }
  }

  /** Drops the conversations of `owner`, which no later user gets. */
  forgetOwner(owner: OwnerId): void {
    this.#rules.archiveOrders.put({ kind: "forget", owner, seq: this.log.nextSeq });
    this.#dropConversations(owner);
  }

  #dropConversations(owner: OwnerId): void {
    for (const [folded, target] of this.directConversations.get(owner) ?? []) {
      this.#dropConversation(owner, folded, target);
    }
  }

  #dropConversation(owner: OwnerId, folded: string, target: ConversationLog): void {
    const conversations = this.directConversations.get(owner);
    if (!conversations?.delete(folded)) return;
    if (conversations.size === 0) this.directConversations.delete(owner);
    this.retained.removeConversation(target);
    this.#rules.onDirectConversationGone(owner, folded, target);
  }

  /** Conversations of which the timeline still has the message, whatever its channel is called now. */
  #standingOf(event: RecordedMessage, seq: number): ConversationLog[] {
    const { target } = event;
    const sides = target.kind === "channel"
      ? [this.channels.get(casefold(target.name)), this.formerNames.find(target.name, 0)] // 0: no time limit
      : [
        this.directConversation(event.from, target.name),
        this.directConversation(target.owner, nickOf(event.source)),
      ];
    const found = new Set<ConversationLog>();
    for (const side of sides) if (side?.timeline.has(seq)) found.add(side);
    return [...found];
  }

  /** Conversations of a redacted message: its sender may have had another nick when it was sent. */
  #redactedIn(event: RecordedEvent & { kind: "redact" }): ConversationLog[] {
    if (event.target.kind === "channel") return [this.channel(event.target.name)];
    const { source, from, target } = this.message(parseMsgidSeq(event.msgid))?.event ?? event;
    return target.kind === "direct" ? this.#sidesOf(source, from, target) : [];
  }

  /**
   * A direct message is in two timelines: the sender's conversation with the receiver, and the receiver's with the
   * sender.
   */
  #sidesOf(source: Source, from: OwnerId, { name, owner }: DirectTarget): ConversationLog[] {
    const sent = this.#targetIn(this.#conversationsOf(from), name);
    const received = this.#targetIn(this.#conversationsOf(owner), nickOf(source));
    return sent === received ? [sent] : [sent, received];
  }

  #conversationsOf(owner: OwnerId): Map<string, ConversationLog> {
    let conversations = this.directConversations.get(owner);
    if (conversations === undefined) this.directConversations.set(owner, conversations = new Map());
    return conversations;
  }

  #targetIn(targets: Map<string, ConversationLog>, name: string): ConversationLog {
    const exact = targets.get(name);
    if (exact !== undefined) return exact;
    const folded = casefold(name);
    let target = targets.get(folded);
    if (target === undefined) {
      const indexedFrom = this.absence.hasPruned ? this.#newest + 1 : 0;
      const { log: { oldestSeq }, absence } = this;
      targets.set(folded, target = new MutableConversationLog(name, oldestSeq, indexedFrom, absence.from));
      this.#made++;
    }
    return target;
  }
}

function authorSite(event: RecordedEvent): string {
  return event.kind === "boot" ? "" : subnetOf(event.source.slice(event.source.lastIndexOf("@") + 1));
}

/** Sequence number in a msgid of this log: what is before the dash. */
const parseMsgidSeq = (msgid: string): number => Number.parseInt(msgid, 36);
