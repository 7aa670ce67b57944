/**
 * Records through the ring of the log (lib/log/ring.ts) in memory that both sides share. A server's ring overwrites what
 * a slow reader has not read; here the writer waits for the reader, so that all ways carry every record.
 *
 *     ┌──────────────────────────┬───────────┬─────────────┬────────────┬─────────────┐
 *     │ ring, RING_CAPACITY_BYTES│ read seq  │ writer waits│ reader bell│ writer bell │   words of 32 bits
 *     └──────────────────────────┴───────────┴─────────────┴────────────┴─────────────┘
 */
import { nextLoopIteration } from "../../base/event_loop.ts";
import { LogReader } from "../../log/log_reader.ts";
import { Ring } from "../../log/ring.ts";
import { ringBytes } from "../../log/ring_header.ts";
import type { LogLock } from "../../log/log_lock.ts";
import { preciseNow } from "../process_usage.ts";
import { AtomicsWaker } from "./ring_wakers.ts";
import type { Waker } from "./ring_wakers.ts";
import { IPC_RECORD_MAX_BYTES } from "./ipc_record.ts";
import { describeEnd } from "./transport.ts";
import type { OnRecord, RecordReceiver, RecordSender } from "./transport.ts";

/** Eight times the largest record, and far more than a batch. */
const RING_CAPACITY_BYTES = 4 * 1024 * 1024;
const READ_SEQ = 0, WRITER_WAITS = 1, READER_BELL = 2, WRITER_BELL = 3;
const WORDS = 4;
/** A reader that never has to wait lets the process look at other input as often. */
const RECORDS_PER_TURN = 4096;

/** A ring and the words behind it. */
export interface BenchRing {
  readonly ring: Ring;
  readonly words: Int32Array;
}

/** Bytes of shared memory that {@link createBenchRing} needs. */
export const BENCH_RING_BYTES = ringBytes(RING_CAPACITY_BYTES) + WORDS * 4;

export function createBenchRing(buffer: SharedArrayBuffer): BenchRing {
  return addWords(Ring.create(RING_CAPACITY_BYTES, { buffer }));
}

/** The ring that the other side has created in `buffer`. */
export function attachBenchRing(buffer: SharedArrayBuffer): BenchRing {
  return addWords(Ring.attach(buffer));
}

function addWords(ring: Ring): BenchRing {
  return { ring, words: new Int32Array(ring.buffer, BENCH_RING_BYTES - WORDS * 4, WORDS) };
}

export function createReaderBell({ words }: BenchRing): Waker {
  return new AtomicsWaker(words, READER_BELL, WRITER_BELL);
}

export function createWriterBell({ words }: BenchRing): Waker {
  return new AtomicsWaker(words, WRITER_BELL, READER_BELL);
}

export class RingSender implements RecordSender {
  readonly #ring: Ring;
  readonly #words: Int32Array;
  readonly #waker: Waker;
  readonly #lock: LogLock | undefined;

  /** `lock` is held for each batch, where other threads may append. */
  constructor({ ring, words }: BenchRing, waker: Waker, lock?: LogLock) {
    this.#ring = ring;
    this.#words = words;
    this.#waker = waker;
    this.#lock = lock;
  }

  sendBatch(count: number, next: () => Uint8Array): void | Promise<void> {
    const first = next();
    const bytes = this.#ring.storedBytes(first.length);
    const append = () => {
      for (let nth = 0; nth < count; nth++) this.#ring.append(Date.now(), nth === 0 ? first : next());
    };
    const hasRoom = () => this.#hasRoom(count, bytes);
    if (this.#lock !== undefined || !hasRoom()) return this.#sendLater(append, hasRoom);
    append();
    return this.#waker.wake();
  }

  /** Half of the ring at most waits for the reader. All records of a step have one size, `bytes`. */
  #hasRoom(count: number, bytes: number): boolean {
    const unread = this.#ring.nextSeq - Atomics.load(this.#words, READ_SEQ) | 0;
    return (unread + count) * bytes <= RING_CAPACITY_BYTES / 2;
  }

  async #sendLater(append: () => void, hasRoom: () => boolean): Promise<void> {
    while (!hasRoom()) {
      Atomics.store(this.#words, WRITER_WAITS, 1);
      if (!await this.#waker.wait(hasRoom)) throw new Deno.errors.BrokenPipe("the reader is gone");
    }
    if (this.#lock === undefined) append();
    else await this.#lock.runExclusive(append);
    await this.#waker.wake();
  }
}

export class RingReceiver implements RecordReceiver {
  /** A record is visible as a whole or not at all. */
  readonly partialBytes = 0;
  readonly #reader: LogReader;
  readonly #ring: Ring;
  readonly #words: Int32Array;
  readonly #waker: Waker | Promise<Waker>;
  readonly #into = new Uint8Array(IPC_RECORD_MAX_BYTES);

  constructor({ ring, words }: BenchRing, waker: Waker | Promise<Waker>) {
    this.#ring = ring;
    this.#words = words;
    this.#waker = waker;
    this.#reader = new LogReader(ring, 1);
    Atomics.store(words, READ_SEQ, 1);
  }

  async receive(onRecord: OnRecord): Promise<string> {
    const waker = await this.#waker;
    const hasMore = () => this.#reader.cursor < this.#ring.nextSeq;
    try {
      for (;;) {
        this.#readSome(onRecord);
        if (Atomics.exchange(this.#words, WRITER_WAITS, 0) === 1) await waker.wake();
        if (hasMore()) await nextLoopIteration();
        else if (!await waker.wait(hasMore)) return "end of stream";
      }
    } catch (error) {
      return describeEnd(error);
    }
  }

  #readSome(onRecord: OnRecord): void {
    const reader = this.#reader;
    for (let count = 0; count < RECORDS_PER_TURN; count++) {
      const outcome = reader.next(this.#into);
      if (outcome.kind === "empty") break;
      if (outcome.kind === "ok") onRecord(outcome.payload, preciseNow());
    }
    Atomics.store(this.#words, READ_SEQ, reader.cursor | 0);
  }
}
