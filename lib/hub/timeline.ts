/**
 * The messages of one target (a room, or the talk of two people) that are still in the log: their sequence numbers in
 * order. The records themselves stay in the ring; what it overwrites is dropped here when the timeline is next touched.
 */
/** Numbers of messages that are gone which one target keeps at the least; at most three times as many. */
const MAX_KNOWN_GONE = 1024;

export class Timeline {
  /** The numbers of the newest messages that are gone are kept for a while: {@link goneAfter} counts them. */
  #seqs: number[] = [];
  /** Entries before this index are gone from the ring. */
  #start = 0;
  /** Of messages below this number nobody knows how many there were. */
  #knownFrom: number;
  /** Time of the newest event of this target; see {@link nextTime}. */
  #lastTime = 0;
  #lastSeq = 0;

  /** What there was before `knownFrom`, the oldest record at the time, nobody knows. */
  constructor(knownFrom: number) {
    this.#knownFrom = knownFrom;
  }

  /**
   * Message times are strictly increasing per target at millisecond resolution, because clients page by time
   * (draft/chathistory, `timestamp=`). Under more than a thousand messages a second to one target its clock runs ahead.
   */
  nextTime(now: number): number {
    return now > this.#lastTime ? now : this.#lastTime + 1;
  }

  /** Takes note of a recorded event; `message` tells whether CHATHISTORY shows it. */
  add(seq: number, time: number, message: boolean, oldestSeq: number): void {
    if (time > this.#lastTime) this.#lastTime = time;
    this.#lastSeq = seq;
    if (message) this.#seqs.push(seq);
    this.#trim(oldestSeq);
  }

  /** Messages that the ring still holds. */
  length(oldestSeq: number): number {
    this.#trim(oldestSeq);
    return this.#seqs.length - this.#start;
  }

  /** How many messages after the one at `seq`, which is gone, are gone too; undefined when that is not known any more. */
  goneAfter(seq: number, oldestSeq: number): number | undefined {
    this.#trim(oldestSeq);
    if (seq + 1 < this.#knownFrom) return undefined;
    let at = this.#start;
    while (at > 0 && this.#seqs[at - 1]! > seq) at--;
    return this.#start - at;
  }

  /** True when the ring holds nothing of this target any more, no message and no other event. */
  isGone(oldestSeq: number): boolean {
    return this.#lastSeq < oldestSeq;
  }

  /** Sequence number of the `index`-th message that is left. */
  at(index: number): number {
    return this.#seqs[this.#start + index]!;
  }

  get lastTime(): number {
    return this.#lastTime;
  }

  /** Index of the first message for which `before(seq)` is false; `before` is true up to some point and false after it. */
  partition(before: (seq: number) => boolean): number {
    let low = this.#start;
    let high = this.#seqs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#seqs[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low - this.#start;
  }

  #trim(oldestSeq: number): void {
    const seqs = this.#seqs;
    while (this.#start < seqs.length && seqs[this.#start]! < oldestSeq) this.#start++;
    if (this.#start > 2 * MAX_KNOWN_GONE && this.#start * 2 > seqs.length) {
      const dropped = this.#start - MAX_KNOWN_GONE;
      this.#knownFrom = seqs[dropped - 1]! + 1;
      this.#seqs = seqs.slice(dropped);
      this.#start = MAX_KNOWN_GONE;
    }
  }
}
