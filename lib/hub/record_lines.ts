/**
 * Messages (and, where asked for, other events) of the log as the lines of an answer, from record to wire without a string for each: history is read a hundred
 * messages at a time, and what is decoded, cut up, joined and encoded again costs two to three times as much as what is copied.
 * What comes out is what {@link render} makes of the decoded events.
 */
import { assert } from "../base/assert.ts";
import type { Ring } from "../log/ring.ts";
import { decodeEvent, EVENT_MAX_BYTES } from "./event_codec.ts";
import { withTag } from "./reply.ts";
import { render, serverTags } from "./view.ts";
import type { Form } from "./view.ts";

/** The most that a line has beyond its record's payload: server tags, verb, punctuation. */
const LINE_OVERHEAD_BYTES = 256;

const SPACE = 0x20;
const COLON = 0x3a;
const AT = 0x40;
const CR = 0x0d;
const LF = 0x0a;
const P = 0x50;
const N = 0x4e;
/** What makes a small letter of a capital: the record has an id of the sender's own for its last field. */
const SMALL = 0x20;

const encoder = new TextEncoder();
const PRIVMSG = encoder.encode(" PRIVMSG ");
const NOTICE = encoder.encode(" NOTICE ");
const payload = new Uint8Array(EVENT_MAX_BYTES);

/** An upper bound of what {@link RecordLines.add} appends for a record with a payload of `length` bytes. */
export function lineBytesBound(length: number): number {
  return length + LINE_OVERHEAD_BYTES;
}

export class RecordLines {
  readonly #ring: Ring;
  readonly #form: Form;
  readonly #logId: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `bytes`: an upper bound of all that will be added. */
  constructor(ring: Ring, form: Form, logId: string, bytes: number) {
    this.#ring = ring;
    this.#form = form;
    this.#logId = logId;
    this.#bytes = new Uint8Array(bytes);
  }

  /** Appends a line as it is, with CRLF. */
  line(text: string): void {
    this.#text(text + "\r\n");
  }

  /** Appends the event at `seq`, with `lead` before its other tags; nothing when the ring has lost it meanwhile. */
  add(seq: number, lead: string): void {
    const record = this.#ring.read(seq, payload);
    if (record.kind !== "ok") return;
    const { payload: fields, time } = record;
    const letter = fields[0]! & ~SMALL;
    const verb = letter === P ? PRIVMSG : letter === N ? NOTICE : undefined;
    // Client-only tags, the field behind the text, are rare.
    const end = letter === fields[0] ? fields.length : fields.lastIndexOf(0);
    if (verb === undefined || fields[end - 1] !== 0) {
      return this.#addDecoded(fields, { seq, time }, lead);
    }
    const bytes = this.#bytes;
    let at = this.#length;
    const tags = joined(lead, serverTags({ seq, time }, this.#form, this.#logId)); // ASCII
    if (tags !== "") {
      bytes[at++] = AT;
      for (let i = 0; i < tags.length; i++) bytes[at++] = tags.charCodeAt(i);
      bytes[at++] = SPACE;
    }
    bytes[at++] = COLON;
    let from = 2; // behind the verb and its NUL
    for (let byte; (byte = fields[from++]!) !== 0;) bytes[at++] = byte; // source
    for (let i = 0; i < verb.length; i++) bytes[at++] = verb[i]!;
    for (let byte; (byte = fields[from++]!) !== 0;) bytes[at++] = byte; // target
    while (fields[from++] !== 0); // from
    while (fields[from++] !== 0); // to
    bytes[at++] = SPACE;
    bytes[at++] = COLON;
    for (let byte; (byte = fields[from++]!) !== 0;) bytes[at++] = byte; // text
    bytes[at++] = CR;
    bytes[at++] = LF;
    this.#length = at;
  }

  /** All that was added. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #addDecoded(fields: Uint8Array, place: { seq: number; time: number }, lead: string): void {
    const event = decodeEvent(fields);
    if (event === undefined || event.kind === "boot") return;
    const line = render(event, place, this.#form, this.#logId);
    this.line(lead === "" ? line : withTag(line, lead));
  }

  #text(text: string): void {
    const { read, written } = encoder.encodeInto(text, this.#bytes.subarray(this.#length));
    assert(read === text.length, "an answer is larger than its bound");
    this.#length += written;
  }
}

function joined(a: string, b: string): string {
  return a === "" || b === "" ? a + b : `${a};${b}`;
}
