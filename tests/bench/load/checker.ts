/** Reads every line that one receiver gets, and judges it: is one missing, is one there twice, is the order kept? */
import { joined } from "./bytes.ts";
import { isAt, readStamp, type Stamp, TEXT_BYTES } from "./stamp.ts";

const LEAD = /^(?:@(\S+) )?:([^!\s]+)!\S+ PRIVMSG (\S+) :$/;
const CR = 0x0d, LF = 0x0a;
const NOTHING = new Uint8Array();
const decoder = new TextDecoder("latin1");

/** What a {@link Checker} expects of every message. */
export interface Expected {
  readonly channel: string;
  /** The name of sender `index`. */
  readonly nick: (index: number) => string;
  /** Every line must bear tags. */
  readonly tagged: boolean;
}

export class Checker {
  /** Messages so far. */
  count = 0;
  /** Messages with a lower number than one that came before, and not {@link twice}. */
  outOfOrder = 0;
  twice = 0;
  /** Messages that are not as they were sent. */
  malformed = 0;
  /** By sender: the number that should come next, and those that have been passed over. */
  readonly #next: number[] = [];
  readonly #missing: Set<number>[] = [];
  /** By sender: what stood before its last text, and was right. Without tags it never changes. */
  readonly #leads: Uint8Array[] = [];
  /** The start of a line whose end has not come. */
  #rest: Uint8Array = NOTHING;

  constructor(
    readonly expected: Expected,
    readonly onMessage: (stamp: Stamp, nowMs: number) => void,
    readonly onOther: (line: string) => void,
  ) {}

  /** Of `sent` (by sender) messages, those that never came. */
  lost(sent: readonly number[]): number {
    return sent.reduce(
      (sum, count, sender) => sum + count - (this.#next[sender] ?? 0) + (this.#missing[sender]?.size ?? 0),
      0,
    );
  }

  take(buffer: Uint8Array, length: number): void {
    const nowMs = performance.now();
    const bytes = joined(this.#rest, buffer.subarray(0, length));
    let start = 0;
    for (let end; (end = bytes.indexOf(LF, start)) >= 0; start = end + 1) {
      this.#line(bytes, start, end, nowMs);
    }
    this.#rest = start === bytes.length ? NOTHING : bytes.slice(start);
  }

  /** The line from `start` to its LF at `end`. */
  #line(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    const textAt = end - 1 - TEXT_BYTES;
    const stamp = bytes[end - 1] === CR && textAt > start ? readStamp(bytes, textAt) : undefined;
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

  /** Whether what stands from `start` to `end` may stand before a text of `sender`. */
  #isLead(sender: number, bytes: Uint8Array, start: number, end: number): boolean {
    const before = this.#leads[sender];
    if (before?.length === end - start && isAt(bytes, start, before)) return true;
    const lead = bytes.slice(start, end);
    const match = LEAD.exec(decoder.decode(lead));
    if (match === null) return false;
    const [, tags, nick, channel] = match;
    const { expected } = this;
    if (nick !== expected.nick(sender) || channel !== expected.channel) return false;
    if (expected.tagged && tags === undefined) return false;
    this.#leads[sender] = lead;
    return true;
  }

  #place({ sender, number }: Stamp): void {
    const next = this.#next[sender] ?? 0;
    const missing = this.#missing[sender] ??= new Set();
    if (number >= next) {
      for (let passed = next; passed < number; passed++) missing.add(passed);
      this.#next[sender] = number + 1;
    } else if (missing.delete(number)) this.outOfOrder++;
    else this.twice++;
  }
}
