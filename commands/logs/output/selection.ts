/** Which messages `logs` shows: those that are wanted, and with `-A`, `-B` and `-C` some around them, as `grep` does. Pure. */
import type { HistoryItem, MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";

/** Most messages before and behind each (`-A`, `-B`, `-C`). */
export const MAX_CONTEXT_MESSAGES = 1000;

/** A message that is shown because of one near it. */
export interface ContextMessage {
  readonly kind: "context";
  readonly message: MessageEntry;
}

/** Messages are left out here. */
export interface ContextBreak {
  readonly kind: "break";
}

export type ShownItem = HistoryItem | ContextMessage | ContextBreak;

export interface SelectionOptions {
  readonly isWanted: (entry: MessageEntry) => boolean;
  /** Not shown beside wanted ones either; left out: none is hidden. */
  readonly isHidden?: ((entry: MessageEntry) => boolean) | undefined;
  /** Messages shown before each that is wanted, and behind it. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  /** Number of wanted messages after which nothing more is shown but what is behind the last; undefined: no bound. */
  readonly maxCount?: number | undefined;
}

export class Selection {
  readonly #isWanted: (entry: MessageEntry) => boolean;
  readonly #isHidden: (entry: MessageEntry) => boolean;
  readonly #before: number;
  readonly #after: number;
  /** Number of wanted messages that may still be shown. */
  #left: number;
  /** Messages that may be shown before the next one. */
  #waiting: MessageEntry[] = [];
  /** Number of messages still to be shown behind the last one. */
  #behind = 0;
  #hasShown = false;
  #hasSkipped = false;

  constructor({ isWanted, isHidden = () => false, before = 0, after = 0, maxCount }: SelectionOptions) {
    [this.#isWanted, this.#isHidden, this.#before, this.#after] = [isWanted, isHidden, before, after];
    this.#left = maxCount ?? Infinity;
  }

  /** Everything has been shown that is to be shown. */
  get isOver(): boolean {
    return this.#left === 0 && this.#behind === 0;
  }

  /** What is shown of `items`; `last`: the message with which the selection is over. */
  take(items: readonly HistoryItem[]): { readonly shown: ShownItem[]; readonly last?: MessageEntry } {
    const shown: ShownItem[] = [];
    for (const item of items) {
      if (this.isOver) break;
      if (item.kind === "gap") {
        this.#waiting = [];
        shown.push(item);
        continue;
      }
      if (this.#isHidden(item)) continue;
      if (this.#left > 0 && this.#isWanted(item)) this.#takeWanted(item, shown);
      else this.#passOver(item, shown);
      if (this.isOver) return { shown, last: item };
    }
    return { shown };
  }

  #takeWanted(item: MessageEntry, shown: ShownItem[]): void {
    if (this.#before + this.#after > 0 && this.#hasShown && this.#hasSkipped) shown.push({ kind: "break" });
    for (const message of this.#waiting) shown.push({ kind: "context", message });
    shown.push(item);
    [this.#waiting, this.#hasSkipped, this.#hasShown] = [[], false, true];
    this.#left--;
    this.#behind = this.#after;
  }

  #passOver(message: MessageEntry, shown: ShownItem[]): void {
    if (this.#behind > 0) {
      this.#behind--;
      shown.push({ kind: "context", message });
      return;
    }
    this.#waiting.push(message);
    if (this.#waiting.length <= this.#before) return;
    this.#waiting.shift();
    this.#hasSkipped = true;
  }
}

/** The last `count` wanted items of `shown`, with the messages around them: at most `before` before the first. */
export function newestShown(shown: readonly ShownItem[], count: number, before: number): ShownItem[] {
  let first = shown.length;
  let [left, lead] = [count, before];
  for (let at = shown.length - 1; at >= 0; at--) {
    const { kind } = shown[at]!;
    if (left === 0 && (kind !== "context" || lead-- === 0)) break;
    if (kind === "message") left--;
    first = at;
  }
  return count === 0 ? [] : shown.slice(first);
}

/**
 * For pages that are read backwards: of each the messages, at its end, that belong to the newest `count` wanted ones,
 * `before` others before the oldest of them included. Once not all of a page belong to them, no earlier ones do.
 */
export function makeMatchTaker(
  count: number,
  isWanted: (entry: MessageEntry) => boolean,
  before: number,
): (messages: MessageEntry[]) => MessageEntry[] {
  let left = count;
  let lead = count === 0 ? 0 : before;
  return (messages) => {
    for (let at = messages.length - 1; at >= 0; at--) {
      const isMatch = isWanted(messages[at]!);
      if (left === 0 && (isMatch || lead-- === 0)) return messages.slice(at + 1);
      if (isMatch) left--;
    }
    return messages;
  };
}
