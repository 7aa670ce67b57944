/** Brings the messages of several conversations, each in order, into the order of time. */
import type { HistoryItem } from "../../../lib/client/conversation/model/chat_entry.ts";

interface Source {
  readonly items: HistoryItem[];
  /** Index of the next one. */
  next: number;
  hasEnded: boolean;
  /** Called when all items have been passed on. */
  done: () => void;
}

/** Each source has at most the items of one {@link put} waiting, so the memory in use does not grow with what is read. */
export class TimeMerge {
  readonly #sources: Source[];
  readonly #show: (items: readonly HistoryItem[]) => Promise<void>;
  #shown: Promise<void> = Promise.resolve();

  constructor(count: number, show: (items: readonly HistoryItem[]) => Promise<void>) {
    this.#sources = Array.from(
      { length: count },
      () => ({ items: [], next: 0, hasEnded: false, done: () => {} }),
    );
    this.#show = show;
  }

  /** Resolves when the items have been passed on, which they are when all other sources have come as far. */
  async put(index: number, items: readonly HistoryItem[]): Promise<void> {
    if (items.length === 0) return;
    const source = this.#sources[index]!;
    source.items.splice(0, source.items.length, ...items);
    source.next = 0;
    const done = new Promise<void>((resolve) => source.done = resolve);
    this.#pass();
    await done;
    await this.#shown;
  }

  /** The source has no more items. */
  async end(index: number): Promise<void> {
    this.#sources[index]!.hasEnded = true;
    this.#pass();
    await this.#shown;
  }

  #pass(): void {
    const passed: HistoryItem[] = [];
    const done: (() => void)[] = [];
    for (let source = this.#findNext(); source !== undefined; source = this.#findNext()) {
      passed.push(source.items[source.next++]!);
      if (source.next === source.items.length) {
        done.push(source.done);
        if (!source.hasEnded) break; // what it has next may be earlier than all others
      }
    }
    if (passed.length > 0) this.#shown = this.#shown.then(() => this.#show(passed));
    void this.#shown.then(() => done.forEach((call) => call()), () => done.forEach((call) => call()));
  }

  /** The source with the earliest item; undefined: one of those that go on has none. */
  #findNext(): Source | undefined {
    let earliest: Source | undefined;
    for (const source of this.#sources) {
      const item = source.items[source.next];
      if (item === undefined) {
        if (source.hasEnded) continue;
        return undefined;
      }
      if (earliest === undefined || compareItems(item, earliest.items[earliest.next]!) < 0) earliest = source;
    }
    return earliest;
  }
}

/** By time; of the same time by the server's number. */
export function compareItems(a: HistoryItem, b: HistoryItem): number {
  return a.time - b.time || seqOf(a) - seqOf(b);
}

function seqOf(item: HistoryItem): number {
  return item.kind === "message" ? item.seq ?? 0 : 0;
}
