/** Events in order, by their place among those that the ring still holds. */

export interface RecordSequence {
  length(oldestSeq: number): number;
  /** Sequence number of the `index`-th event that is left. */
  at(index: number): number;
  /** The numbers of the events from one index to below another, after {@link length}; quicker than each by itself. */
  range(from: number, to: number): number[];
  /** Index of the first event for which `before(seq)` is false; `before` is true up to some point and false after it. */
  partition(before: (seq: number) => boolean): number;
}

/** Sequence numbers in order; those below a mark are gone from the ring, and the newest of them are known for a while. */
export class SeqList implements RecordSequence {
  seqs: number[] = [];
  /** Entries before this index are gone. */
  start = 0;

  length(oldestSeq: number): number {
    this.trim(oldestSeq);
    return this.seqs.length - this.start;
  }

  at(index: number): number {
    return this.seqs[this.start + index]!;
  }

  range(from: number, to: number): number[] {
    return this.seqs.slice(this.start + from, this.start + to);
  }

  partition(before: (seq: number) => boolean): number {
    let low = this.start;
    let high = this.seqs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.seqs[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low - this.start;
  }

  has(seq: number): boolean {
    return this.seqs[this.start + this.partition((each) => each < seq)] === seq;
  }

  /** Takes `seq` out; false: it is not here (any more). */
  remove(seq: number): boolean {
    const at = this.start + this.partition((each) => each < seq);
    if (this.seqs[at] !== seq) return false;
    this.seqs.splice(at, 1);
    return true;
  }

  /** Answers the newest number that is no longer known; undefined: all that were known are. */
  trim(oldestSeq: number): number | undefined {
    const { seqs } = this;
    while (this.start < seqs.length && seqs[this.start]! < oldestSeq) this.start++;
    if (this.start <= 2 * MAX_KNOWN_GONE || this.start * 2 <= seqs.length) return undefined;
    const dropped = this.start - MAX_KNOWN_GONE;
    this.seqs = seqs.slice(dropped);
    this.start = MAX_KNOWN_GONE;
    return seqs[dropped - 1]!;
  }
}

/** Index of the first of `seqs`, which are in order, that is not below `seq`. */
export function lowerBound(seqs: readonly number[], seq: number): number {
  let low = 0;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (seqs[middle]! < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
export function pushSeq(list: SeqList, seq: number, oldestSeq: number): void {
  list.seqs.push(seq);
  list.trim(oldestSeq);
}

/** Two lists as one, without making it: places are found by halving, as few of them are asked for. */
export class MergedSequence implements RecordSequence {
  readonly #a: RecordSequence;
  readonly #b: RecordSequence;
  #lengthA = 0;
  #lengthB = 0;

  constructor(a: RecordSequence, b: RecordSequence) {
    this.#a = a;
    this.#b = b;
  }

  length(oldestSeq: number): number {
    this.#lengthA = this.#a.length(oldestSeq);
    this.#lengthB = this.#b.length(oldestSeq);
    return this.#lengthA + this.#lengthB;
  }

  /** After {@link length}. */
  at(index: number): number {
    const fromA = this.#split(index);
    const fromB = index - fromA;
    if (fromA === this.#lengthA) return this.#b.at(fromB);
    return fromB === this.#lengthB ? this.#a.at(fromA) : Math.min(this.#a.at(fromA), this.#b.at(fromB));
  }

  range(from: number, to: number): number[] {
    const [fromA, toA] = [this.#split(from), this.#split(to)];
    const a = this.#a.range(fromA, toA);
    const b = this.#b.range(from - fromA, to - toA);
    const merged: number[] = [];
    for (let nthA = 0, nthB = 0; merged.length < to - from;) {
      const takesA = nthB === b.length || nthA < a.length && a[nthA]! < b[nthB]!;
      merged.push(takesA ? a[nthA++]! : b[nthB++]!);
    }
    return merged;
  }

  /** How many of the first list are among the `index` earliest of both. */
  #split(index: number): number {
    let low = Math.max(0, index - this.#lengthB);
    let high = Math.min(index, this.#lengthA);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#a.at(middle) < this.#b.at(index - middle - 1)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  partition(before: (seq: number) => boolean): number {
    return this.#a.partition(before) + this.#b.partition(before);
  }
}

/** Numbers of messages that are gone which one target keeps at the least; at most three times as many. */
export const MAX_KNOWN_GONE = 1024;
