/** Short texts as bytes, many of them in one buffer: a buffer for each costs the platform more than its text does. */

/** Size of a buffer that texts share. What may take more than a quarter of one gets a buffer of its own. */
export const SLAB_BYTES = 16 * 1024;

const encoder = new TextEncoder();

export class SlabEncoder {
  #bytes = new Uint8Array(0);
  #used = 0;

  /** UTF-8 bytes of `text`. The buffer behind them is also that of other texts: whoever keeps few bytes for long copies them. */
  encode(text: string): Uint8Array<ArrayBuffer> {
    const most = 3 * text.length;
    if (most > SLAB_BYTES / 4) return encoder.encode(text);
    if (this.#used + most > this.#bytes.length) {
      this.#bytes = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const space = this.#bytes.subarray(this.#used, this.#used + text.length);
    if (encoder.encodeInto(text, space).read === text.length) { // ASCII: a byte for each unit
      this.#used += text.length;
      return space;
    }
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#used, this.#used + most));
    return this.#bytes.subarray(this.#used, this.#used += written);
  }
}
