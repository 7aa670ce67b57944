/**
 * Where history and live messages of a conversation meet, without gap and without repetition: live entries
 * are held until the history before them has been read, and what both have is given once. Pure.
 */
import type { ChatEntry, GapEntry, HistoryItem, MessageEntry } from "../model/chat_entry.ts";
import { positionAt } from "../model/read_position.ts";
import type { ReadPosition } from "../model/read_position.ts";
import type { SeenMessages } from "./seen_messages.ts";

/** Entries held while history is read: some megabytes. */
export const MAX_HELD_ENTRIES = 10_000;

/**
 * A piece of history, in order. Read forwards it includes unwanted messages, so that the position moves past
 * them.
 */
export interface HistoryPage {
  readonly items: readonly HistoryItem[];
  /** How far a reader has got once this is shown; undefined: no further than before. */
  readonly reached: ReadPosition | undefined;
}

/** Live entries that wait until the history before them has been read, in the order received. */
export class HeldEntries {
  readonly #entries = new Set<ChatEntry>();
  readonly #byId = new Map<string, MessageEntry>();

  /** True when no more can be held. */
  get isFull(): boolean {
    return this.#entries.size >= MAX_HELD_ENTRIES;
  }

  add(entry: ChatEntry): void {
    this.#entries.add(entry);
    if (entry.kind === "message" && entry.id !== undefined) this.#byId.set(entry.id, entry);
  }

  /** Those of the messages that have a sequence number. */
  *listNumbered(): Iterable<MessageEntry & { readonly seq: number }> {
    for (const entry of this.#entries) if (isNumbered(entry)) yield entry;
  }

  remove(entry: ChatEntry): void {
    this.#entries.delete(entry);
  }

  /** Takes out the live copy of `message`; false: there is none. */
  removeCopyOf({ id }: MessageEntry): boolean {
    const copy = this.#byId.get(id ?? "");
    return copy !== undefined && this.#entries.delete(copy);
  }

  /** Empties it. */
  takeAll(): ChatEntry[] {
    const entries = [...this.#entries];
    this.#entries.clear();
    this.#byId.clear();
    return entries;
  }
}

export interface MergeOptions {
  /** Ids of received messages: the caller has added live ones. */
  readonly seen: SeenMessages;
  /** How far the reader has got; undefined: nothing has been shown yet. */
  readonly position?: ReadPosition | undefined;
  /**
   * Left out: entries of its own. Conversations may share them, so that those still held stay in the order
   * received.
   */
  readonly held?: HeldEntries;
  /** Whether a held message belongs to this conversation; left out: all do. */
  readonly isOwn?: (message: MessageEntry) => boolean;
}

export class LiveMerge {
  readonly held: HeldEntries;
  readonly #seen: SeenMessages;
  readonly #isOwn: (message: MessageEntry) => boolean;
  #position: ReadPosition | undefined;
  #isOpen = false;
  #hasMet = false;

  constructor({ seen, position, held = new HeldEntries(), isOwn = () => true }: MergeOptions) {
    this.#seen = seen;
    this.#position = position;
    this.held = held;
    this.#isOwn = isOwn;
  }

  /** Behind everything that was given or passed over: where to go on after a connection loss. */
  get position(): ReadPosition | undefined {
    return this.#position;
  }

  /** History has come to a message that was received live: all behind it is held, and none of it is lost. */
  get hasMet(): boolean {
    return this.#hasMet;
  }

  /** The items of a page that were not given before, in order. */
  mergePage({ items, reached }: HistoryPage): HistoryItem[] {
    const news: HistoryItem[] = [];
    let isWhole = true;
    for (const [index, item] of items.entries()) {
      if (item.kind === "gap") {
        const gap = this.#remainingGap(item, items[index + 1]);
        if (gap !== undefined) news.push(gap);
        isWhole &&= gap === item;
      } else {
        this.#releaseBefore(item, news);
        const isLive = this.held.removeCopyOf(item);
        this.#hasMet ||= isLive;
        if (isLive || !this.#isPassed(item) && this.#seen.addIfNew(item.id)) this.#give(item, news);
      }
    }
    // A gap that was shown in part may have to be shown whole: the messages that fill it are held, and may
    // yet be dropped.
    if (reached?.reportedGap !== undefined && !isWhole) return news;
    if (reached !== undefined && (reached.seq ?? Infinity) >= this.#seq) this.#position = reached;
    return news;
  }

  /** A live entry: given if the history before it has been read, else held. */
  mergeLive(entry: ChatEntry): ChatEntry[] {
    if (!this.#isOpen) {
      this.held.add(entry);
      return [];
    }
    return this.#giveLive([entry]);
  }

  /**
   * History has been read, from `start` on: gives what was held. From now on {@link mergeLive} holds nothing.
   */
  finishHistory(start?: ReadPosition): ChatEntry[] {
    this.#isOpen = true;
    this.#position ??= start;
    return this.#giveLive(this.held.takeAll());
  }

  /** The connection is lost: the history that is read next will have what is held. */
  dropHeld(): void {
    this.#isOpen = false;
    this.#hasMet = false;
    for (const entry of this.held.takeAll()) if (entry.kind === "message") this.#seen.forget(entry.id);
  }

  /** The server has another log: numbers and ids of the old one say nothing about it. */
  startNewLog(): void {
    if (this.#position !== undefined) this.#position = positionAt(this.#position.time);
  }

  get #seq(): number {
    return this.#position?.seq ?? 0;
  }

  #isPassed({ seq }: MessageEntry): boolean {
    return seq !== undefined && seq <= this.#seq;
  }

  /** Own messages held with a number below `end`. */
  *#heldBefore(end: number): Iterable<MessageEntry> {
    for (const entry of this.held.listNumbered()) {
      if (!this.#isOwn(entry)) continue;
      if (entry.seq >= end) return;
      yield entry;
    }
  }

  /** Held messages from before `next`: the page should have had them, so the log has lost them since. */
  #releaseBefore({ seq }: MessageEntry, news: HistoryItem[]): void {
    if (seq === undefined) return;
    for (const entry of this.#heldBefore(seq)) {
      this.held.remove(entry);
      this.#hasMet = true;
      if (!this.#isPassed(entry)) this.#give(entry, news);
    }
  }

  /** `gap` less the held messages before `next`, the item behind it: they are not lost. */
  #remainingGap(gap: GapEntry, next: HistoryItem | undefined): GapEntry | undefined {
    if (this.#hasMet) return undefined;
    const end = next === undefined || next.kind === "gap" ? Infinity : next.seq ?? 0;
    const held = [...this.#heldBefore(end)];
    const first = held[0];
    if (first === undefined) return gap;
    const rest = { ...gap, time: first.time, before: first.time };
    if (gap.count === undefined) return rest;
    // Behind the last page, held messages may have been sent after the gap was counted.
    if (end === Infinity) return { ...rest, count: undefined, most: gap.count };
    return gap.count > held.length ? { ...rest, count: gap.count - held.length } : undefined;
  }

  #giveLive(entries: readonly ChatEntry[]): ChatEntry[] {
    const news: ChatEntry[] = [];
    for (const entry of entries) {
      if (entry.kind !== "message") news.push(entry);
      else if (!this.#isPassed(entry)) this.#give(entry, news);
    }
    return news;
  }

  #give(message: MessageEntry, news: ChatEntry[]): void {
    const { seq, id, time } = message;
    this.#position = { seq, id, time };
    news.push(message);
  }
}

function isNumbered(entry: ChatEntry): entry is MessageEntry & { readonly seq: number } {
  return entry.kind === "message" && entry.seq !== undefined;
}
