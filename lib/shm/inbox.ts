/**
 * The inbox of a server: a ring in shared memory into which many processes put records, and from which the server takes
 * them. Little-endian:
 *
 *     byte 0       64          68        72     76     80       84        128              128 + capacity
 *          ┌───────┬───────────┬─────────┬──────┬──────┬────────┬─────────┬────────────────┐
 *          │ mutex │ magic     │capacity │ head │ tail │ holder │ repairs │ records        │
 *          └───────┴───────────┴─────────┴──────┴──────┴────────┴─────────┴────────────────┘
 *
 *     record: │ length u32 │ CRC-32 of position, length and payload u32 │ payload │
 *
 * - head, tail: bytes put and taken in all, modulo 2^32. The capacity is a power of two, so the place of a byte is its
 *   position modulo the capacity, and a record goes on at the start where the end is reached.
 * - holder: process id of the writer that holds the mutex, for messages; repairs: mutexes taken over from dead writers.
 *
 * Writers hold the mutex (robust_mutex.ts). A record is written behind the head and counts from the moment at which the
 * head moves over it, one store: a writer that is killed has put all of a record or nothing, and the next one
 * overwrites what it left. The server reads head and moves tail without the mutex, so a writer that is stopped while
 * it holds the mutex keeps other writers waiting, never the server.
 */
import { crc32 } from "../base/crc.ts";
import { MUTEX_BYTES, type MutexOutcome, RobustMutex } from "./robust_mutex.ts";

const MAGIC = 0x4d494243; // "CBIM"
/** Indices of 32-bit words. */
const MAGIC_WORD = 16,
  CAPACITY_WORD = 17,
  HEAD_WORD = 18,
  TAIL_WORD = 19,
  HOLDER_WORD = 20,
  REPAIRS_WORD = 21;
const HEADER_BYTES = 128;
const RECORD_HEAD_BYTES = 8;
/** Parts of the capacity that one record may take, so that one writer cannot fill the inbox by one record. */
const RECORD_SHARE = 4;

/** Size of the buffer of an inbox. */
export function inboxBytes(capacity: number): number {
  return HEADER_BYTES + capacity;
}

/** `full`: the server has yet to take what is there; `too_long`: such a record is never taken. */
export type PutOutcome = "put" | "full" | "too_long" | Exclude<MutexOutcome, "done">;

export type TakeOutcome =
  | { readonly kind: "ok"; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly kind: "empty" }
  /** Something else has written to the memory: all that was to be taken, `bytes`, is dropped. */
  | { readonly kind: "damaged"; readonly bytes: number };

/** The memory, as both ends use it. */
class InboxMemory {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly #data: Uint8Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, readonly capacity: number) {
    this.words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.#data = new Uint8Array(buffer, HEADER_BYTES, capacity);
  }

  get head(): number {
    return Atomics.load(this.words, HEAD_WORD) >>> 0;
  }

  get tail(): number {
    return Atomics.load(this.words, TAIL_WORD) >>> 0;
  }

  read(position: number, into: Uint8Array<ArrayBuffer>): void {
    const at = position % this.capacity;
    const first = this.#data.subarray(at, at + into.length);
    into.set(first);
    into.set(this.#data.subarray(0, into.length - first.length), first.length);
  }

  erase(position: number, length: number): void {
    const at = position % this.capacity;
    this.#data.fill(0, at, at + length);
    this.#data.fill(0, 0, Math.max(0, at + length - this.capacity));
  }

  write(position: number, bytes: Uint8Array): void {
    const at = position % this.capacity;
    const first = bytes.subarray(0, this.capacity - at);
    this.#data.set(first, at);
    this.#data.set(bytes.subarray(first.length), 0);
  }
}

/** The server's end. */
export class Inbox {
  readonly #memory: InboxMemory;

  private constructor(memory: InboxMemory) {
    this.#memory = memory;
  }

  /** Makes an inbox in a buffer of zeros, `capacity` a power of two; or why it cannot be made, as a clause. */
  static create(buffer: SharedArrayBuffer, capacity: number): Inbox | string {
    const mutex = RobustMutex.create(new Uint8Array(buffer, 0, MUTEX_BYTES));
    if (typeof mutex === "string") return mutex;
    const memory = new InboxMemory(buffer, capacity);
    memory.words[CAPACITY_WORD] = capacity;
    Atomics.store(memory.words, MAGIC_WORD, MAGIC);
    return new Inbox(memory);
  }

  /** How often a writer has found that the holder of the mutex had died. */
  get repairs(): number {
    return Atomics.load(this.#memory.words, REPAIRS_WORD);
  }

  /** Position behind the newest record. */
  get end(): number {
    return this.#memory.head;
  }

  /**
   * Takes out the oldest record of those before the position `end`. Its bytes are erased: the token in it is a secret,
   * and no other process can have it taken a second time.
   */
  take(end = this.end): TakeOutcome {
    const memory = this.#memory;
    const { tail } = memory;
    const used = (end - tail) >>> 0;
    if (used === 0) return { kind: "empty" };
    const payload = readRecord(memory, tail, used);
    const taken = payload ? RECORD_HEAD_BYTES + payload.length : used;
    memory.erase(tail, Math.min(taken, memory.capacity));
    Atomics.store(memory.words, TAIL_WORD, tail + taken);
    return payload ? { kind: "ok", payload } : { kind: "damaged", bytes: used };
  }
}

/** A writer's end. */
export class InboxWriter {
  readonly #memory: InboxMemory;
  readonly #mutex: RobustMutex;

  private constructor(memory: InboxMemory, mutex: RobustMutex) {
    this.#memory = memory;
    this.#mutex = mutex;
  }

  /** The inbox in `buffer`; or why it cannot be used, as a clause. */
  static open(buffer: SharedArrayBuffer): InboxWriter | string {
    const words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    const capacity = words[CAPACITY_WORD]!;
    const isPowerOfTwo = capacity > 0 && (capacity & (capacity - 1)) === 0;
    if (Atomics.load(words, MAGIC_WORD) !== MAGIC || !isPowerOfTwo) return "it is not an inbox of ChatterBox";
    if (inboxBytes(capacity) > buffer.byteLength) return "it is shorter than its header states";
    const mutex = RobustMutex.open(new Uint8Array(buffer, 0, MUTEX_BYTES));
    return typeof mutex === "string" ? mutex : new InboxWriter(new InboxMemory(buffer, capacity), mutex);
  }

  /** Process id of the writer that holds the mutex; 0: none. */
  get holder(): number {
    return Atomics.load(this.#memory.words, HOLDER_WORD);
  }

  /** Puts one record in, without waiting. */
  tryPut(payload: Uint8Array): PutOutcome {
    const { capacity, words } = this.#memory;
    if (RECORD_HEAD_BYTES + payload.length > capacity / RECORD_SHARE) return "too_long";
    let outcome: PutOutcome = "full";
    const locked = this.#mutex.tryRun(() => {
      Atomics.store(words, HOLDER_WORD, Deno.pid);
      if (this.#append(payload)) outcome = "put";
      Atomics.store(words, HOLDER_WORD, 0);
    }, () => Atomics.add(words, REPAIRS_WORD, 1));
    return locked === "done" ? outcome : locked;
  }

  /** Whether there was room. The mutex is held. */
  #append(payload: Uint8Array): boolean {
    const memory = this.#memory;
    const { head, tail } = memory;
    const bytes = RECORD_HEAD_BYTES + payload.length;
    if (((head - tail) >>> 0) + bytes > memory.capacity) return false;
    const record = new Uint8Array(bytes);
    const view = new DataView(record.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, checksum(head, payload), true);
    record.set(payload, RECORD_HEAD_BYTES);
    memory.write(head, record);
    Atomics.store(memory.words, HEAD_WORD, head + bytes);
    return true;
  }
}

/** The payload at `position`, where `used` bytes are; undefined: damage. */
function readRecord(
  memory: InboxMemory,
  position: number,
  used: number,
): Uint8Array<ArrayBuffer> | undefined {
  if (used > memory.capacity || used < RECORD_HEAD_BYTES) return undefined;
  const head = new Uint8Array(RECORD_HEAD_BYTES);
  memory.read(position, head);
  const view = new DataView(head.buffer);
  const length = view.getUint32(0, true);
  if (length > used - RECORD_HEAD_BYTES) return undefined;
  const payload = new Uint8Array(length);
  memory.read(position + RECORD_HEAD_BYTES, payload);
  return checksum(position, payload) === view.getUint32(4, true) ? payload : undefined;
}

function checksum(position: number, payload: Uint8Array): number {
  return crc32(payload, crc32(new Uint8Array(Uint32Array.of(position, payload.length).buffer)));
}
