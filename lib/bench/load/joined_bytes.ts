/** What is left of the read before, and the read: copied only where something is left. */
export function joinBytes(rest: Uint8Array, read: Uint8Array): Uint8Array {
  if (rest.length === 0) return read;
  const bytes = new Uint8Array(rest.length + read.length);
  bytes.set(rest);
  bytes.set(read, rest.length);
  return bytes;
}
