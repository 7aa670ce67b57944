/** Checks every line that one receiver gets: missing messages, repeated ones, and their order. */
import { joinBytes } from "./joined_bytes.ts";
import { isAt } from "./message_stamp.ts";
import type { Stamp, Stamper } from "./message_stamp.ts";

const LEAD = /^(?:@(\S+) )?:([^!\s]+)!\S+ PRIVMSG (\S+) :$/;
const CR = 0x0d, LF = 0x0a;
const NOTHING = new Uint8Array();
/** Numbers of one sender that may be missing at a time; each of them is kept. */
const MAX_SKIPPED = 1_000_000;
const decoder = new TextDecoder("latin1");

/** What a {@link DeliveryChecker} expects of every message. */
export interface ExpectedMessage {
  readonly channel: string;
  /** Number of senders, and the nick of sender `index`. */
  readonly senders: number;
  readonly nick: (index: number) => string;
  /** Every line must have tags. */
  readonly tagged: boolean;
  readonly stamper: Stamper;
}

export class DeliveryChecker {
  /** Messages so far. */
  count = 0;
  /** Messages with a lower number than one that came before, and not repeated. */
  outOfOrder = 0;
  twice = 0;
  /** Messages that are not as they were sent. */
  malformed = 0;
  /** By sender: the number that should come next, and the numbers that have been passed over. */
  readonly #next: number[] = [];
  readonly #missing: Set<number>[] = [];
  /** By sender: the bytes before its last correct text. Without tags they never change. */
  readonly #leads: Uint8Array[] = [];
  /** The start of a line that has come in part. */
  #rest: Uint8Array = NOTHING;

  constructor(
    readonly expected: ExpectedMessage,
    readonly onMessage: (stamp: Stamp, nowMs: number) => void,
    readonly onOther: (line: string) => void,
  ) {}

  /** The number of messages that never came, of those `sent` (by sender). */
  lost(sent: readonly number[]): number {
    return sent.reduce((sum, count, sender) => sum + this.#lostOf(sender, count), 0);
  }

  /** A number from `count` on was not sent: it stands for none of those that were. */
  #lostOf(sender: number, count: number): number {
    const next = this.#next[sender] ?? 0;
    const missing = this.#missing[sender] ?? new Set();
    if (next <= count) return count - next + missing.size;
    return [...missing].filter((number) => number < count).length;
  }

  take(buffer: Uint8Array, length: number): void {
    const nowMs = performance.now();
    const bytes = joinBytes(this.#rest, buffer.subarray(0, length));
    let start = 0;
    for (let end; (end = bytes.indexOf(LF, start)) >= 0; start = end + 1) {
      this.#line(bytes, start, end, nowMs);
    }
    this.#rest = start === bytes.length ? NOTHING : bytes.slice(start);
  }

  /** The line from `start` to its LF at `end`. */
  #line(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    const { stamper } = this.expected;
    const textAt = end - 1 - stamper.textBytes;
    const stamp = bytes[end - 1] === CR && textAt > start ? stamper.read(bytes, textAt) : undefined;
    if (stamp === undefined) {
      const line = decoder.decode(bytes.subarray(start, end)).trimEnd();
      if (!line.includes(" PRIVMSG ")) return this.onOther(line);
    }
    this.count++;
    if (stamp === undefined || !this.#isLead(stamp.sender, bytes, start, textAt)) {
      this.malformed++;
      return;
    }
    this.#place(stamp);
    this.onMessage(stamp, nowMs);
  }

  /** Whether the bytes from `start` to `end` may stand before a text of `sender`. */
  #isLead(sender: number, bytes: Uint8Array, start: number, end: number): boolean {
    const before = this.#leads[sender];
    if (before?.length === end - start && isAt(bytes, start, before)) return true;
    const lead = bytes.slice(start, end);
    const match = LEAD.exec(decoder.decode(lead));
    if (match === null) return false;
    const [, tags, nick, channel] = match;
    const { expected } = this;
    if (sender >= expected.senders || nick !== expected.nick(sender) || channel !== expected.channel) {
      return false;
    }
    if (expected.tagged && tags === undefined) return false;
    this.#leads[sender] = lead;
    return true;
  }

  #place({ sender, number }: Stamp): void {
    const next = this.#next[sender] ?? 0;
    const missing = this.#missing[sender] ??= new Set();
    if (missing.size + number - next > MAX_SKIPPED) {
      this.malformed++; // no generator sends so far ahead
      return;
    }
    if (number >= next) {
      for (let passed = next; passed < number; passed++) missing.add(passed);
      this.#next[sender] = number + 1;
    } else if (missing.delete(number)) this.outOfOrder++;
    else this.twice++;
  }
}
