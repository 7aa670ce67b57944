/** How large a connection's read buffer is: one that says nothing costs little, a busy one's grows by fours. */

export const READ_IDLE_BYTES = 128;
/** More than a share of a turn (`server/turn_queue.ts`), and little to be held while its lines wait. */
const READ_MAX_BYTES = 16 * 1024;

/** The buffer for the next read, after `length` bytes came: larger when the last one was filled, smaller when it was much too large. */
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
