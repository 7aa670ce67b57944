/** Numbers, texts and bytes in the frames of the relay. Numbers are big-endian. Pure. */
import { encodeUtf8 } from "../base/bytes.ts";

/** A peer has sent what the protocol does not allow: the relay is closed, with this reason. */
export class RelayFault extends Error {
  override readonly name = "RelayFault";
}

/** Longest host, endpoint, reason or version, in bytes. */
export const MAX_RELAY_TEXT_BYTES = 4096;

const START_BYTES = 256;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Writes the content of one frame. */
export class WireWriter {
  #bytes = new Uint8Array(START_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The written bytes. The writer is not used afterwards. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
    return this;
  }

  /** A whole number that may be larger than 32 bits. */
  count(value: number): this {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
    return this;
  }

  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** A text with its length; what is longer than {@link MAX_RELAY_TEXT_BYTES} loses its end. */
  text(value: string): this {
    const bytes = cutUtf8(encodeUtf8(value));
    return this.u16(bytes.length).bytes(bytes);
  }

  /** A text of any length. */
  longText(value: string): this {
    const bytes = encodeUtf8(value);
    return this.u32(bytes.length).bytes(bytes);
  }

  /** Bytes without their length. */
  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** Makes room for `count` bytes; returns their place. Called before the view is used, which it may replace. */
  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

/** The longest start of `bytes` within the bound that ends with a whole character. */
function cutUtf8(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_RELAY_TEXT_BYTES) return bytes;
  let end = MAX_RELAY_TEXT_BYTES;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** Reads the content of one frame; each method throws a {@link RelayFault} if that is not there. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  count(): number {
    const value = this.#view.getFloat64(this.#take(8));
    if (!Number.isSafeInteger(value) || value < 0) throw new RelayFault("a count is no whole number");
    return value;
  }

  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw new RelayFault(`a flag is ${value}`);
    return value === 1;
  }

  /** One of `kinds`, by its place. */
  oneOf<const T>(kinds: readonly T[]): T {
    const value = this.u8();
    if (value >= kinds.length) throw new RelayFault(`${value} is none of ${kinds.length} kinds`);
    return kinds[value]!;
  }

  text(): string {
    const length = this.u16();
    if (length > MAX_RELAY_TEXT_BYTES) throw new RelayFault("a text is too long");
    return decodeText(this.bytes(length));
  }

  /** A text that may be as long as its frame. */
  longText(): string {
    return decodeText(this.bytes(this.u32()));
  }

  /** The next `count` bytes: a view. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** The bytes that are left, as text. */
  restText(): string {
    return decodeText(this.bytes(this.left));
  }

  /** Call when all has been read. */
  end(): void {
    if (this.left > 0) throw new RelayFault(`a frame has ${this.left} bytes too many`);
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.left) throw new RelayFault("a frame ends too early");
    this.#at += count;
    return at;
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new RelayFault("a text is not UTF-8");
  }
}
