/**
 * Looks at each message in the ring twice, in the log's order: soon after it was appended, to count it for its sender, and a
 * margin before it is overwritten, to judge whether it is kept (retained_messages.ts). Both are done a step of the log at a time,
 * so that an append costs one comparison.
 */
import { assert } from "../../base/assert.ts";
import { RECORD_HEADER_BYTES, recordBytes } from "../../log/record.ts";
import type { Ring } from "../../log/ring.ts";

/** Of the ring's capacity: so long before it is overwritten a record is judged, for what comes of that to reach the disk. */
const MARGIN_SHARE = 1 / 16;
/** So much of the log is looked at in one go: 2,000 messages or so. */
const MAX_STEP_BYTES = 256 * 1024;
const STEP_SHARE = 1 / 128;

export interface CountedSender {
  /** Bytes of its messages in the ring that have been counted and not judged. */
  ringBytes: number;
}

export interface SenderCount<Sender> {
  /** A number of calls of {@link senderIn} follow, without anything between them. */
  renew(): void;
  /** The sender of the message in `bytes` from `start` to `end`; undefined: there is no message. */
  senderIn(bytes: Uint8Array, start: number, end: number): Sender | undefined;
}

export class RingScan<Sender extends CountedSender> {
  readonly #ring: Ring;
  readonly #senders: SenderCount<Sender>;
  readonly #judge: (sender: Sender, seq: number, offset: number) => void;
  /** The messages that were counted and not judged, from index `#first` on: their senders, and where in the ring they lie. */
  #queued: (Sender | undefined)[] = [];
  #offsets: number[] = [];
  #first = 0;
  /** Senders with counted bytes in the ring. */
  #active = 0;
  /** Records below this number have been counted. */
  #counted = 0;
  /** When the ring's position is beyond this there is something to do. */
  #due = Infinity;

  /**
   * `judge` is called with each message before it is overwritten: its sender, whose bytes are without it, its sequence number,
   * and where in the ring it lies.
   */
  constructor(
    ring: Ring,
    senders: SenderCount<Sender>,
    judge: (sender: Sender, seq: number, offset: number) => void,
  ) {
    this.#ring = ring;
    this.#senders = senders;
    this.#judge = judge;
  }

  /** Senders with messages in the ring that have been counted and not judged. */
  get activeSenders(): number {
    return this.#active;
  }

  /** Counts all that the ring holds; from here on {@link prepare} is called before each append. */
  start(): void {
    this.#counted = this.#ring.oldestSeq;
    this.#work(0);
  }

  /** A record with a payload of `length` bytes is about to be appended. */
  prepare(length: number): void {
    // A record that does not fit the end of the ring overwrites that, too.
    const bytes = 2 * recordBytes(length);
    if (this.#ring.position + bytes > this.#due) this.#work(bytes);
  }

  #work(bytes: number): void {
    const { capacity, position } = this.#ring;
    const step = Math.min(MAX_STEP_BYTES, capacity * STEP_SHARE);
    const margin = Math.max(capacity * MARGIN_SHARE, bytes);
    this.#countAll();
    while (this.#first < this.#queued.length) {
      // So many bytes can be appended before it is overwritten.
      const distance = (this.#offsets[this.#first]! - position % capacity + capacity) % capacity;
      if (distance >= margin + step) break;
      this.#judgeNext();
    }
    if (this.#first > this.#queued.length / 2) {
      this.#queued = this.#queued.slice(this.#first);
      this.#offsets = this.#offsets.slice(this.#first);
      this.#first = 0;
    }
    this.#due = position + step;
  }

  #countAll(): void {
    const ring = this.#ring;
    const { nextSeq, area } = ring;
    this.#senders.renew();
    for (let seq = this.#counted; seq < nextSeq;) {
      const offset = ring.locate(seq);
      if (offset < 0) {
        seq = ring.firstSeqFrom(seq + 1);
        continue;
      }
      const start = offset + RECORD_HEADER_BYTES;
      const length = area.claimedLength(offset);
      const sender = this.#senders.senderIn(area.bytes, start, start + length);
      if (sender !== undefined) {
        if (sender.ringBytes === 0) this.#active++;
        sender.ringBytes += recordBytes(length);
        this.#queued.push(sender);
        this.#offsets.push(offset);
      }
      seq++;
    }
    this.#counted = nextSeq;
  }

  #judgeNext(): void {
    const { area } = this.#ring;
    const sender = this.#queued[this.#first]!;
    const offset = this.#offsets[this.#first]!;
    this.#queued[this.#first++] = undefined;
    const seq = area.seqAt(offset);
    assert(seq >= this.#ring.oldestSeq, "a message is judged before it is overwritten");
    sender.ringBytes -= recordBytes(area.claimedLength(offset));
    assert(sender.ringBytes >= 0, "a message is counted once before it is judged");
    if (sender.ringBytes === 0) this.#active--;
    this.#judge(sender, seq, offset);
  }
}
