/** Records in a stream of bytes: each after its length, a 32-bit number (little-endian). */
import type { OnRecord } from "./transport.ts";

const LENGTH_BYTES = 4;

/** The bytes of a batch, gathered for one write. */
export class FrameBuffer {
  #bytes = new Uint8Array(128 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The frames added since {@link clear}; valid until the next call. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  add(record: Uint8Array): void {
    const end = this.#length + LENGTH_BYTES + record.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#view.setUint32(this.#length, record.length, true);
    this.#bytes.set(record, this.#length + LENGTH_BYTES);
    this.#length = end;
  }

  #grow(bytes: number): void {
    const larger = new Uint8Array(2 * bytes);
    larger.set(this.bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Cuts what is read into records. */
export class FrameSplitter {
  #bytes = new Uint8Array(512 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #filled = 0;

  /** Where the next read goes; it is never empty, because a frame is shorter than the buffer. */
  get free(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#filled);
  }

  /** Bytes of a frame that has come in part. */
  get partialBytes(): number {
    return this.#filled;
  }

  /** Takes the first `count` bytes of {@link free}, which were read at `nowMs`. */
  take(count: number, nowMs: number, onRecord: OnRecord): void {
    const end = this.#filled + count;
    let start = 0;
    while (end - start >= LENGTH_BYTES) {
      const length = this.#view.getUint32(start, true);
      const next = start + LENGTH_BYTES + length;
      if (next > end) break;
      onRecord(this.#bytes.subarray(start + LENGTH_BYTES, next), nowMs);
      start = next;
    }
    if (start > 0) this.#bytes.copyWithin(0, start, end);
    this.#filled = end - start;
  }
}
