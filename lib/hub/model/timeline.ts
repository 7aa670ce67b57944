/**
 * Timeline of a conversation: sequence numbers of its messages in the log, in order, and beside them those of all
 * other events. The records themselves stay in the log; numbers of overwritten ones are dropped when the timeline
 * is next used.
 */

import { assert } from "../../base/assert.ts";
import type { Cap, CapSet } from "../../irc/cap_set.ts";
import { lowerBound, MergedSequence, pushSeq, SeqList } from "./seq_list.ts";
import type { RecordSequence } from "./seq_list.ts";

/**
 * The times of a conversation strictly increase as long as they stay this close to the clock, so that few messages
 * share one. It covers the messages of a turn (5 ms) and those between two turns under load, and is less than
 * people notice.
 */
export const MAX_AHEAD_MS = 50;
/** Most clock breaks known of one conversation, the newest: the clock was set back about as often. */
export const MAX_CLOCK_BREAKS = 1024;

const NONE: readonly number[] = [];

/** What of a conversation is meant: the messages, or with event playback all events. */
export type EventScope = "messages" | "all";

export class Timeline implements RecordSequence {
  readonly #messages = new SeqList();
  /** Events other than messages; created with the first. */
  #others: SeqList | undefined;
  /** Events that only clients with a capability know, by that capability; created with the first. */
  #rare: Map<number, SeqList> | undefined;
  /** The number of messages below this sequence number is unknown. */
  #knownFrom: number;
  /** See {@link countedFrom}. */
  #countedFrom: number;
  /** Retained messages (retained_messages.ts), in order; those that the log still holds too come last. */
  #retained: number[] | undefined;
  /** Number of retained messages that are overwritten. */
  #beyond = 0;
  /** Time of the newest event; see {@link nextTime}. */
  #lastTime = 0;
  #firstSeq = 0;
  #lastSeq = 0;
  /** See {@link clockBreaks}; created with the first. */
  #breaks: number[] | undefined;
  /** Latest time of all events, and of those before the clock breaks that were dropped, or later. */
  #peak = 0;
  #peakOfDropped = 0;
  /** Latest time of the messages and of all events that the archive has; 0: it has none; undefined: not known yet. */
  #archivedPeak: Record<EventScope, number | undefined> = { messages: undefined, all: undefined };

  /**
   * What happened before `knownFrom`, the oldest record at the time, is unknown. `indexedFrom`: what happened before
   * this record is not in the timeline, though the log may hold it, because an earlier timeline was dropped.
   * `countedFrom`: from this record on nothing happened without being in the timeline.
   */
  constructor(knownFrom: number, readonly indexedFrom = 0, countedFrom = knownFrom) {
    this.#knownFrom = knownFrom;
    this.#countedFrom = countedFrom;
    if (Math.max(knownFrom, indexedFrom) <= 1) this.#archivedPeak = { messages: 0, all: 0 };
  }

  /**
   * Time of the next event: later than the last one's, because clients page by time (draft/chathistory,
   * `timestamp=`), but at most {@link MAX_AHEAD_MS} ahead of the clock. At that bound times are equal, and the
   * sequence number gives the order. If the last time is further ahead, the clock was wrong: the next time is the
   * clock's, and time goes back.
   */
  nextTime(now: number): number {
    const last = this.#lastTime;
    if (now > last || last > now + MAX_AHEAD_MS) return now;
    return Math.min(last + 1, now + MAX_AHEAD_MS);
  }

  /**
   * Clock breaks: sequence numbers, in order, of events from which on times do not decrease until the next break.
   * There may be more of them than necessary, but never fewer up to {@link MAX_CLOCK_BREAKS}.
   */
  get clockBreaks(): readonly number[] {
    return this.#breaks ?? NONE;
  }

  /** Adds a recorded event; `message`: CHATHISTORY shows it to every client. */
  add(seq: number, time: number, message: boolean, oldestSeq: number): void {
    this.#note(seq, time);
    if (message) this.#messages.seqs.push(seq);
    else pushSeq(this.#others ??= new SeqList(), seq, oldestSeq);
    this.#trim(oldestSeq);
  }

  /** Adds a recorded event that only clients with the capability `cap` (`CAP` of irc/capabilities.ts) know. */
  addForCap(seq: number, time: number, cap: Cap, oldestSeq: number): void {
    this.#note(seq, time);
    this.#rare ??= new Map();
    const list = this.#rare.get(cap) ?? new SeqList();
    this.#rare.set(cap, list);
    pushSeq(list, seq, oldestSeq);
  }

  /** Adds the message at `seq` with the time `time` to the retained ones. */
  retain(seq: number, time: number): void {
    const retained = this.#retained ??= [];
    // When the server starts these come first, in order; later only messages that are in the timeline are retained.
    if (this.#lastSeq === 0) {
      if (time < this.#lastTime) this.#break(seq);
      this.#lastTime = time;
      this.#peak = Math.max(this.#peak, time);
    }
    retained.splice(lowerBound(retained, seq), 0, seq);
  }

  /** Removes the message at `seq` from the retained ones. */
  release(seq: number): void {
    const at = lowerBound(this.retained, seq);
    if (this.retained[at] === seq) this.#retained!.splice(at, 1);
    if (this.#retained?.length === 0) this.#retained = undefined;
  }

  /** Takes over the retained messages of `other` from `seq` on. */
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

  /** Retained messages, whether the log still holds them or not. */
  get retained(): readonly number[] {
    return this.#retained ?? NONE;
  }

  /** Removes the message or other event at `seq`. */
  remove(seq: number): void {
    if (!this.#messages.remove(seq)) this.#others?.remove(seq);
  }

  /** Whether the record at `seq` is a message or another event of this conversation that was not redacted. */
  has(seq: number): boolean {
    return this.#messages.has(seq) || this.#others?.has(seq) === true ||
      this.retained[lowerBound(this.retained, seq)] === seq;
  }

  /** Whether nothing is known to have happened before the record `heldFrom`, from which on the timeline has everything. */
  isComplete(heldFrom: number, scope: EventScope): boolean {
    return this.#archivedPeak[scope] === 0 && (this.#lastSeq === 0 || this.#firstSeq >= heldFrom);
  }

  /**
   * Latest time of what happened before the record `heldFrom`, or later; undefined: it is not known yet. An event from
   * there on has its time alone if that is later and the event is not the first.
   */
  latestGone(heldFrom: number, scope: EventScope): number | undefined {
    const archivedPeak = this.#archivedPeak[scope];
    if (archivedPeak === undefined) return undefined;
    const hasBreak = (this.#breaks?.[0] ?? Infinity) <= heldFrom;
    return hasBreak ? this.#peak : Math.max(archivedPeak, this.#peakOfDropped);
  }

  /** Notes that `latest` is the latest time of what the archive has before what is held here; 0: it has nothing. */
  noteArchived(latest: number, scope: EventScope): void {
    const { messages = 0, all } = this.#archivedPeak;
    this.#archivedPeak = scope === "all"
      ? { messages: Math.max(messages, latest), all: Math.max(all ?? 0, latest) }
      : { messages: Math.max(messages, latest), all };
  }

  /** Number of messages that the log still holds, and retained ones that it does not. */
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

  /** Messages and all other events together, for draft/event-playback. */
  get allEvents(): RecordSequence {
    return this.#others === undefined ? this : new MergedSequence(this, this.#others);
  }

  /** The events that only clients with the capability `cap` know; undefined: there was none. */
  eventsForCap(cap: Cap): RecordSequence | undefined {
    return this.#rare?.get(cap);
  }

  /** All events that clients with the capabilities `caps` know. */
  allEventsFor(caps: CapSet): RecordSequence {
    let shown = this.allEvents;
    for (const [cap, list] of this.#rare ?? []) if (caps.has(cap)) shown = new MergedSequence(shown, list);
    return shown;
  }

  /** The events that the log holds and that clients with the capabilities `caps` know; left out: the messages alone. */
  loggedEvents(oldestSeq: number, caps?: CapSet): RecordSequence {
    this.#trim(oldestSeq);
    if (caps === undefined) return this.#messages;
    let shown: RecordSequence = this.#messages;
    if (this.#others !== undefined) shown = new MergedSequence(shown, this.#others);
    for (const [cap, list] of this.#rare ?? []) if (caps.has(cap)) shown = new MergedSequence(shown, list);
    return shown;
  }

  /**
   * Number of lost messages between the one at `seq`, which is overwritten, and the one at `until`; undefined if it
   * is no longer known.
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

  /** From this record on all messages are known, also those that the log no longer holds. */
  get countedFrom(): number {
    return Math.max(this.#countedFrom, this.indexedFrom);
  }

  /**
   * Number of messages from record `from` up to but not including `until` that the log does not hold and that are not
   * retained; `from` is not below {@link countedFrom}.
   */
  countGoneIn(from: number, until: number, oldestSeq: number): number {
    this.#trim(oldestSeq);
    assert(from >= this.countedFrom, "messages are counted where they are known");
    const end = Math.max(from, Math.min(until, oldestSeq));
    const countIn = (seqs: readonly number[]) => lowerBound(seqs, end) - lowerBound(seqs, from);
    return Math.max(0, countIn(this.#messages.seqs) - countIn(this.retained));
  }

  /** Whether no message and no other event is left. */
  isGone(oldestSeq: number): boolean {
    return this.#lastSeq < oldestSeq && this.#retained === undefined;
  }

  /** Whether any message is known. */
  get hasMessages(): boolean {
    return this.#messages.seqs.length > 0 || this.#retained !== undefined;
  }

  /** Sequence number of the newest event. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get lastTime(): number {
    return this.#lastTime;
  }

  #note(seq: number, time: number): void {
    assert(seq > this.#lastSeq, "the sequence numbers of a conversation only grow");
    // Some of the messages retained before the first event may come after it.
    const isFirst = this.#lastSeq === 0;
    if (isFirst ? this.#retained !== undefined : time < this.#lastTime) this.#break(seq);
    if (isFirst) this.#firstSeq = seq;
    this.#lastTime = time;
    this.#peak = Math.max(this.#peak, time);
    this.#lastSeq = seq;
  }

  #break(seq: number): void {
    const breaks = this.#breaks ??= [];
    const at = lowerBound(breaks, seq);
    if (breaks[at] === seq) return;
    breaks.splice(at, 0, seq);
    if (breaks.length <= MAX_CLOCK_BREAKS) return;
    breaks.shift();
    this.#peakOfDropped = this.#peak;
  }

  #trim(oldestSeq: number): void {
    const forgotten = this.#messages.trim(oldestSeq);
    if (forgotten !== undefined) this.#knownFrom = this.#countedFrom = forgotten + 1;
    if (this.#breaks !== undefined) this.#dropBreaks(oldestSeq);
  }

  /** Drops breaks up to the oldest remaining event: nothing before it is searched. */
  #dropBreaks(oldestSeq: number): void {
    const breaks = this.#breaks!;
    const gone = lowerBound(breaks, Math.min(oldestSeq, this.#retained?.[0] ?? Infinity) + 1);
    if (gone === 0) return;
    breaks.splice(0, gone);
    this.#peakOfDropped = this.#peak;
    if (breaks.length === 0) this.#breaks = undefined;
  }
}

/** A timeline as a read-only view. */
export type ReadonlyTimeline = Omit<
  Timeline,
  "add" | "addForCap" | "retain" | "release" | "moveRetainedFrom" | "remove" | "noteArchived"
>;
