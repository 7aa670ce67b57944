/**
 * How far the ring file may follow the ring: records of a cluster's log that are not committed stay out of the file, and
 * so out of the archive. For the thread that appends, which holds the log lock and calls `Ring.wakeReaders` afterwards,
 * and for the sync task.
 */
import { assert } from "../base/assert.ts";
import type { RingHeader } from "./ring_header.ts";

/** What is needed of the ring. */
interface LimitedRing {
  readonly capacityBytes: number;
  readonly nextSeq: number;
  readonly durableSeq: number;
  readonly position: number;
  firstSeqFrom(seq: number): number;
  bytesUntilOverwritten(seq: number): number;
}

export class SyncLimit {
  readonly #header: RingHeader;
  readonly #ring: LimitedRing;

  constructor(header: RingHeader, ring: LimitedRing) {
    this.#header = header;
    this.#ring = ring;
  }

  /** Records before this one may be written; without a limit those that there are. */
  get seq(): number {
    return this.#header.syncLimit ?? this.#ring.nextSeq;
  }

  /** `Ring.position` of record {@link seq}. Under the log lock. */
  get position(): number {
    return this.#header.syncLimit === undefined ? this.#ring.position : this.#header.limitPosition;
  }

  /** Records from `seq` on are not written from now on. It only grows. */
  set(seq: number): void {
    const { nextSeq, durableSeq } = this.#ring;
    assert(seq >= durableSeq && seq <= nextSeq, "the limit is not before what is on disk");
    this.#header.limitSync(seq, this.#positionOf(seq));
  }

  /** For an empty ring: its first record gets the number `seq`. */
  startAt(seq: number): void {
    const header = this.#header;
    assert(header.writerOldest === header.writerNext && seq >= header.writerNext, "the ring is empty");
    header.next = header.oldest = header.durable = seq;
    this.set(seq);
  }

  #positionOf(seq: number): number {
    const { position, capacityBytes, nextSeq } = this.#ring;
    const first = this.#ring.firstSeqFrom(seq);
    return first >= nextSeq ? position : position - capacityBytes + this.#ring.bytesUntilOverwritten(first);
  }
}
