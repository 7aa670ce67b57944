/** Size of a connection's read buffer: small for an idle connection, growing by factors of four for a busy one. */

export const READ_IDLE_BYTES = 128;
/** Larger than a share of a turn (`server/turn_queue.ts`), yet little to hold while its lines wait. */
const READ_MAX_BYTES = 16 * 1024;

/**
 * Buffer for the next read, after a read of `length` bytes: larger if the last one was filled, smaller if it was much
 * too large.
 */
export function fitReadBuffer(
  buffer: Uint8Array<ArrayBuffer>,
  length: number,
  idleBytes = READ_IDLE_BYTES,
): Uint8Array<ArrayBuffer> {
  if (length === buffer.length && length < READ_MAX_BYTES) {
    return new Uint8Array(Math.min(length * 4, READ_MAX_BYTES));
  }
  if (length * 16 < buffer.length && buffer.length > idleBytes) {
    return new Uint8Array(buffer.length / 4);
  }
  return buffer;
}
