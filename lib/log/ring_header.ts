/**
 * The header of the shared ring, through which its threads communicate. 32 words of 32 bits:
 *
 *      0 magic   1 capacity   2 slots (a power of two)
 *      4 oldest  6 next   8 durable      sequence numbers, each: low word, high word
 *     10 head: offset in the data area where the next record goes    11 laps: passes of the head around the ring, from 1
 *     12 synced head   13 synced laps    position up to which the ring file equals the data area
 *     14 wake: incremented once a batch      15 wanted: number of threads that wait for the lock
 *
 * A sequence number has two words because 64-bit Atomics would allocate a BigInt for each. While its high word changes
 * (once in 2^32 records) it holds a marker, and a reader retries.
 */

export const RING_HEADER_BYTES = 128;

const MAGIC = 0x43425247; // "CBRG"
const CAPACITY = 1, SLOTS = 2, OLDEST = 4, NEXT = 6, DURABLE = 8, HEAD = 10, LAPS = 11;
const SYNCED_HEAD = 12, SYNCED_LAPS = 13, WAKE = 14, WANTED = 15;
const IN_TRANSIT = -1;
const TWO_32 = 2 ** 32;

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
    return this.#words[LAPS]! * this.capacity + this.#words[HEAD]!;
  }

  get syncedPosition(): number {
    return this.#words[SYNCED_LAPS]! * this.capacity + this.#words[SYNCED_HEAD]!;
  }

  set syncedPosition(position: number) {
    this.#words[SYNCED_LAPS] = Math.floor(position / this.capacity);
    this.#words[SYNCED_HEAD] = position % this.capacity;
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
    for (;;) {
      const high = Atomics.load(this.#words, word + 1);
      const low = Atomics.load(this.#words, word);
      if (high !== IN_TRANSIT && Atomics.load(this.#words, word + 1) === high) {
        return high * TWO_32 + (low >>> 0);
      }
    }
  }
}
