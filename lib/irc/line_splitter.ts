/**
 * Splits received bytes into lines. LF, CR LF and a bare CR each end a line. Empty lines are dropped (modern,
 * "Message Format": "If you encounter an empty message, silently ignore it"), so CR LF counts as one line end
 * wherever chunks are cut.
 *
 * The result does not depend on how the stream is cut into chunks. Memory is bounded: an unfinished line is kept only
 * up to the limits.
 */
import { encodeUtf8, utf8Length } from "../base/bytes.ts";
import { isUtf8 } from "../base/utf8_validator.ts";
import { toPrintable } from "../base/printable_text.ts";
import { CRLF_BYTES } from "./limits.ts";

/** A rejected line, and the reason. */
export interface LineFault {
  readonly fault: "too_long" | "not_utf8" | "nul";
  /** The first characters after the tags, made printable, at most {@link HEAD_CHARS}: enough to name the command. */
  readonly head: string;
  /** The readable tags in wire form without `@`; absent if there are none. They may name a label or a batch. */
  readonly tags?: string;
}

/** Longest line, in bytes. */
export interface LineLimits {
  /** The tags with `@` and the space that ends them. 0: no tags are allowed. */
  readonly tagsBytes: number;
  /** The rest with its CR LF, which counts as two bytes even if only one of them or neither was received. */
  readonly restBytes: number;
}

/** Longest line, and the treatment of a line with a fault. */
export interface LineSplitterOptions extends LineLimits {
  /**
   * Turns a line with a fault into text; if absent, the line becomes a {@link LineFault}. For a line that is too
   * long, `bytes` holds at least its beginning: one byte more than the limits allow.
   */
  readonly repairLine?:
    | ((fault: LineFault["fault"], bytes: Uint8Array, limits: LineLimits) => string)
    | undefined;
}

export const HEAD_CHARS = 64;

/** Initial size of the buffer for an unfinished line; a larger one is released when the line is complete. */
const IDLE_HELD_BYTES = 512;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const AT = 0x40;

/** Decoders put this in the place of bytes that are not UTF-8. */
const REPLACEMENT_CHARACTER = "\uFFFD";

const NO_BYTES = new Uint8Array(0);

// A byte order mark is kept as text: otherwise the decoder would remove one at the start of every chunk.
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class LineSplitter {
  readonly #limits: LineSplitterOptions;
  #held: Uint8Array = NO_BYTES;
  #heldLength = 0;
  /** The current line was reported as too long: its bytes are dropped up to its end. */
  #skipping = false;

  constructor(limits: LineSplitterOptions) {
    this.#limits = limits;
  }

  /**
   * Bytes held of an unfinished line; 0 if there is none. While a line that is too long is being dropped, the limit
   * that it exceeded.
   */
  get pendingBytes(): number {
    return this.#skipping ? this.#limits.tagsBytes + this.#limits.restBytes : this.#heldLength;
  }

  /**
   * Appends the lines that `chunk` completes to `out`. The chunk may be reused afterwards.
   *
   * The lines of a chunk are decoded at once and cut from one string. Engines let a substring share the memory of the
   * whole, so a caller that keeps a few words of a line keeps the text of the chunk as well.
   */
  push(chunk: Uint8Array, out: (string | LineFault)[]): void {
    const end = lastTerminator(chunk) + 1; // end of the last complete line
    let start = 0;
    if (end > 0 && (this.#skipping || this.#heldLength > 0)) {
      const first = firstTerminator(chunk);
      this.#finishHeld(chunk.subarray(0, first), out);
      start = first + 1;
    }
    const whole = start === 0 && end === chunk.length; // the common case; a view costs time
    if (start < end) splitDecodedLines(whole ? chunk : chunk.subarray(start, end), this.#limits, out);
    if (end < chunk.length) this.#hold(chunk.subarray(end), out);
  }

  #finishHeld(rest: Uint8Array, out: (string | LineFault)[]): void {
    this.#hold(rest, out);
    if (!this.#skipping) pushLine(this.#held.subarray(0, this.#heldLength), this.#limits, out);
    this.#skipping = false;
    this.#heldLength = 0;
    if (this.#held.length > IDLE_HELD_BYTES) this.#held = NO_BYTES;
  }

  /** Stores `bytes`, which end no line; drops them if they belong to a line that is too long. */
  #hold(bytes: Uint8Array, out: (string | LineFault)[]): void {
    if (this.#skipping) return;
    const first = this.#heldLength > 0 ? this.#held[0] : bytes[0];
    const limit = lineLimit(first, this.#limits);
    const length = this.#heldLength + bytes.length;
    // One byte over the limit is enough to detect the fault; nothing beyond it is stored.
    this.#append(bytes.subarray(0, limit + 1 - this.#heldLength));
    if (length <= limit) return;
    out.push(repairOrFault("too_long", this.#held.subarray(0, this.#heldLength), this.#limits));
    this.#skipping = true;
    this.#heldLength = 0;
    this.#held = NO_BYTES;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#heldLength + bytes.length;
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(length, this.#held.length * 2, IDLE_HELD_BYTES));
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(bytes, this.#heldLength);
    this.#heldLength = length;
  }
}

/** Largest number of bytes, line end excluded, of a line that starts with `first`. */
function lineLimit(first: number | undefined, limits: LineLimits): number {
  return limits.restBytes - CRLF_BYTES + (first === AT ? limits.tagsBytes : 0);
}

function firstTerminator(bytes: Uint8Array): number {
  let i = 0;
  while (bytes[i] !== LF && bytes[i] !== CR) i++;
  return i;
}

/** Index of the last LF or CR, or -1. */
function lastTerminator(bytes: Uint8Array): number {
  let i = bytes.length - 1;
  while (i >= 0 && bytes[i] !== LF && bytes[i] !== CR) i--;
  return i;
}

/** Splits `bytes`, which end with a line end. */
function splitDecodedLines(
  bytes: Uint8Array,
  limits: LineSplitterOptions,
  out: (string | LineFault)[],
): void {
  const text = lenientDecoder.decode(bytes);
  if (!isClean(text, bytes)) return splitFaultyLines(text, bytes, limits, out);
  // A line of at most `safeUnits` UTF-16 units is within the limits however it divides into tags and rest: in ASCII a
  // unit is one byte, otherwise at most three.
  const safe = Math.min(limits.tagsBytes, limits.restBytes - CRLF_BYTES);
  const safeUnits = text.length === bytes.length ? safe : safe / 3;
  let cr = text.indexOf("\r");
  let lf = text.indexOf("\n");
  let start = 0;
  while (start < text.length) {
    // -1 as an unsigned number is larger than every index: `end` is the nearer of those that are left.
    const end = (cr >>> 0) < (lf >>> 0) ? cr : lf;
    if (end > start) {
      const line = text.slice(start, end);
      if (line.length <= safeUnits || fitsLimits(line, limits)) out.push(line);
      else out.push(repairOrFault("too_long", encodeUtf8(line), limits));
    }
    start = end + 1;
    if (end === cr) cr = text.indexOf("\r", start);
    else lf = text.indexOf("\n", start);
  }
}

/** Whether `text`, decoded from `bytes`, has no fault. A replacement character may have been sent as such. */
function isClean(text: string, bytes: Uint8Array): boolean {
  return !text.includes("\0") && (!text.includes(REPLACEMENT_CHARACTER) || isUtf8(bytes));
}

/**
 * Splits `bytes`, in which at least one line has a fault: each line is checked separately. `text` is the decoded form
 * of `bytes`; it has the same line ends, so lines are cut from it and not decoded again.
 */
function splitFaultyLines(
  text: string,
  bytes: Uint8Array,
  limits: LineSplitterOptions,
  out: (string | LineFault)[],
): void {
  let start = 0;
  let textStart = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== LF && bytes[i] !== CR) continue;
    const textEnd = textStart + lineLength(text, textStart);
    if (i > start) pushLine(bytes.subarray(start, i), limits, out, text.slice(textStart, textEnd));
    start = i + 1;
    textStart = textEnd + 1;
  }
}

/** Number of characters before the end of the line that starts at `start`. */
function lineLength(text: string, start: number): number {
  let i = start;
  for (let unit; (unit = text.charCodeAt(i)) !== LF && unit !== CR;) i++;
  return i - start;
}

/**
 * Checks one line by its bytes, for excessive length, NUL and UTF-8, in this order: the first is known before the
 * line ends.
 */
function pushLine(
  line: Uint8Array,
  limits: LineSplitterOptions,
  out: (string | LineFault)[],
  text = lenientDecoder.decode(line),
): void {
  if (line.length === 0) return;
  if (isTooLong(line, limits)) out.push(repairOrFault("too_long", line, limits));
  else if (text.includes("\0")) {
    out.push(limits.repairLine?.("nul", line, limits) ?? faultFromText("nul", text));
  } else if (isClean(text, line)) out.push(text);
  else out.push(limits.repairLine?.("not_utf8", line, limits) ?? faultFromText("not_utf8", text));
}

function repairOrFault(
  fault: LineFault["fault"],
  line: Uint8Array,
  limits: LineSplitterOptions,
): string | LineFault {
  return limits.repairLine?.(fault, line, limits) ?? faultFromBytes(fault, line, limits);
}

function isTooLong(line: Uint8Array, limits: LineLimits): boolean {
  const tags = tagsLength(line);
  return tags > limits.tagsBytes || line.length - tags > limits.restBytes - CRLF_BYTES;
}

/** The opposite of {@link isTooLong}, for decoded text. */
function fitsLimits(line: string, limits: LineLimits): boolean {
  let tags = 0;
  if (line.charCodeAt(0) === AT) {
    const space = line.indexOf(" ");
    tags = space < 0 ? line.length : space + 1;
  }
  return utf8Length(line.slice(0, tags)) <= limits.tagsBytes &&
    utf8Length(line.slice(tags)) <= limits.restBytes - CRLF_BYTES;
}

/** Bytes of the tags with `@` and space; the whole line if nothing follows the tags. */
function tagsLength(line: Uint8Array): number {
  if (line[0] !== AT) return 0;
  const space = line.indexOf(SPACE);
  return space < 0 ? line.length : space + 1;
}

/** Reads no more of the line than its limit, so the result does not depend on how much of it has been received. */
function faultFromBytes(fault: LineFault["fault"], line: Uint8Array, limits: LineLimits): LineFault {
  const seen = line.subarray(0, lineLimit(line[0], limits));
  const tags = tagsLength(seen);
  const from = tags < seen.length ? tags : 0;
  const head = lenientDecoder.decode(seen.subarray(from, from + HEAD_CHARS * 4));
  if (tags === 0) return makeLineFault(fault, head, "");
  const text = lenientDecoder.decode(seen.subarray(1, tags));
  // Tags that do not end within the limit may have a truncated last one, which is dropped.
  return makeLineFault(fault, head, text.slice(0, from > 0 ? -1 : Math.max(0, text.lastIndexOf(";"))));
}

function faultFromText(fault: LineFault["fault"], text: string): LineFault {
  const from = indexAfterTags(text);
  return makeLineFault(fault, text.slice(from, from + HEAD_CHARS * 4), text.slice(1, Math.max(1, from - 1)));
}

/** `rest`: the text after the tags, or its beginning. */
function makeLineFault(fault: LineFault["fault"], rest: string, tags: string): LineFault {
  const all = toPrintable(rest);
  const head = all.length <= HEAD_CHARS ? all : Array.from(all).slice(0, HEAD_CHARS).join("");
  const readable = /[\0\uFFFD]/.test(tags) ? tags.split(";").filter(isReadable).join(";") : tags;
  return readable === "" ? { fault, head } : { fault, head, tags: readable };
}

function isReadable(tag: string): boolean {
  return !tag.includes("\0") && !tag.includes(REPLACEMENT_CHARACTER);
}

function indexAfterTags(text: string): number {
  if (text.charCodeAt(0) !== AT) return 0;
  const after = text.indexOf(" ") + 1;
  return after < text.length ? after : 0;
}
