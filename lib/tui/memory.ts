/** What has been seen already: the ids of messages, and where each conversation stands. Bounded. */
import { casefold } from "../irc/casemap.ts";
import type { Message } from "../irc/message.ts";

/** Ids kept to recognise a message that comes again: several times the largest answer of history. */
const MAX_IDS = 10_000;
/** Conversations whose latest message is kept. */
const MAX_TARGETS = 1_000;
/** Times of different conversations may be a little out of step; what is then looked at twice is recognised by its id. */
const OVERLAP_MS = 10_000;

export class Memory {
  readonly #ids = new Set<string>();
  readonly #latest = new Map<string, string>();
  /** The server's time as last heard. */
  #time = 0;
  /** That time when the connection was lost. */
  #lostAt = 0;

  /** A time, in milliseconds, up to which nothing was missed before the last loss. */
  get lostAt(): number {
    return this.#lostAt;
  }

  /** Takes note of the server's clock, if `message` tells it; else `now` has to do as long as nothing does. */
  hear(message: Message, now: number): void {
    const time = Date.parse(message.tags.get("time") ?? "") || 0;
    this.#time = Math.max(this.#time, time) || now;
  }

  /** The connection is lost: what comes after is found out later, whatever is heard until then. */
  lost(): void {
    this.#lostAt = Math.max(0, this.#time - OVERLAP_MS);
  }

  /** The id of the latest message to or from `target`. */
  latestId(target: string): string | undefined {
    return this.#latest.get(casefold(target));
  }

  /** Takes note of `message` in the conversation with `target`; false: it was there before. */
  isNew(message: Message, target: string): boolean {
    const id = message.tags.get("msgid");
    if (id === undefined) return true;
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > MAX_IDS) dropOldest(this.#ids);
    const folded = casefold(target);
    this.#latest.delete(folded);
    this.#latest.set(folded, id);
    if (this.#latest.size > MAX_TARGETS) dropOldest(this.#latest);
    return true;
  }
}

/** Sets and maps keep the order of insertion. */
function dropOldest(kept: Set<string> | Map<string, string>): void {
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}
