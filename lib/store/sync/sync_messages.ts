/** What the two halves of the sync task say to each other: who supervises it (sync_task.ts), and who does the work (sync_loop.ts), in a worker or not. */
import type { SavedFact } from "../../log/fact.ts";

/** Where facts are kept. */
export interface FactStoreLocation {
  readonly path: string;
  readonly logId: string;
}

/** The supervisor to whoever does the work. */
export type SyncRequest =
  | {
    readonly kind: "start";
    readonly buffer: SharedArrayBuffer;
    readonly path: string;
    /** `always`: after every batch. */
    readonly intervalMs: number | "always";
    readonly lockName: string;
    /** The state database and the log's id, where facts are to be saved. */
    readonly state: FactStoreLocation | undefined;
  }
  /** Make a pass now. */
  | { readonly kind: "sync" }
  /** Facts that are new: save each once its record is on disk. `number` grows from message to message. */
  | { readonly kind: "facts"; readonly facts: readonly SavedFact[]; readonly number: number }
  /** Make the last pass, close the file, answer `stopped`. */
  | { readonly kind: "stop" };

/** Back again. `asked`: it answers a `sync`. `saved`: all facts up to that number are on disk. */
export type SyncReport =
  | { readonly kind: "synced"; readonly asked: boolean; readonly saved: number }
  | { readonly kind: "failed"; readonly asked: boolean; readonly why: string }
  /** `why` when the last pass failed. */
  | { readonly kind: "stopped"; readonly why?: string };
