/** Result of reading the log: a record, or the reason why there is none. */
import type { LogRecord } from "./record.ts";
import { SEQ_JUMP } from "./seq_jump.ts";

export type ReadOutcome =
  | { readonly kind: "ok" } & LogRecord
  /** Not written yet. */
  | { readonly kind: "empty" }
  | MissingRecords;

/**
 * A record in place, without a copy: its payload lies in `bytes` from `start` to `end`. A log returns the
 * same object for every record, so it is valid until the next look or append.
 */
export interface RecordView {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

/** The requested record is not in the log any more. */
export interface MissingRecords {
  readonly kind: "missing";
  /** Number of records known to be missing, from the requested one up to `next`. */
  readonly lost: number;
  /** The first record after it that the log holds, or the next one to be written. */
  readonly next: number;
  /**
   * `overwritten`: newer records took its place. `damaged`: the ring file is damaged. `restart`: the server
   * ended before a sync; the number of records that it had written since is unknown, so `lost` may be 0.
   */
  readonly why: "overwritten" | "damaged" | "restart";
}

export const NOT_WRITTEN_YET: ReadOutcome = Object.freeze({ kind: "empty" });

/** The records from `seq` up to `next` are missing, because of `why` or because a restart lies between the two. */
export function makeMissingRecords(
  seq: number,
  next: number,
  why: "overwritten" | "damaged",
): MissingRecords {
  const restarts = Math.round((next - seq) / SEQ_JUMP);
  const lost = Math.max(0, next - seq - restarts * SEQ_JUMP);
  return { kind: "missing", lost, next, why: restarts > 0 ? "restart" : why };
}
