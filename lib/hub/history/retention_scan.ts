/**
 * Reads each message of a bounded log twice, in the log's order: soon after it was appended, to count it for its
 * sender, and a margin before it is overwritten, to judge whether it is retained (retained_messages.ts). Both are
 * done for a step of the log at a time, so that an append costs one comparison. An unbounded log overwrites nothing
 * and is not scanned.
 */
import { assert } from "../../base/assert.ts";
import type { RecordView } from "../../log/read_outcome.ts";
import type { EventLog } from "../log/event_log.ts";

/**
 * Distance to being overwritten at which a record is judged, as a part of the log's capacity: its fact has to reach
 * the disk in time.
 */
const MARGIN_SHARE = 1 / 16;
/** Bytes of the log that one step covers: about 2,000 messages. */
const MAX_STEP_BYTES = 256 * 1024;
const STEP_SHARE = 1 / 128;

export interface CountedSender {
  /** Bytes of its messages in the log that have been counted and not judged. */
  ringBytes: number;
}

export interface SenderCount<Sender> {
  /** Called before a run of {@link senderIn} calls with nothing in between. */
  renew(): void;
  /** Sender of the message in `bytes` from `start` to `end`; undefined: it is not a message. */
  senderIn(bytes: Uint8Array, start: number, end: number): Sender | undefined;
}

export class RetentionScan<Sender extends CountedSender> {
  readonly #log: EventLog;
  readonly #senders: SenderCount<Sender>;
  readonly #judge: (sender: Sender, seq: number, record: RecordView) => void;
  /** Messages counted and not judged, from index `#first` on: their senders and their sequence numbers. */
  #queued: (Sender | undefined)[] = [];
  #seqs: number[] = [];
  #first = 0;
  /** Senders with counted bytes in the log. */
  #active = 0;
  /** Records below this number have been counted. */
  #counted = 0;
  /** Bytes that can be appended before the next step is due. */
  #left = Infinity;

  /**
   * `judge` is called with each message before it is overwritten: its sender, of which the bytes no longer include
   * it, its sequence number, and the record.
   */
  constructor(
    log: EventLog,
    senders: SenderCount<Sender>,
    judge: (sender: Sender, seq: number, record: RecordView) => void,
  ) {
    this.#log = log;
    this.#senders = senders;
    this.#judge = judge;
  }

  /** Senders with messages in the log that have been counted and not judged. */
  get activeSenders(): number {
    return this.#active;
  }

  /** Counts everything in the log; from then on {@link prepare} is called before each append. */
  start(): void {
    if (this.#log.capacityBytes === Infinity) return;
    this.#counted = this.#log.oldestSeq;
    this.#work(0);
  }

  /** Called before a record with a payload of `length` bytes is appended. */
  prepare(length: number): void {
    const bytes = this.#log.storedBytes(length);
    // A record that does not fit the end of a ring overwrites that end, too.
    if (2 * bytes > this.#left) this.#work(2 * bytes);
    this.#left -= bytes;
  }

  #work(bytes: number): void {
    const log = this.#log;
    const { capacityBytes } = log;
    const step = Math.min(MAX_STEP_BYTES, capacityBytes * STEP_SHARE);
    const margin = Math.max(capacityBytes * MARGIN_SHARE, bytes);
    this.#countAll();
    while (this.#first < this.#queued.length) {
      if (log.bytesUntilOverwritten(this.#seqs[this.#first]!) >= margin + step) break;
      this.#judgeNext();
    }
    if (this.#first > this.#queued.length / 2) {
      this.#queued = this.#queued.slice(this.#first);
      this.#seqs = this.#seqs.slice(this.#first);
      this.#first = 0;
    }
    this.#left = step;
  }

  #countAll(): void {
    const log = this.#log;
    const { nextSeq } = log;
    this.#senders.renew();
    for (let seq = this.#counted; seq < nextSeq;) {
      const record = log.peek(seq);
      if (record === undefined) {
        seq = log.firstSeqFrom(seq + 1);
        continue;
      }
      const sender = this.#senders.senderIn(record.bytes, record.start, record.end);
      if (sender !== undefined) {
        if (sender.ringBytes === 0) this.#active++;
        sender.ringBytes += log.storedBytes(record.end - record.start);
        this.#queued.push(sender);
        this.#seqs.push(seq);
      }
      seq++;
    }
    this.#counted = nextSeq;
  }

  #judgeNext(): void {
    const sender = this.#queued[this.#first]!;
    const seq = this.#seqs[this.#first]!;
    this.#queued[this.#first++] = undefined;
    const record = this.#log.peek(seq);
    assert(record !== undefined, "a message is judged before it is overwritten");
    sender.ringBytes -= this.#log.storedBytes(record.end - record.start);
    assert(sender.ringBytes >= 0, "a message is counted once before it is judged");
    if (sender.ringBytes === 0) this.#active--;
    this.#judge(sender, seq, record);
  }
}
