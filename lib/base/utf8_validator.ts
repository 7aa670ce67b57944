/** Incremental check that bytes are UTF-8 (the table of RFC 3629 §4). */
export class Utf8Validator {
  /** Continuation bytes that the current character still needs, and the bounds of the next one. */
  #left = 0;
  #low = 0x80;
  #high = 0xbf;

  /** Takes the next byte; false if the bytes are not UTF-8. */
  push(byte: number): boolean {
    if (this.#left > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#left--;
      this.#low = 0x80;
      this.#high = 0xbf;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte === 0xe0) this.#low = 0xa0; // overlong: fits two bytes
    else if (byte === 0xed) this.#high = 0x9f; // surrogates
    else if (byte === 0xf0) this.#low = 0x90;
    else if (byte === 0xf4) this.#high = 0x8f; // U+10FFFF
    return true;
  }

  /** Whether the last character is complete. */
  isComplete(): boolean {
    return this.#left === 0;
  }
}

/** Whether `bytes` are UTF-8. Returns false without throwing: an exception takes longer than the whole check. */
export function isUtf8(bytes: Uint8Array): boolean {
  const check = new Utf8Validator();
  for (let index = 0; index < bytes.length; index++) if (!check.push(bytes[index]!)) return false;
  return check.isComplete();
}
