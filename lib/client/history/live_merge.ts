/**
 * Where history and what is said live meet, without a gap and without a repetition: following starts first, what comes in is
 * held until the history before it has been read, and what both have is shown once.
 */
import type { ReadPosition } from "./history_gap.ts";
import type { HistoryPage } from "./history_reader.ts";
import type { GapEntry, HistoryItem, MessageEntry } from "../conversation/model/chat_entry.ts";

/** Ids remembered where entries have no sequence number: more than any page of history holds. */
const MAX_REMEMBERED_IDS = 4096;
/** Entries held while the history is read: some megabytes. */
export const MAX_HELD_ENTRIES = 10_000;

export class LiveMerge {
  #open = false;
  #held: MessageEntry[] = [];
  /** Number of the first entry of this connection: from it on nothing is lost for us. */
  #liveFrom: number | undefined;
  readonly #ids = new Set<string>();
  #position: ReadPosition | undefined;

  /** Goes on behind `position`; undefined: nothing has been seen yet. */
  constructor(position?: ReadPosition) {
    this.#position = position;
  }

  /** Behind all that was handed out, and what was passed over with it: where to go on after a loss. */
  get position(): ReadPosition | undefined {
    return this.#position;
  }

  /** True when no more can be held: the connection is to be given up and the history read anew. */
  get isFull(): boolean {
    return this.#held.length >= MAX_HELD_ENTRIES;
  }

  /** Of a page of the history what was not handed out before, in order. */
  mergePage({ items, reached }: HistoryPage): HistoryItem[] {
    const news: HistoryItem[] = [];
    let whole = true;
    for (const [index, item] of items.entries()) {
      if (item.kind === "gap") {
        const loss = this.#remaining(item, items[index + 1]);
        if (loss !== undefined) news.push(loss);
        whole &&= loss === item;
      } else {
        this.#release(item.seq, news);
        this.#take(item, news);
      }
    }
    // A loss that was not told as it is may have to be: what makes up for it is held, and may yet be dropped.
    if (reached?.told !== undefined && !whole) return news;
    if (reached !== undefined && (reached.seq ?? Infinity) >= this.#seq) this.#position = reached;
    return news;
  }

  /** An entry that came live: handed out if the history before it has been read, else held. */
  mergeLive(entry: MessageEntry): HistoryItem[] {
    const news: HistoryItem[] = [];
    this.#liveFrom ??= entry.seq;
    if (this.#open) this.#take(entry, news);
    else this.#held.push(entry);
    return news;
  }

  /** All that `range` has is read, from `start` on: what was held and is new; from now on {@link mergeLive} holds nothing back. */
  finishHistory(start: ReadPosition): HistoryItem[] {
    const news: HistoryItem[] = [];
    this.#open = true;
    this.#position ??= start;
    for (const entry of this.#held.splice(0)) this.#take(entry, news);
    return news;
  }

  /** The connection is lost. What is held is dropped: the history to be read next has it. */
  dropHeld(): void {
    this.#open = false;
    this.#held = [];
    this.#liveFrom = undefined;
  }

  /** The log is another one: numbers and ids seen so far say nothing about what comes. */
  forgetIds(): void {
    this.#ids.clear();
    if (this.#position !== undefined) {
      this.#position = { seq: undefined, id: undefined, time: this.#position.time };
    }
  }

  get #seq(): number {
    return this.#position?.seq ?? 0;
  }

  /** What is held from before `seq`: the page should have had it, so the log has lost it since. */
  #release(seq: number | undefined, news: HistoryItem[]): void {
    if (seq === undefined) return;
    let count = 0;
    while (count < this.#held.length && (this.#held[count]!.seq ?? Infinity) < seq) count++;
    for (const entry of this.#held.splice(0, count)) this.#take(entry, news);
  }

  /**
   * What of `loss` is lost for us too: nothing that was said since we have been listening. Of what is held, entries before
   * `next`, the one behind the loss, are counted in it.
   */
  #remaining(loss: GapEntry, next: HistoryItem | undefined): GapEntry | undefined {
    const [first] = this.#held;
    if (this.#liveFrom !== undefined && this.#liveFrom <= this.#seq) return undefined;
    if (first?.seq === undefined) return loss;
    const end = next === undefined || next.kind === "gap" ? Infinity : next.seq ?? 0;
    if (first.seq >= end) return loss;
    const rest = { ...loss, time: first.time, before: first.time };
    if (loss.count === undefined) return rest;
    // Where nothing stands behind the loss, those held may have been said after it was counted.
    if (end === Infinity) return { ...rest, count: undefined };
    const count = loss.count - this.#held.filter(({ seq = Infinity }) => seq < end).length;
    return count > 0 ? { ...rest, count } : undefined;
  }

  #take(entry: MessageEntry, news: HistoryItem[]): void {
    if (!this.#isNew(entry)) return;
    this.#position = entry;
    news.push(entry);
  }

  #isNew(entry: MessageEntry): boolean {
    if (entry.seq !== undefined) return entry.seq > this.#seq;
    if (entry.id === undefined) return true;
    if (this.#ids.has(entry.id)) return false;
    this.#ids.add(entry.id);
    if (this.#ids.size > MAX_REMEMBERED_IDS) this.#ids.delete(this.#ids.values().next().value!);
    return true;
  }
}
