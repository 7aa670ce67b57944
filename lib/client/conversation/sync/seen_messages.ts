/** What has been seen already: the ids of messages, and up to where each conversation is known. Bounded. */
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message } from "../../../irc/message.ts";
import { SEQ_TAG } from "../../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireTime } from "../../../irc/wire_number.ts";

/** The latest message of a conversation up to which nothing is missing. */
export interface SyncPoint {
  /** Undefined: the server gives none. */
  readonly id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Its place in the server's log; undefined: the server tells none. */
  readonly seq: number | undefined;
}

/** Ids kept to recognise a message that comes again: several times the largest answer of history. */
const MAX_IDS = 10_000;
/** Conversations whose mark is kept. */
const MAX_TARGETS = 1_000;
/** Times of different conversations may be a little out of step; what is then looked at twice is recognised by its id. */
const OVERLAP_MS = 10_000;

/** Messages of which it is known whose they were, in case that they are taken back or reacted to. */
const MAX_SAID = 500;

export interface MessageExcerpt {
  readonly of: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Its beginning. */
  readonly excerpt: string;
  /** The channel in which it was said, or the person with whom. */
  readonly where: string;
}

export class SeenMessages {
  readonly #ids = new Set<string>();
  readonly #said = new Map<string, MessageExcerpt>();
  readonly #marks = new Map<string, SyncPoint>();
  /** The server's time as last heard. */
  #time = 0;
  /** That time when the connection was lost. */
  #lostAt = 0;

  /** A time, in milliseconds, up to which nothing was missed before the last loss. */
  get lostAt(): number {
    return this.#lostAt;
  }

  /**
   * Takes note of the server's clock, if `message`, which is said now, tells it; else `now` has to do as long as nothing does. A
   * clock that was ahead is set back.
   */
  noteServerTime(message: Message, now: number): void {
    this.#time = parseWireTime(message.tags.get("time")) ?? (this.#time || now);
  }

  /** The connection is lost, when nothing was missing any more: what comes after is found out later. */
  noteLoss(): void {
    this.#lostAt = Math.max(0, this.#time - OVERLAP_MS);
  }

  /** Up to where the conversation with `target` is known. */
  getSyncPoint(target: string): SyncPoint | undefined {
    return this.#marks.get(casefold(target));
  }

  /** The conversation with `target` is known up to `message`. It never goes back: an old message may be told again. */
  advanceSyncPoint(target: string, message: Message, time: number): void {
    const folded = casefold(target);
    const mark = { id: message.tags.get("msgid"), time, seq: parseWireCount(message.tags.get(SEQ_TAG)) };
    const before = this.#marks.get(folded);
    if (before !== undefined && isAfter(before, mark)) return;
    this.#marks.delete(folded);
    this.#marks.set(folded, mark);
    if (this.#marks.size > MAX_TARGETS) dropOldest(this.#marks);
  }

  /** The conversation `from` is called `to` now. */
  rename(from: string, to: string): void {
    const mark = this.#marks.get(casefold(from));
    this.#marks.delete(casefold(from));
    if (mark !== undefined) this.#marks.set(casefold(to), mark);
  }

  /** Takes note of the id of `message`; false: it was there before. */
  addIfNew(message: Message): boolean {
    const id = message.tags.get("msgid");
    if (id === undefined) return true;
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > MAX_IDS) dropOldest(this.#ids);
    return true;
  }

  /** `message` was said. */
  rememberExcerpt(message: Message, said: MessageExcerpt): void {
    const id = message.tags.get("msgid");
    if (id === undefined) return;
    this.#said.set(id, said);
    if (this.#said.size > MAX_SAID) dropOldest(this.#said);
  }

  /** What is known of the message `id`; undefined: nothing any more. */
  getExcerpt(id: string): MessageExcerpt | undefined {
    return this.#said.get(id);
  }

  /** The id of the newest message that is known of those `wanted`. */
  findNewest(wanted: (said: MessageExcerpt) => boolean): string | undefined {
    return [...this.#said].findLast(([, said]) => wanted(said))?.[0];
  }

  /** `message` is not shown after all: when it comes again, it is new. */
  forget(message: Message): void {
    this.#ids.delete(message.tags.get("msgid") ?? "");
  }
}

/** By their places in the log where both are known: the clock may have been set back. */
function isAfter(one: SyncPoint, other: SyncPoint): boolean {
  return one.seq === undefined || other.seq === undefined ? one.time > other.time : one.seq > other.seq;
}

/** Sets and maps keep the order of insertion. */
function dropOldest(kept: Set<string> | Map<string, unknown>): void {
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}
