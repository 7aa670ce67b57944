/** Messages between a {@link DatabaseSnapshot} (database_snapshot.ts) and its worker. */
import type { DatabaseMark } from "../../log/fact_store.ts";

/** What the database holds. */
export type Holding = "facts" | "archive";

/** An archive in the state that is held; none: the file is empty. */
export interface HeldArchive {
  readonly logId: string;
  /** Every record below this number is in it. */
  readonly cursor: number;
}

export type CopyRequest =
  /** Opens the database for reading: what it holds now is what will be copied. */
  | { readonly kind: "open"; readonly path: string; readonly holds: Holding; readonly stop: Int32Array }
  /** Copies it to the empty file `to`. */
  | { readonly kind: "copy"; readonly to: string };

export type CopyReport =
  | { readonly kind: "opened"; readonly archive: HeldArchive | undefined }
  | { readonly kind: "progress"; readonly doneBytes: number; readonly totalBytes: number }
  /** The copy is complete and sound. `mark`: of a database of facts. */
  | { readonly kind: "copied"; readonly mark: DatabaseMark | undefined }
  | {
    readonly kind: "failed";
    readonly fault: "source" | "copy" | "damaged" | "foreign" | "stopped";
    readonly why: string;
  };

/** Element of `stop`, and its value once the copy is no longer wanted. */
export const STOP_AT = 0;
export const STOPPED = 1;
