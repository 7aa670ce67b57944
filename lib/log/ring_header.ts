/**
 * The header of the shared ring, through which its threads communicate. 32 words of 32 bits:
 *
 *      0 magic   1 capacity   2 slots (a power of two)
 *      4 oldest  6 next   8 durable      sequence numbers, each: low word, high word
 *     10 head: offset in the data area where the next record goes    11 laps: passes of the head around the ring, from 1
 *     12 synced head   13 synced laps    position up to which the ring file equals the data area
 *     14 wake: incremented once a batch      15 wanted: number of threads that wait for the lock
 *     16 sync limit: a sequence number       18 head and 19 laps of the limit's position; no laps: there is no limit
 *
 * 2^32 laps are 256 TiB through the smallest ring. The count of wakes is compared for change alone, so it may wrap.
 *
 * A sequence number has two words because 64-bit Atomics would allocate a BigInt for each. While its high word changes
 * (once in 2^32 records) it holds a marker, and a reader retries, but not for ever: a writer in another process may be
 * killed there.
 */

import { RECORD_ALIGNMENT_BYTES, RECORD_MIN_BYTES } from "./record.ts";

export const RING_HEADER_BYTES = 128;

const MAGIC = 0x43425247; // "CBRG"
const CAPACITY = 1, SLOTS = 2, OLDEST = 4, NEXT = 6, DURABLE = 8, HEAD = 10, LAPS = 11;
const SYNCED_HEAD = 12,
  SYNCED_LAPS = 13,
  WAKE = 14,
  WANTED = 15,
  LIMIT = 16,
  LIMIT_HEAD = 18,
  LIMIT_LAPS = 19;
const IN_TRANSIT = -1;
/** Looks at a number in transit, which takes nanoseconds unless its writer stands still: some milliseconds. */
const TRANSIT_LOOKS = 1_000_000;
const TWO_32 = 2 ** 32;

/** Slots in the index of a ring with a data area of `capacity` bytes. */
export function slotsOf(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(capacity / RECORD_MIN_BYTES));
}

/** Size of the buffer of a ring with a data area of `capacity` bytes. */
export function ringBytes(capacity: number): number {
  return RING_HEADER_BYTES + slotsOf(capacity) * 4 + capacity;
}

/** What the ring holds cannot be told. */
export class RingFault extends Error {}

/** The writer was stopped or killed between the two words of a sequence number. */
export class HeaderInTransit extends RingFault {
  override readonly name = "HeaderInTransit";
}

/** Something else has written to the memory of the ring: what is there cannot be a ring's. */
export class RingDamage extends RingFault {
  override readonly name = "RingDamage";
}

/** The records from `oldest` to before `next`. */
export interface SeqSpan {
  readonly oldest: number;
  readonly next: number;
}

/** Whether a ring with an index of `slots` can hold these records. */
function isPossibleSpan({ oldest, next }: SeqSpan, slots: number): boolean {
  return oldest >= 0 && oldest <= next && Number.isSafeInteger(next) && (next - oldest) % TWO_32 <= slots;
}

function spanDamage({ oldest, next }: SeqSpan): RingDamage {
  return new RingDamage(`the ring cannot hold the records from ${oldest} to ${next}`);
}

/**
 * `oldest` and `next` of a header that is not in shared memory but read as bytes by `readInto`, one word after another
 * in any order, for a ring with an index of `slots`. The low word counts if the high word was the same before and
 * after.
 */
export function readSeqs(readInto: (header: Uint8Array) => void, slots: number): SeqSpan {
  const [before, middle, after] = [0, 1, 2].map(() => new Int32Array(RING_HEADER_BYTES / 4));
  let impossible: SeqSpan | undefined;
  for (let look = 0; look < TRANSIT_LOOKS / 1000; look++) {
    for (const words of [before!, middle!, after!]) readInto(new Uint8Array(words.buffer));
    const isStable = (word: number) =>
      before![word + 1] !== IN_TRANSIT && before![word + 1] === after![word + 1];
    const seq = (word: number) => before![word + 1]! * TWO_32 + (middle![word]! >>> 0);
    if (!isStable(OLDEST) || !isStable(NEXT)) continue;
    const span = { oldest: seq(OLDEST), next: seq(NEXT) };
    if (isPossibleSpan(span, slots)) return span;
    impossible = span; // the writer may have been around the ring between the two numbers
  }
  if (impossible !== undefined) throw spanDamage(impossible);
  throw new HeaderInTransit("a sequence number of the ring is incomplete");
}

export class RingHeader {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, RING_HEADER_BYTES / 4);
  }

  /** Formats a new header: an empty ring; its next record is `first`, at offset 0. */
  format(capacity: number, slots: number, first: number): void {
    const words = this.#words;
    words[0] = MAGIC;
    words[CAPACITY] = capacity;
    words[SLOTS] = slots;
    words[LAPS] = words[SYNCED_LAPS] = 1;
    this.oldest = this.next = this.durable = first;
  }

  get isRing(): boolean {
    return this.#words[0] === MAGIC;
  }

  /** Whether this is the header of a ring of `bytes`. */
  fits(bytes: number): boolean {
    const { capacity } = this;
    return this.isRing && capacity % RECORD_ALIGNMENT_BYTES === 0 && this.slots === slotsOf(capacity) &&
      ringBytes(capacity) === bytes;
  }

  get capacity(): number {
    return this.#words[CAPACITY]!;
  }

  get slots(): number {
    return this.#words[SLOTS]!;
  }

  get oldest(): number {
    return this.#load(OLDEST);
  }

  set oldest(seq: number) {
    this.#publish(OLDEST, seq);
  }

  get next(): number {
    return this.#load(NEXT);
  }

  set next(seq: number) {
    this.#publish(NEXT, seq);
  }

  /** `oldest` and `next` at about one moment, for a ring with an index of `slots`; throws {@link RingDamage}. */
  span(slots: number): SeqSpan {
    for (;;) {
      const { next } = this; // before `oldest`, which only grows: no more than the ring holds lies between the two
      const { oldest } = this;
      const span = { oldest, next };
      if (isPossibleSpan(span, slots)) return span;
      if (oldest <= next || oldest > this.next) throw spanDamage(span); // else the writer went around the ring
    }
  }

  get durable(): number {
    return this.#load(DURABLE);
  }

  set durable(seq: number) {
    this.#publish(DURABLE, seq);
  }

  /** `oldest` and `next` as read by the holder of the log lock, the only writer. */
  get writerOldest(): number {
    return this.#words[OLDEST + 1]! * TWO_32 + (this.#words[OLDEST]! >>> 0);
  }

  get writerNext(): number {
    return this.#words[NEXT + 1]! * TWO_32 + (this.#words[NEXT]! >>> 0);
  }

  /**
   * Why this is not the header of a ring of that shape, as a clause; undefined: it can be. For the holder of the log
   * lock.
   */
  findDamage(capacity: number, slots: number): string | undefined {
    if (!this.isRing || this.capacity !== capacity || this.slots !== slots) return "its shape has changed";
    const span = { oldest: this.writerOldest, next: this.writerNext };
    if (!isPossibleSpan(span, slots)) return spanDamage(span).message;
    const { head } = this;
    if (head < 0 || head > capacity || head % RECORD_ALIGNMENT_BYTES !== 0) return `its head is at ${head}`;
    if (this.syncedPosition > this.position) return "it ends before what is on disk";
    return undefined;
  }

  get head(): number {
    return this.#words[HEAD]!;
  }

  set head(offset: number) {
    this.#words[HEAD] = offset;
  }

  addLap(): void {
    this.#words[LAPS] = this.#words[LAPS]! + 1;
  }

  get position(): number {
    return (this.#words[LAPS]! >>> 0) * this.capacity + this.#words[HEAD]!;
  }

  get syncedPosition(): number {
    return (this.#words[SYNCED_LAPS]! >>> 0) * this.capacity + this.#words[SYNCED_HEAD]!;
  }

  set syncedPosition(position: number) {
    this.#words[SYNCED_LAPS] = Math.floor(position / this.capacity);
    this.#words[SYNCED_HEAD] = position % this.capacity;
  }

  /** Records from this number on are not written to the ring file; undefined: all are. */
  get syncLimit(): number | undefined {
    return Atomics.load(this.#words, LIMIT_LAPS) === 0 ? undefined : this.#load(LIMIT);
  }

  /** Position of the record at the limit. For the holder of the log lock, where there is a limit. */
  get limitPosition(): number {
    return (this.#words[LIMIT_LAPS]! >>> 0) * this.capacity + this.#words[LIMIT_HEAD]!;
  }

  limitSync(seq: number, position: number): void {
    this.#words[LIMIT_HEAD] = position % this.capacity;
    this.#publish(LIMIT, seq);
    Atomics.store(this.#words, LIMIT_LAPS, Math.floor(position / this.capacity));
  }

  get wakeCount(): number {
    return Atomics.load(this.#words, WAKE);
  }

  wakeReaders(): void {
    Atomics.add(this.#words, WAKE, 1);
    Atomics.notify(this.#words, WAKE);
  }

  /** Settles when {@link wakeCount} is no longer `seen`; undefined if it has changed already. */
  waitForWake(seen: number): Promise<unknown> | undefined {
    const wait = Atomics.waitAsync(this.#words, WAKE, seen);
    return wait.async ? wait.value : undefined;
  }

  get isLockRequested(): boolean {
    return Atomics.load(this.#words, WANTED) > 0;
  }

  requestLock(): void {
    Atomics.add(this.#words, WANTED, 1);
    Atomics.notify(this.#words, WANTED);
  }

  endLockRequest(): void {
    Atomics.sub(this.#words, WANTED, 1);
  }

  /** Settles when the lock is requested; undefined if it is requested already. */
  waitForLockRequest(): Promise<unknown> | undefined {
    const wait = Atomics.waitAsync(this.#words, WANTED, 0);
    return wait.async ? wait.value : undefined;
  }

  #publish(word: number, value: number): void {
    const high = Math.floor(value / TWO_32);
    if (this.#words[word + 1] !== high) {
      Atomics.store(this.#words, word + 1, IN_TRANSIT);
      Atomics.store(this.#words, word, value | 0);
      Atomics.store(this.#words, word + 1, high);
    } else Atomics.store(this.#words, word, value | 0);
  }

  #load(word: number): number {
    for (let look = 0; look < TRANSIT_LOOKS; look++) {
      const high = Atomics.load(this.#words, word + 1);
      const low = Atomics.load(this.#words, word);
      if (high !== IN_TRANSIT && Atomics.load(this.#words, word + 1) === high) {
        return high * TWO_32 + (low >>> 0);
      }
    }
    throw new HeaderInTransit("a sequence number of the ring is incomplete");
  }
}
