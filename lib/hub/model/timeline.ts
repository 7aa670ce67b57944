/**
 * What happened in one target (a channel, or the talk of two people) that is still in the log: the sequence numbers of its messages
 * in order, and beside them those of all else. The records themselves stay in the ring; what it overwrites is dropped here when
 * the timeline is next touched.
 */

import type { Cap, CapSet } from "../../irc/cap_set.ts";
import { lowerBound, MergedSequence, pushSeq, SeqList } from "./seq_list.ts";
import type { RecordSequence } from "./seq_list.ts";

/**
 * The times of a target strictly increase as long as they stay this close to the clock, so that few messages share one. It covers
 * what is said in a turn (5 ms) and between two of them under load, and is less than people notice.
 */
export const MAX_AHEAD_MS = 50;
/** Places where the time goes back that are known of one target, the newest: the clock was set back about as often. */
export const MAX_CLOCK_BREAKS = 1024;

const NONE: readonly number[] = [];

export class Timeline implements RecordSequence {
  readonly #messages = new SeqList();
  /** What else happened; made with the first. */
  #others: SeqList | undefined;
  /** What not every client knows, by the capability that it takes; made with the first. */
  #rare: Map<number, SeqList> | undefined;
  /** Of messages below this number nobody knows how many there were. */
  #knownFrom: number;
  /** Messages that are kept beyond the ring (retained_messages.ts), in order; those that the ring still holds too are the last. */
  #retained: number[] | undefined;
  /** How many of them the ring has overwritten. */
  #beyond = 0;
  /** Time of the newest event of this target; see {@link nextTime}. */
  #lastTime = 0;
  #firstSeq = 0;
  #lastSeq = 0;
  /** See {@link clockBreaks}; made with the first. */
  #breaks: number[] | undefined;

  /** What there was before `knownFrom`, the oldest record at the time, nobody knows. */
  constructor(knownFrom: number) {
    this.#knownFrom = knownFrom;
  }

  /**
   * The time of the next event: later than the last one's, because clients page by time (draft/chathistory, `timestamp=`), but at
   * most {@link MAX_AHEAD_MS} ahead of the clock. There times are equal, and the sequence number is the order. Where the last time
   * lies further ahead the clock was wrong: the next one is the clock's all the same, and time goes back.
   */
  nextTime(now: number): number {
    const last = this.#lastTime;
    if (now > last || last > now + MAX_AHEAD_MS) return now;
    return Math.min(last + 1, now + MAX_AHEAD_MS);
  }

  /**
   * Where the time goes back: sequence numbers, in order, of events from which on times do not decrease until the next of them.
   * There may be more of them than need be, never fewer up to {@link MAX_CLOCK_BREAKS}.
   */
  get clockBreaks(): readonly number[] {
    return this.#breaks ?? NONE;
  }

  /** Takes note of a recorded event; `message` tells whether CHATHISTORY shows it to everybody. */
  add(seq: number, time: number, message: boolean, oldestSeq: number): void {
    this.#note(seq, time);
    if (message) this.#messages.seqs.push(seq);
    else pushSeq(this.#others ??= new SeqList(), seq, oldestSeq);
    this.#trim(oldestSeq);
  }

  /** Takes note of a recorded event that only clients with the capability `cap` (`CAP` of irc/capabilities.ts) know. */
  addForCap(seq: number, time: number, cap: Cap, oldestSeq: number): void {
    this.#note(seq, time);
    this.#rare ??= new Map();
    const list = this.#rare.get(cap) ?? new SeqList();
    this.#rare.set(cap, list);
    pushSeq(list, seq, oldestSeq);
  }

  /** The message at `seq`, said at `time`, is kept beyond the ring. */
  retain(seq: number, time: number): void {
    const retained = this.#retained ??= [];
    // At a start these come first, in order; later only what has been noted before is retained.
    if (this.#lastSeq === 0) {
      if (time < this.#lastTime) this.#break(seq);
      this.#lastTime = time;
    }
    retained.splice(lowerBound(retained, seq), 0, seq);
  }

  /** It is no longer. */
  release(seq: number): void {
    const at = lowerBound(this.retained, seq);
    if (this.retained[at] === seq) this.#retained!.splice(at, 1);
    if (this.#retained?.length === 0) this.#retained = undefined;
  }

  /** Takes over from `other` what is kept of it from `seq` on. */
  moveRetainedFrom(other: Timeline, seq: number, timeOf: (seq: number) => number): void {
    const taken = other.retained.slice(lowerBound(other.retained, seq));
    if (taken.length === 0) return;
    for (const each of taken) {
      other.release(each);
      this.retain(each, timeOf(each));
    }
    const { retained } = this;
    for (let at = 1; at < retained.length; at++) {
      if (timeOf(retained[at]!) < timeOf(retained[at - 1]!)) this.#break(retained[at]!);
    }
    if (this.#firstSeq > 0) this.#break(this.#firstSeq);
  }

  /** The messages that are kept beyond the ring, whether it still holds them or not. */
  get retained(): readonly number[] {
    return this.#retained ?? NONE;
  }

  /** Takes the message or other event at `seq` out. */
  remove(seq: number): void {
    if (!this.#messages.remove(seq)) this.#others?.remove(seq);
  }

  /** True where the record at `seq` is a message or another event of this target, and was not taken back. */
  has(seq: number): boolean {
    return this.#messages.has(seq) || this.#others?.has(seq) === true ||
      this.retained[lowerBound(this.retained, seq)] === seq;
  }

  /** Messages that the ring still holds, and those that are kept beyond it. */
  length(oldestSeq: number): number {
    this.#trim(oldestSeq);
    this.#beyond = this.#retained === undefined ? 0 : lowerBound(this.#retained, oldestSeq);
    return this.#beyond + this.#messages.length(oldestSeq);
  }

  /** After {@link length}. */
  at(index: number): number {
    return index < this.#beyond ? this.#retained![index]! : this.#messages.at(index - this.#beyond);
  }

  /** After {@link length}. */
  range(from: number, to: number): number[] {
    const beyond = this.#beyond;
    if (from >= beyond) return this.#messages.range(from - beyond, to - beyond);
    const kept = this.#retained!.slice(from, Math.min(to, beyond));
    return to <= beyond ? kept : [...kept, ...this.#messages.range(0, to - beyond)];
  }

  /** After {@link length}. */
  partition(before: (seq: number) => boolean): number {
    let low = 0;
    let high = this.#beyond;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#retained![middle]!)) low = middle + 1;
      else high = middle;
    }
    return low < this.#beyond ? low : low + this.#messages.partition(before);
  }

  /** Messages and all else together, for draft/event-playback. */
  get allEvents(): RecordSequence {
    return this.#others === undefined ? this : new MergedSequence(this, this.#others);
  }

  /** All of it that clients with the capabilities `caps` know. */
  allEventsFor(caps: CapSet): RecordSequence {
    let shown = this.allEvents;
    for (const [cap, list] of this.#rare ?? []) if (caps.has(cap)) shown = new MergedSequence(shown, list);
    return shown;
  }

  /**
   * How many messages after the one at `seq`, which the ring has lost, and before the one at `until` are gone; undefined when
   * that is not known any more.
   */
  countGone(seq: number, oldestSeq: number, until = Infinity): number | undefined {
    this.#trim(oldestSeq);
    if (seq + 1 < this.#knownFrom) return undefined;
    const { seqs, start } = this.#messages;
    let at = start;
    while (at > 0 && seqs[at - 1]! >= until) at--;
    const last = at;
    while (at > 0 && seqs[at - 1]! > seq) at--;
    const { retained } = this;
    const kept = lowerBound(retained, Math.min(until, oldestSeq)) - lowerBound(retained, seq + 1);
    return last - at - Math.max(0, kept);
  }

  /** True when nothing of this target is left any more, no message and no other event. */
  isGone(oldestSeq: number): boolean {
    return this.#lastSeq < oldestSeq && this.#retained === undefined;
  }

  /** Whether any message is known to have been said. */
  get hasMessages(): boolean {
    return this.#messages.seqs.length > 0 || this.#retained !== undefined;
  }

  /** The newest event. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get lastTime(): number {
    return this.#lastTime;
  }

  #note(seq: number, time: number): void {
    // Of what was retained before the first event some may stand behind it.
    const isFirst = this.#lastSeq === 0;
    if (isFirst ? this.#retained !== undefined : time < this.#lastTime) this.#break(seq);
    if (isFirst) this.#firstSeq = seq;
    this.#lastTime = time;
    this.#lastSeq = seq;
  }

  #break(seq: number): void {
    const breaks = this.#breaks ??= [];
    const at = lowerBound(breaks, seq);
    if (breaks[at] === seq) return;
    breaks.splice(at, 0, seq);
    if (breaks.length > MAX_CLOCK_BREAKS) breaks.shift();
  }

  #trim(oldestSeq: number): void {
    const forgotten = this.#messages.trim(oldestSeq);
    if (forgotten !== undefined) this.#knownFrom = forgotten + 1;
    if (this.#breaks !== undefined) this.#dropBreaks(oldestSeq);
  }

  /** Before the oldest event that is left there is nothing to be searched. */
  #dropBreaks(oldestSeq: number): void {
    const breaks = this.#breaks!;
    const gone = lowerBound(breaks, Math.min(oldestSeq, this.#retained?.[0] ?? Infinity) + 1);
    if (gone > 0) breaks.splice(0, gone);
    if (breaks.length === 0) this.#breaks = undefined;
  }
}

/** A timeline that only tells what is in it. */
export type ReadonlyTimeline = Omit<
  Timeline,
  "add" | "addForCap" | "retain" | "release" | "moveRetainedFrom" | "remove"
>;
