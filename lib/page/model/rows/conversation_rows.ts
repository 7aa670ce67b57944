/**
 * The rows of one conversation: what is received or typed goes in, the rows that have changed come out. Nothing is built
 * anew for one more message. Pure.
 */
import { isSameName } from "../../../irc/names/casemap.ts";
import type { ReceiptKind } from "../../../irc/vendor_extensions.ts";
import type { ChatEntry, HistoryItem, MessageEntry } from "../../../client/conversation/model/chat_entry.ts";
import type { ReadPosition } from "../../../client/conversation/model/read_position.ts";
import type { UnsentMessage } from "../../../client/conversation/unsent_message.ts";
import { isPresence } from "./event_text.ts";
import {
  advanceSendState,
  editRow,
  makeMessageRow,
  makePendingRow,
  quoteRow,
  reactToRow,
  removeText,
  settleRow,
} from "./message_row.ts";
import { MessageIndex } from "./message_index.ts";
import type { MessageRow, Quote, Row, RowList, RowSplice } from "../row.ts";
import type { RowStore, Slot } from "./row_store.ts";
import { makeSlot, RowTimeline } from "./row_timeline.ts";
import type { RowsContext } from "./row_timeline.ts";
import { WaitingReactions } from "./waiting_reactions.ts";
import type { ReactionEntry } from "./waiting_reactions.ts";

/** Rows kept of a conversation; beyond it the oldest ones go, and can be read again. */
export const MAX_LOADED_ROWS = 100_000;
/** Rows that go at one time. */
const DROPPED_ROWS = 1_000;

export class ConversationRows implements RowList {
  readonly #context: RowsContext;
  readonly #timeline: RowTimeline;
  readonly #store: RowStore;
  readonly #messages = new MessageIndex();
  readonly #waiting = new WaitingReactions();

  constructor(context: RowsContext) {
    this.#context = context;
    this.#timeline = new RowTimeline(context);
    this.#store = this.#timeline.store;
  }

  get count(): number {
    return this.#store.count;
  }

  get version(): number {
    return this.#store.version;
  }

  /** Rows made, changed or removed so far. */
  get work(): number {
    return this.#store.work;
  }

  at(index: number): Row {
    return this.#store.at(Math.min(index, this.count - 1));
  }

  indexOfKey(key: string): number | undefined {
    const slot = this.#store.get(key);
    return slot && this.#store.indexOf(slot);
  }

  indexOfMessage(id: string): number | undefined {
    const slot = this.#messages.get(id);
    return slot && this.#store.indexOf(slot);
  }

  get unreadIndex(): number | undefined {
    return this.#timeline.unreadIndex;
  }

  takeSplices(): RowSplice[] {
    return this.#store.takeSplices();
  }

  /** What the messages before those that are loaded are before; undefined: none is loaded. */
  get firstPosition(): ReadPosition | undefined {
    for (let index = 0; index < this.#timeline.settledCount; index++) {
      const row = this.at(index);
      if (row.kind === "message" && row.id !== undefined) return { seq: row.seq, id: row.id, time: row.time };
    }
    return undefined;
  }

  /** Takes what is received in the conversation, in order. */
  append(entry: ChatEntry): void {
    switch (entry.kind) {
      case "message":
        return this.#receive(entry);
      case "reaction":
        return this.#react(entry);
      case "redacted":
        return this.#redact(entry.id, entry.by);
      case "gap":
        return this.#add(this.#timeline.makeGapSlot(entry));
      case "unread":
        return this.#timeline.markUnread(Infinity, entry.count, entry.isAtLeast, entry.time);
      case "heading":
      case "found":
        return;
      default:
        return isPresence(entry) ? this.#timeline.addPresence(entry) : this.#timeline.addEvent(entry);
    }
  }

  /** Takes what is before all that is loaded, in order. */
  prepend(items: readonly HistoryItem[]): void {
    const fresh = this.#makeSlots(items);
    if (fresh.length > 0) this.#timeline.prepend(fresh);
    this.#requoteAll(fresh);
  }

  /** Takes what is in the gap with the key `key`, in order, in its place. */
  fillGap(key: string, items: readonly HistoryItem[]): void {
    const gap = this.#store.get(key);
    if (gap?.row.kind !== "gap") return;
    const fresh = this.#makeSlots(items);
    this.#timeline.replace(gap, fresh);
    this.#requoteAll(fresh);
  }

  /** Slots for what is not loaded. */
  #makeSlots(items: readonly HistoryItem[]): Slot[] {
    return items.flatMap((item) =>
      item.kind === "gap"
        ? [this.#timeline.makeGapSlot(item)]
        : this.#messages.get(item.id) === undefined
        ? [this.#makeMessageSlot(item)]
        : []
    );
  }

  #requoteAll(slots: readonly Slot[]): void {
    for (const { row } of slots) if (row.kind === "message") this.#requote(row.id);
  }

  /** Takes reactions of a page of history, in order, before its messages. */
  addEarlierReactions(reactions: readonly ReactionEntry[]): void {
    for (const entry of reactions) if (this.#messages.get(entry.to) !== undefined) this.#react(entry);
    this.#waiting.addEarlier(reactions.filter(({ to }) => this.#messages.get(to) === undefined));
  }

  /** Takes what the person has typed, and the server has not acknowledged. */
  addPending(message: UnsentMessage): void {
    const { nick } = this.#context;
    const replaced = this.#messages.get(message.replaces);
    if (replaced?.row.kind === "message" && replaced.row.isOwn) {
      return this.#edit(replaced, replaced.row, message);
    }
    const quote = this.#quote(message.replyTo);
    const slot = makeSlot(makePendingRow(this.#context.newKey(), message, nick, quote));
    this.#messages.addSent(message.id, slot);
    this.#messages.addQuoting(quote?.id, slot);
    this.#timeline.addPending(slot);
  }

  /** The message that we sent as `senderId` has failed, because of `text`. */
  fail(senderId: string, text: string): void {
    const slot = this.#messages.getSent(senderId);
    if (slot?.row.kind !== "message") return;
    this.#store.change(slot, { ...slot.row, sendState: "failed", failure: text });
  }

  /** The message that we sent as `senderId` is not to be shown as such any more: an edit is taken back. */
  drop(senderId: string): void {
    const slot = this.#messages.takeSent(senderId);
    if (slot === undefined) return;
    if (slot.beforeEdit !== undefined) {
      this.#store.change(slot, slot.beforeEdit);
      delete slot.beforeEdit;
      return;
    }
    this.#messages.remove(slot);
    this.#timeline.remove(slot);
  }

  /**
   * The server has the message that we sent as `senderId`, under `id`. If that one is shown already, as history had it,
   * it is not shown twice.
   */
  accept(senderId: string, id: string | undefined): void {
    const slot = this.#messages.getSent(senderId);
    const other = this.#messages.get(id);
    if (slot === undefined || id === undefined || other === slot) return;
    if (other === undefined) this.#messages.addExpected(id, senderId);
    else this.drop(senderId);
  }

  /** Our message `id`, and those of ours before it, are in the state `what`. */
  confirm(id: string, what: ReceiptKind): void {
    if (what === "delivered") return;
    const slot = this.#messages.get(id);
    if (slot === undefined) return;
    for (let index = this.#store.indexOf(slot); index >= 0; index--) {
      const each = this.#store.slotAt(index);
      if (each.row.kind !== "message" || !each.row.isOwn) continue;
      const row = advanceSendState(each.row, what);
      if (row === each.row) return; // so are those before it
      this.#store.change(each, row);
    }
  }

  /**
   * Marks the first message behind the time `readUntil`, or the last `count` ones where that is 0, as the beginning of
   * what is new. All of it is above: the mark is at the top.
   */
  markUnread(readUntil: number, count: number, isAtLeast = false): void {
    let [first, seen] = [-1, 0];
    for (let index = this.#timeline.settledCount - 1; index >= 0; index--) {
      const row = this.at(index);
      if (row.kind !== "message") continue;
      if (readUntil > 0 ? row.time <= readUntil : seen >= count) break;
      if (row.isOwn) continue;
      first = index;
      seen++;
    }
    if (first < 0) return;
    this.#timeline.markUnread(first, Math.max(count, seen), isAtLeast, this.at(first).time);
  }

  unmarkUnread(): void {
    this.#timeline.unmarkUnread();
  }

  #receive(entry: MessageEntry): void {
    const expected = this.#messages.takeExpected(entry.id);
    const senderId = entry.senderId ?? expected;
    const sent = this.#messages.getSent(senderId);
    if (sent !== undefined && senderId !== undefined) return this.#settle(sent, senderId, entry);
    if (this.#messages.get(entry.id) !== undefined) return;
    const replaced = this.#messages.get(entry.replaces);
    if (replaced?.row.kind === "message" && isSameName(replaced.row.from, entry.from)) {
      return this.#change(replaced, editRow(replaced.row, entry, this.#context.nick), entry.id);
    }
    this.#add(this.#makeMessageSlot(entry));
    this.#requote(entry.id);
  }

  /** Our message of `slot` has been acknowledged. */
  #settle(slot: Slot, senderId: string, entry: MessageEntry): void {
    this.#messages.takeSent(senderId);
    if (slot.row.kind !== "message") return;
    if (slot.beforeEdit !== undefined) {
      delete slot.beforeEdit;
      const acknowledged = { ...entry, senderId };
      return this.#change(slot, editRow(slot.row, acknowledged, this.#context.nick), entry.id);
    }
    this.#messages.add(entry.id, slot);
    this.#timeline.settle(slot, settleRow(slot.row, entry));
    this.#requote(entry.id);
  }

  /** Our edit is shown before the server has it. */
  #edit(slot: Slot, row: MessageRow, { id, text }: UnsentMessage): void {
    slot.beforeEdit ??= row;
    this.#messages.addSent(id, slot);
    this.#change(slot, { ...row, text, isEdited: true, sendState: "pending", senderId: id, failure: "" });
  }

  /** `slot` shows `row`, and so do the quotes of it. */
  #change(slot: Slot, row: MessageRow, id: string | undefined = row.id): void {
    this.#messages.add(id, slot);
    this.#store.change(slot, row);
    for (const each of this.#messages.listIds(slot)) this.#requote(each);
  }

  #react(entry: ReactionEntry): void {
    const slot = this.#messages.get(entry.to);
    if (slot === undefined) return this.#waiting.add(entry);
    if (slot.row.kind === "message") {
      this.#store.change(slot, reactToRow(slot.row, entry, this.#context.nick));
    }
  }

  /** A message that another one has taken the place of stays. */
  #redact(id: string, by: string): void {
    const slot = this.#messages.get(id);
    if (slot?.row.kind === "message" && slot.row.id === id) this.#change(slot, removeText(slot.row, by));
  }

  #quote(id: string | undefined): Quote | undefined {
    if (id === undefined) return undefined;
    const row = this.#messages.get(id)?.row;
    return row?.kind === "message" ? quoteRow(id, row) : { id, from: undefined, excerpt: "" };
  }

  /** The message `id` is loaded, or has changed: replies to it quote it. */
  #requote(id: string | undefined): void {
    for (const slot of this.#messages.listQuoting(id)) {
      if (slot.row.kind !== "message" || slot.row.replyTo === undefined) continue;
      this.#store.change(slot, { ...slot.row, replyTo: this.#quote(id) });
    }
  }

  #makeMessageSlot(entry: MessageEntry): Slot {
    const { nick, newKey } = this.#context;
    const quote = this.#quote(entry.replyTo);
    let row = makeMessageRow(newKey(), entry, nick, quote);
    for (const reaction of this.#waiting.take(entry.id)) row = reactToRow(row, reaction, nick);
    const slot = makeSlot(row);
    this.#messages.add(entry.id, slot);
    this.#messages.addQuoting(quote?.id, slot);
    return slot;
  }

  #add(slot: Slot): void {
    this.#timeline.add(slot);
    if (this.count <= MAX_LOADED_ROWS) return;
    for (const gone of this.#timeline.dropFirst(DROPPED_ROWS)) this.#messages.remove(gone);
  }
}
