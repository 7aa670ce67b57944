/**
 * Encodes the tags of history lines as bytes: {@link renderServerTags} for records, without a string for each. The
 * parts common to all lines of a reply are encoded once.
 */
import { FORM } from "../../irc/capabilities.ts";
import type { Form } from "../../irc/capabilities.ts";
import { SEQ_TAG } from "../../irc/vendor_extensions.ts";
import { formatTimestamp } from "./render.ts";

/**
 * Length of the part of {@link formatTimestamp} that is the same for a whole second, up to and including the
 * decimal point.
 */
const SECOND_LENGTH = 20;
/** The value of {@link TagEncoder.write} for a record without an account. */
export const NO_TAG = new Uint8Array();
const SEMICOLON = 0x3b;
const AT = 0x40;
const ZERO = 0x30;
const Z = 0x5a;
const SPACE = 0x20;

const encoder = new TextEncoder();

export class TagEncoder {
  /** The bytes before the time; without the time tag, the bytes before the next tag. */
  readonly #head: Uint8Array;
  /** The bytes before and after the sequence number of the msgid. */
  readonly #msgid: Uint8Array | undefined;
  readonly #logId: Uint8Array;
  readonly #seq: Uint8Array | undefined;
  readonly #timed: boolean;
  #second = -1;
  readonly #secondBytes = new Uint8Array(SECOND_LENGTH);

  /** `lead`: a tag before the others, or "". */
  constructor(form: Form, logId: string, lead: string) {
    let between = lead === "" ? "@" : `@${lead};`;
    const part = (wanted: number, tag: string): string => {
      if (wanted === 0) return "";
      const text = `${between}${tag}=`;
      between = ";";
      return text;
    };
    const [head, msgid, seq] = [
      part(form & FORM.serverTime, "time"),
      part(form & FORM.messageTags, "msgid"),
      part(form & FORM.seq, SEQ_TAG),
    ];
    this.#timed = head !== "";
    this.#head = encoder.encode(head + msgid + seq === "" && lead !== "" ? `@${lead}` : head);
    this.#msgid = msgid === "" ? undefined : encoder.encode(msgid);
    this.#logId = encoder.encode(`-${logId}`);
    this.#seq = seq === "" ? undefined : encoder.encode(seq);
  }

  /**
   * Writes the tags of the record `seq` of `time`, and a space, to `bytes` at `at`; nothing if there are no tags.
   * `account`: the tag with the account of its sender, or {@link NO_TAG}. Returns the end position.
   */
  write(seq: number, time: number, account: Uint8Array, bytes: Uint8Array, at: number): number {
    const start = at;
    at = appendBytes(this.#head, bytes, at);
    if (this.#timed) at = this.#time(time, bytes, at);
    if (this.#msgid !== undefined) {
      at = appendBytes(this.#msgid, bytes, at);
      at = appendAscii(seq.toString(36), bytes, at);
      at = appendBytes(this.#logId, bytes, at);
    }
    if (this.#seq !== undefined) at = appendAscii(String(seq), bytes, appendBytes(this.#seq, bytes, at));
    if (account.length > 0) {
      bytes[at] = at === start ? AT : SEMICOLON;
      at = appendBytes(account, bytes, at + 1);
    }
    if (at > start) bytes[at++] = SPACE;
    return at;
  }

  #time(time: number, bytes: Uint8Array, at: number): number {
    const second = Math.floor(time / 1000);
    if (second !== this.#second) {
      this.#second = second;
      appendAscii(formatTimestamp(time).slice(0, SECOND_LENGTH), this.#secondBytes, 0);
    }
    at = appendBytes(this.#secondBytes, bytes, at);
    const ms = time - second * 1000;
    bytes[at++] = ZERO + ms / 100;
    bytes[at++] = ZERO + ms / 10 % 10;
    bytes[at++] = ZERO + ms % 10;
    bytes[at++] = Z;
    return at;
  }
}

function appendBytes(from: Uint8Array, to: Uint8Array, at: number): number {
  for (let i = 0; i < from.length; i++) to[at++] = from[i]!;
  return at;
}

function appendAscii(text: string, to: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) to[at++] = text.charCodeAt(i);
  return at;
}
