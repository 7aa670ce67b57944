/** Encodes short texts into shared buffers: a buffer per text costs the platform more than the text does. */

/** Size of a shared buffer. A text that may take more than a quarter of it gets its own buffer. */
export const SLAB_BYTES = 16 * 1024;

const encoder = new TextEncoder();

export class SlabEncoder {
  #bytes = new Uint8Array(0);
  #used = 0;

  /**
   * UTF-8 bytes of `text`. Their buffer also holds other texts, so a caller that keeps few bytes for a long time
   * copies them.
   */
  encode(text: string): Uint8Array<ArrayBuffer> {
    const most = 3 * text.length;
    if (most > SLAB_BYTES / 4) return encoder.encode(text);
    if (this.#used + most > this.#bytes.length) {
      this.#bytes = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const space = this.#bytes.subarray(this.#used, this.#used + text.length);
    if (encoder.encodeInto(text, space).read === text.length) { // ASCII: one byte per unit
      this.#used += text.length;
      return space;
    }
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#used, this.#used + most));
    return this.#bytes.subarray(this.#used, this.#used += written);
  }
}
