/**
 * Where history and what is said live meet, without a gap and without a repetition: following starts first, what comes in is
 * held until the history before it has been read, and what both have is shown once.
 */
import type { Entry } from "./entry.ts";

/** Ids remembered where entries have no sequence number: more than any page of history holds. */
const MAX_REMEMBERED_IDS = 4096;

export class Seam {
  #open = false;
  #held: Entry[] = [];
  #lastSeq = 0;
  readonly #ids = new Set<string>();
  /** The newest entry handed out: where to go on after a loss. */
  last: Entry | undefined;

  /** Of entries out of the history, those not handed out before, in order. */
  fresh(entries: readonly Entry[]): Entry[] {
    const news = entries.filter((entry) => this.#isNew(entry));
    this.last = news.at(-1) ?? this.last;
    return news;
  }

  /** An entry that came live: handed out if the history before it has been read, else held. */
  live(entry: Entry): Entry[] {
    if (this.#open) return this.fresh([entry]);
    this.#held.push(entry);
    return [];
  }

  /** The history is read: what was held and is new, and from now on {@link live} holds nothing back. */
  open(): Entry[] {
    this.#open = true;
    const held = this.#held;
    this.#held = [];
    return this.fresh(held);
  }

  /** The connection is lost. What is held is dropped: the history to be read next has it. */
  close(): void {
    this.#open = false;
    this.#held = [];
  }

  /** The log is another one: numbers and ids seen so far say nothing about what comes. */
  forget(): void {
    this.#lastSeq = 0;
    this.#ids.clear();
  }

  #isNew(entry: Entry): boolean {
    if (entry.seq !== undefined) {
      if (entry.seq <= this.#lastSeq) return false;
      this.#lastSeq = entry.seq;
      return true;
    }
    if (entry.id === undefined) return true;
    if (this.#ids.has(entry.id)) return false;
    this.#ids.add(entry.id);
    if (this.#ids.size > MAX_REMEMBERED_IDS) this.#ids.delete(this.#ids.values().next().value!);
    return true;
  }
}
