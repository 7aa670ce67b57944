/**
 * The messages of one target (a room, or the talk of two people) that are still in the log: their sequence numbers in
 * order. The records themselves stay in the ring; what it overwrites is dropped here when the timeline is next touched.
 */
export class Timeline {
  #seqs: number[] = [];
  /** Entries before this index are gone from the ring. */
  #start = 0;
  /** Time of the newest event of this target; see {@link nextTime}. */
  #lastTime = 0;
  #lastSeq = 0;

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
    if (this.#start > 1024 && this.#start * 2 > seqs.length) {
      this.#seqs = seqs.slice(this.#start);
      this.#start = 0;
    }
  }
}
