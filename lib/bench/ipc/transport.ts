/** The two ends of a way to pass records. */

export interface RecordSender {
  /**
   * Sends the next `count` records that `next` makes and wakes the reader once. The bytes that `next` returns are
   * valid until it is called again. Throws when the reader is known to be gone.
   */
  sendBatch(count: number, next: () => Uint8Array): void | Promise<void>;
}

/** Gets each record with the time at which it was read; the bytes are valid during the call only. */
export type OnRecord = (bytes: Uint8Array, nowMs: number) => void;

export interface RecordReceiver {
  /** Calls `onRecord` for each record. Resolves, with what was seen, when the writer is known to be gone. */
  receive(onRecord: OnRecord): Promise<string>;
  /** Bytes of a record that has come in part. */
  readonly partialBytes: number;
}

/** A failed call of the system in one word (BrokenPipe, ConnectionReset); the message of any other error. */
export function describeEnd(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return Object.hasOwn(Deno.errors, error.name) ? error.name : error.message;
}
