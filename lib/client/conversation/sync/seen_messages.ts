/**
 * What has been received already: the ids of messages, and up to where each conversation has been shown.
 * Bounded.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message } from "../../../irc/message.ts";
import { parseWireTime } from "../../../irc/wire_number.ts";
import { isBehind, positionAt } from "../model/read_position.ts";
import type { ReadPosition } from "../model/read_position.ts";

/** Ids kept to recognise a repeated message: several times the largest history page. */
const MAX_IDS = 10_000;
/** Conversations of which the position is kept. */
const MAX_TARGETS = 1_000;
/**
 * Times of different conversations may be out of step; a message that is read twice for it is recognised by
 * its id.
 */
const OVERLAP_MS = 10_000;

export class SeenMessages {
  readonly #ids = new Set<string>();
  readonly #positions = new Map<string, ReadPosition>();
  /** The server's time as last heard. */
  #time = 0;
  #lostAt = 0;

  /** A time, in milliseconds, up to which nothing was missed before the last connection loss. */
  get lostAt(): number {
    return this.#lostAt;
  }

  /**
   * Takes the server's time from the live message `message`, or `now` until the server has sent one. A clock
   * that was ahead is set back.
   */
  noteServerTime(message: Message, now: number): void {
    this.#time = parseWireTime(message.tags.get("time")) ?? (this.#time || now);
  }

  /** The connection is lost at a moment when nothing was missing. */
  noteLoss(): void {
    this.#lostAt = Math.max(0, this.#time - OVERLAP_MS);
  }

  /** Up to where the conversation with `target` has been shown without omission. */
  getPosition(target: string): ReadPosition | undefined {
    return this.#positions.get(casefold(target));
  }

  /** Moves the position of `target`; never back: a server may repeat an old message. */
  advance(target: string, { seq, id, time, reportedGap }: ReadPosition): void {
    const folded = casefold(target);
    const before = this.#positions.get(folded);
    const position = { seq, id, time, reportedGap };
    if (before !== undefined && isBehind(before, position)) return;
    this.#positions.delete(folded);
    this.#positions.set(folded, position);
    if (this.#positions.size > MAX_TARGETS) dropOldest(this.#positions);
  }

  /** The server has another log: sequence numbers and ids of the old one say nothing about it. */
  startNewLog(target: string): void {
    const position = this.getPosition(target);
    if (position !== undefined) this.#positions.set(casefold(target), positionAt(position.time));
  }

  /** The conversation `from` has the name `to` now. */
  rename(from: string, to: string): void {
    const position = this.#positions.get(casefold(from));
    this.#positions.delete(casefold(from));
    if (position !== undefined) this.#positions.set(casefold(to), position);
  }

  /** Remembers the message `id`; false: it was remembered before. A message without id is always new. */
  addIfNew(id: string | undefined): boolean {
    if (id === undefined) return true;
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > MAX_IDS) dropOldest(this.#ids);
    return true;
  }

  /** The message `id` is not shown after all: when it comes again, it is new. */
  forget(id: string | undefined): void {
    this.#ids.delete(id ?? "");
  }
}

/** Sets and maps keep the order of insertion. */
function dropOldest(kept: Set<string> | Map<string, unknown>): void {
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}
