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

/** Names of errno.h for the runtime's errors of a peer that is gone. */
const SYSTEM_NAMES: Readonly<Record<string, string>> = { BrokenPipe: "EPIPE", ConnectionReset: "ECONNRESET" };

/** A failed call of the system by the name of its error (EPIPE, ECONNRESET); the message of any other error. */
export function describeEnd(error: unknown): string {
  return error instanceof Error ? SYSTEM_NAMES[error.name] ?? error.message : String(error);
}
