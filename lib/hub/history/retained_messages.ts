/**
 * Retained messages, which outlive their place in the log. A bounded log overwrites strictly the oldest records
 * first, so alone it would let one sender displace the messages of all others. Before a record is overwritten it is
 * copied here, unless its sender has sent more than its share since:
 *
 *     log     [ scanned, about to be overwritten | margin | … counted by sender … | newest ]
 *                     └─ copied, unless the sender has its share of newer bytes in the log
 *
 * - Senders are accounts and sites (sender_shares.ts). Among retained messages each sender has a share, and so has
 *   each conversation: a channel, or all direct messages to one receiver. All together have a budget. Beyond any of
 *   these bounds, messages of the sender with the most bytes here are dropped first (max-min fair), the oldest
 *   first.
 * - A direct message *waits* while its receiver, an account, has not read it (read_markers.ts). Up to half of every
 *   share and of the budget is for waiting messages, which no others take; when a waiting message has to be
 *   dropped, the read marker records the loss.
 *
 * retention_scan.ts finds the messages to judge. Each retained message is also a fact:
 *
 *     fact retained, by slot number: { seq, time, room, record }   the record's payload in base64
 *
 * Facts are put a margin ahead of the overwriting, so that they are on disk before the ring file loses the record.
 * Slots are reused, which bounds what the server holds while a disk fails.
 */
import { fairLevel } from "../../base/fair_share.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { isMultiline } from "../../irc/multiline.ts";
import type { RecordView } from "../../log/read_outcome.ts";
import type { EventLog } from "../log/event_log.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { writableLog } from "../model/mutable_conversation_log.ts";
import { decodeEvent, EVENT_MAX_BYTES } from "../log/event_codec.ts";
import { nickOf } from "../model/identifiers.ts";
import type { RecordedMessage } from "../model/state/event.ts";
import { readMember } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";
import { RetentionScan } from "./retention_scan.ts";
import { RetentionShares, type SenderRules, SenderShares } from "./sender_shares.ts";
import type { RetainedMessage, RetentionShare } from "./sender_shares.ts";

/** Budget of all retained messages, as a part of the log's capacity, {@link RETAINED_OVERHEAD_BYTES} included. */
export const RETAINED_SHARE = 1 / 2;
/**
 * Bytes of a retained message beside its record: objects, lists, shares of its sender and its conversation.
 * Measured (V8 of Deno 2.9): about 900 with three messages of each sender in a channel of its own; less where
 * shares have more messages.
 */
const RETAINED_OVERHEAD_BYTES = 1024;
/**
 * A sender with this many newer bytes in the log exceeds its share there, and its older messages are not retained:
 * a hundred messages; of a large log more, of a small one fewer. Copying takes several times as long as appending,
 * so that what many users write in quantity is not copied.
 */
const SENDER_RING_SHARE = 1 / 1024;
const SENDER_RING_BYTES = 8 * 1024;
const SENDER_RING_MAX_SHARE = 1 / 64;
/**
 * The same holds for a sender with more than this part of an equal share for all senders, unless that is too
 * little: if many send at the same rate nothing is copied, and a log that is overwritten within seconds costs
 * little more than appending to it.
 */
const EQUAL_SHARE_PART = 1 / 4;
const EQUAL_SHARE_MIN_BYTES = 1024;
/** Part of the budget for one sender. */
const SENDER_SHARE = 1 / 16;
/** Part of the budget for one channel, or for the direct messages to one receiver. */
const CONVERSATION_SHARE = 1 / 8;
/** A share beyond its bound is reduced to this part of the bound, so that one reduction lasts for a while. */
const RELIEF = 7 / 8;
const SLOT_PATTERN = /^\d{1,6}$/;

/** What retaining needs to know from the rest of the hub. */
export interface RetentionRules extends SenderRules {
  readonly budgetBytes: number;
  readonly isUnread: (message: RetainedMessage) => boolean;
  /** Called when a waiting message has been dropped. */
  readonly onLost: (message: RetainedMessage) => void;
  /** Conversations of which the timeline still has `event`, recorded at `seq`. */
  readonly targetsOf: (event: RecordedMessage, seq: number) => readonly ConversationLog[];
}

export class RetainedMessages {
  readonly #log: EventLog;
  readonly #facts: FactBuffer;
  readonly #rules: RetentionRules;
  readonly #senderRingBytes: number;
  readonly #scan: RetentionScan<RetentionShare>;
  readonly #messages = new Map<number, RetainedMessage>();
  readonly #senders: SenderShares;
  readonly #conversations = new RetentionShares();
  #bytes = 0;
  /** Slots below this have been used; `#freeSlots` are those of them that are free. */
  #slots = 0;
  #freeSlots: number[] = [];
  #restored: { slot: number; seq: number; time: number; channel: string; payload: Uint8Array }[] = [];

  constructor(log: EventLog, facts: FactBuffer, rules: RetentionRules) {
    this.#log = log;
    this.#facts = facts;
    this.#rules = rules;
    this.#senderRingBytes = Math.max(
      log.capacityBytes * SENDER_RING_SHARE,
      Math.min(SENDER_RING_BYTES, log.capacityBytes * SENDER_RING_MAX_SHARE),
    );
    this.#senders = new SenderShares(rules);
    this.#scan = new RetentionScan(
      log,
      this.#senders,
      (sender, seq, record) => this.#judge(sender, seq, record),
    );
  }

  get size(): number {
    return this.#messages.size;
  }

  /** Bytes of all retained messages, {@link RETAINED_OVERHEAD_BYTES} included. */
  get bytes(): number {
    return this.#bytes;
  }

  get(seq: number): RetainedMessage | undefined {
    return this.#messages.get(seq);
  }

  has(seq: number): boolean {
    return this.#messages.has(seq);
  }

  /** Called when the server starts, before log replay: returns saved messages to their conversations. */
  restore(targetsOf: (event: RecordedMessage, seq: number) => readonly ConversationLog[]): void {
    const restored = this.#restored.sort((a, b) => a.seq - b.seq);
    this.#restored = [];
    const used = new Set(restored.map(({ slot }) => slot));
    for (const slot of used) this.#slots = Math.max(this.#slots, slot + 1);
    for (let slot = 0; slot < this.#slots; slot++) if (!used.has(slot)) this.#freeSlots.push(slot);
    this.#senders.renew();
    for (const { slot, seq, time, channel, payload } of restored) {
      const sender = this.#senders.senderIn(payload, 0, payload.length);
      const event = decodeEvent(payload);
      if (event?.kind !== "message" || sender === undefined || this.#messages.has(seq)) this.#free(slot);
      else {
        const targets = targetsOf(
          event.target.kind === "channel" ? { ...event, target: { kind: "channel", name: channel } } : event,
          seq,
        );
        this.#file(event, { seq, time, payload, slot, sender, targets });
      }
    }
    this.#relieve(this.#messages.values(), this.#rules.budgetBytes, this.#bytes);
  }

  /**
   * Called when the server starts, after log replay; from then on {@link prepareAppend} is called before each
   * append.
   */
  start(): void {
    this.#scan.start();
  }

  /**
   * Called before the hub appends a record with a payload of `length` bytes: retains what the append would
   * overwrite.
   */
  prepareAppend(length: number): void {
    this.#scan.prepare(length);
  }

  /** Drops the message at `seq`, which was redacted. */
  remove(seq: number): void {
    const message = this.#messages.get(seq);
    if (message !== undefined) this.#drop(message);
  }

  /** Drops the messages of `target`, which no user can read any more. */
  removeConversation(target: ConversationLog): void {
    for (const seq of [...target.timeline.retained]) {
      const message = this.#messages.get(seq);
      if (message === undefined) continue;
      const targets = message.targets.filter((each) => each !== target);
      if (targets.length === 0) this.#drop(message);
      else {
        message.targets = targets;
        writableLog(target).timeline.release(seq);
      }
    }
  }

  /**
   * Saves the messages of `target` again: its channel has another name from the record `seq` on, or messages were
   * taken over from another conversation.
   */
  renameConversation(target: ConversationLog, seq: number): void {
    for (const each of target.timeline.retained) {
      const message = this.#messages.get(each);
      if (message === undefined) continue;
      const { conversation } = message;
      if (conversation.key !== target) {
        conversation.delete(message);
        this.#conversations.dropIfEmpty(conversation);
        message.conversation = this.#conversations.of(target);
        message.conversation.add(message);
        message.targets = [target];
      }
      this.#save(message, seq);
    }
  }

  /** Restores the fact `retained`; see {@link restore}. */
  restoreFact(key: string, value: unknown, factSeq: number): void {
    const slot = SLOT_PATTERN.test(key) ? Number(key) : -1;
    if (slot < 0) throw new TypeError("its key is not a slot number");
    const [seq, time] = [readMember(value, "seq", "number"), readMember(value, "time", "number")];
    const payload = Uint8Array.fromBase64(readMember(value, "record", "string"));
    const event = decodeEvent(payload);
    // Sequence numbers of another log mean nothing here.
    const isOurs = factSeq > 0 && Number.isSafeInteger(seq) && seq > 0 && seq < this.#log.nextSeq;
    if (
      !isOurs || !Number.isSafeInteger(time) || payload.length > EVENT_MAX_BYTES ||
      event?.kind !== "message" ||
      !hasNoLineBreaks(event)
    ) {
      this.#facts.put("retained", key, undefined);
      return;
    }
    this.#restored.push({ slot, seq, time, channel: readMember(value, "room", "string"), payload });
  }

  /** The record of `sender` at `seq` is overwritten soon. */
  #judge(sender: RetentionShare, seq: number, { bytes, start, end, time }: RecordView): void {
    const equalBytes = this.#log.capacityBytes * EQUAL_SHARE_PART / Math.max(1, this.#scan.activeSenders);
    const enough = Math.min(this.#senderRingBytes, Math.max(EQUAL_SHARE_MIN_BYTES, equalBytes));
    if (sender.ringBytes < enough && !this.#messages.has(seq)) {
      this.#retain(seq, time, bytes.slice(start, end), sender);
    }
    this.#senders.dropIfEmpty(sender);
  }

  #retain(seq: number, time: number, payload: Uint8Array, sender: RetentionShare): void {
    const event = decodeEvent(payload);
    if (event?.kind !== "message") return;
    const targets = this.#rules.targetsOf(event, seq);
    if (targets.length === 0) return; // redacted, or no user can read it any more
    const message = this.#file(event, {
      seq,
      time,
      payload,
      slot: this.#freeSlots.pop() ?? this.#slots++,
      sender,
      targets,
    });
    this.#save(message, seq);
    const { budgetBytes } = this.#rules;
    const { conversation } = message;
    this.#relieve(sender.messages, budgetBytes * SENDER_SHARE, sender.retainedBytes);
    this.#relieve(conversation.messages, budgetBytes * CONVERSATION_SHARE, conversation.retainedBytes);
    this.#relieve(this.#messages.values(), budgetBytes, this.#bytes);
  }

  #file(
    event: RecordedMessage,
    place: Pick<RetainedMessage, "seq" | "time" | "payload" | "slot" | "targets" | "sender">,
  ): RetainedMessage {
    const { seq, time, targets, payload, sender } = place;
    const to = event.target.kind === "direct" ? event.target.owner : undefined;
    const message = {
      ...place,
      to,
      nick: casefold(nickOf(event.source)),
      bytes: this.#log.storedBytes(payload.length) + RETAINED_OVERHEAD_BYTES,
      conversation: this.#conversations.of(to ?? targets[0]!),
    };
    for (const share of [sender, message.conversation]) share.add(message);
    this.#messages.set(seq, message);
    this.#bytes += message.bytes;
    for (const target of targets) writableLog(target).timeline.retain(seq, time);
    return message;
  }

  /**
   * Reduces `messages`, of `bytes` in all, to {@link RELIEF} of `limit` if they exceed it. Waiting messages keep
   * half of that, or what the others leave; each part is divided fairly among senders.
   */
  #relieve(messages: Iterable<RetainedMessage>, limit: number, bytes: number): void {
    if (bytes <= limit) return;
    const [waiting, others] = [
      new Map<RetentionShare, RetainedMessage[]>(),
      new Map<RetentionShare, RetainedMessage[]>(),
    ];
    let waitingBytes = 0;
    for (const message of messages) {
      const waits = this.#rules.isUnread(message);
      if (waits) waitingBytes += message.bytes;
      const bySender = waits ? waiting : others;
      const own = bySender.get(message.sender);
      if (own === undefined) bySender.set(message.sender, [message]);
      else own.push(message);
    }
    const goal = limit * RELIEF;
    const forWaiting = Math.min(waitingBytes, Math.max(goal / 2, goal - (bytes - waitingBytes)));
    for (const message of beyondFairShare(waiting, forWaiting)) {
      this.#rules.onLost(message);
      this.#drop(message);
    }
    for (const message of beyondFairShare(others, goal - forWaiting)) this.#drop(message);
  }

  #drop(message: RetainedMessage): void {
    this.#messages.delete(message.seq);
    this.#bytes -= message.bytes;
    const { sender, conversation } = message;
    for (const share of [sender, conversation]) share.delete(message);
    this.#senders.dropIfEmpty(sender);
    this.#conversations.dropIfEmpty(conversation);
    for (const target of message.targets) writableLog(target).timeline.release(message.seq);
    this.#free(message.slot);
  }

  #free(slot: number): void {
    this.#freeSlots.push(slot);
    this.#facts.put("retained", String(slot), undefined);
  }

  /** `seq`: the record that the fact belongs to. */
  #save({ slot, time, payload, targets: [target], to, seq: own }: RetainedMessage, seq: number): void {
    const value = { seq: own, time, room: to === undefined ? target!.name : "", record: payload.toBase64() };
    this.#facts.put("retained", String(slot), value, seq);
  }
}

/** Messages to drop, the oldest of each sender first, so that no sender has more than a fair share of `budget`. */
function beyondFairShare(
  bySender: Map<RetentionShare, RetainedMessage[]>,
  budget: number,
): RetainedMessage[] {
  const bytesOf = (messages: readonly RetainedMessage[]) =>
    messages.reduce((sum, { bytes }) => sum + bytes, 0);
  const demands = Array.from(bySender.values(), bytesOf);
  const level = fairLevel(demands, budget);
  return [...bySender.values()].flatMap((messages, index) => {
    let count = 0;
    for (let left = demands[index]!; left > level; count++) left -= messages[count]!.bytes;
    return messages.slice(0, count);
  });
}

/** Line breaks in a manipulated fact could forge lines of the protocol. */
function hasNoLineBreaks({ source, target, tags, id, text }: RecordedMessage): boolean {
  return !/[\r\n]/.test(source + target.name + tags + (id ?? "")) &&
    (isMultiline(text) || !/[\r\n]/.test(text));
}
