/** Sequence numbers of events in order, addressed by index among those that the log still holds. */

export interface RecordSequence {
  length(oldestSeq: number): number;
  /** Sequence number of the `index`-th remaining event. */
  at(index: number): number;
  /** Sequence numbers from one index up to but not including another, after {@link length}; faster than one by one. */
  range(from: number, to: number): number[];
  /**
   * Index of the first event for which `before(seq)` is false; `before` must be true up to some event and false
   * after it.
   */
  partition(before: (seq: number) => boolean): number;
}

/**
 * Sequence numbers in order. Those of overwritten records are dropped, except the newest of them, which stay known
 * for a while.
 */
export class SeqList implements RecordSequence {
  seqs: number[] = [];
  /** Entries before this index are of overwritten records. */
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

  /** Removes `seq`; false: it is not in the list. */
  remove(seq: number): boolean {
    const at = this.start + this.partition((each) => each < seq);
    if (this.seqs[at] !== seq) return false;
    this.seqs.splice(at, 1);
    return true;
  }

  /** Skips overwritten records. Returns the newest number that is no longer known; undefined: none was dropped. */
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

/**
 * Two sequences merged without building the result: positions are found by binary search, because few are
 * requested.
 */
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

  /** Number of events of the first sequence among the `index` earliest of both. */
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

/** Numbers of a list, and behind them those of another sequence from one index up to but not including another. */
export class JoinedSequence implements RecordSequence {
  readonly #first: readonly number[];
  readonly #second: RecordSequence;
  readonly #from: number;
  readonly #to: number;

  constructor(first: readonly number[], second: RecordSequence, from: number, to: number) {
    this.#first = first;
    this.#second = second;
    this.#from = from;
    this.#to = to;
  }

  length(): number {
    return this.#first.length + this.#to - this.#from;
  }

  at(index: number): number {
    const beyond = index - this.#first.length;
    return beyond < 0 ? this.#first[index]! : this.#second.at(this.#from + beyond);
  }

  range(from: number, to: number): number[] {
    const { length } = this.#first;
    if (to <= length) return this.#first.slice(from, to);
    const rest = this.#second.range(this.#from + Math.max(0, from - length), this.#from + to - length);
    return from < length ? [...this.#first.slice(from), ...rest] : rest;
  }

  partition(before: (seq: number) => boolean): number {
    const { length } = this.#first;
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#first[middle]!)) low = middle + 1;
      else high = middle;
    }
    if (low < length) return low;
    const at = Math.min(this.#to, Math.max(this.#from, this.#second.partition(before)));
    return length + at - this.#from;
  }
}

/** Numbers of overwritten messages that a list keeps at least; at most twice as many, or as many as it has others. */
const MAX_KNOWN_GONE = 1024;
