/** The longest line that is read; tags and text of IRCv3 have at most 8,703 bytes. */
export const LINE_MAX_BYTES = 64 * 1024;

/**
 * What is left of the read before, and the read: copied only where something is left. Throws where a line does not
 * end, so that the memory has a bound.
 */
export function joinBytes(rest: Uint8Array, read: Uint8Array): Uint8Array {
  if (rest.length === 0) return read;
  checkLineBytes(rest.length);
  const bytes = new Uint8Array(rest.length + read.length);
  bytes.set(rest);
  bytes.set(read, rest.length);
  return bytes;
}

/** Throws if the line that has come in part, `bytes` of it, is longer than any that ends. */
export function checkLineBytes(bytes: number): void {
  if (bytes > LINE_MAX_BYTES) throw new Error(`a line of more than ${LINE_MAX_BYTES} bytes`);
}
