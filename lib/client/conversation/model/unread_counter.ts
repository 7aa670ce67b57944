/** Counts the unread messages of a conversation, and those that mention the reader. Pure. */

interface UnreadMessage {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly isMention: boolean;
}

/** Latest messages of which the time is kept, so that a read marker can fall among them. */
export const MAX_UNREAD_TIMES = 1000;

export class UnreadCounter {
  /** The latest messages, in the order of arrival. */
  #recent: UnreadMessage[] = [];
  /** Messages before those, and mentions among them. */
  #earlierCount = 0;
  #earlierMentions = 0;
  #readUntil = 0;

  get count(): number {
    return this.#earlierCount + this.#recent.length;
  }

  get mentionCount(): number {
    return this.#earlierMentions + this.#recent.filter(({ isMention }) => isMention).length;
  }

  /** Time up to which everything has been read, milliseconds since the epoch; 0: unknown. It only grows. */
  get readUntil(): number {
    return this.#readUntil;
  }

  /** Counts a message, unless it has been read: at the time {@link readUntil} or before it. */
  add(message: UnreadMessage): void {
    if (message.time <= this.#readUntil) return;
    this.#recent.push(message);
    if (this.#recent.length <= MAX_UNREAD_TIMES) return;
    const { isMention } = this.#recent.shift()!;
    this.#earlierCount++;
    if (isMention) this.#earlierMentions++;
  }

  /** Counts messages of which only the number is known, older than those that are added later. */
  addEarlier(count: number): void {
    this.#earlierCount += count;
  }

  /** Counts what `other` counts, too. */
  addAll(other: UnreadCounter): void {
    this.#readUntil = Math.min(this.#readUntil, other.#readUntil);
    this.#earlierCount += other.#earlierCount;
    this.#earlierMentions += other.#earlierMentions;
    for (const message of other.#recent) this.add(message);
  }

  /** Everything up to `time` has been read. */
  markRead(time: number): void {
    if (time <= this.#readUntil) return;
    this.#readUntil = time;
    const before = this.#recent.length;
    this.#recent = this.#recent.filter((message) => message.time > time);
    if (this.#recent.length === before && before > 0) return; // some of the earlier ones may still be unread
    this.#earlierCount = 0;
    this.#earlierMentions = 0;
  }
}
