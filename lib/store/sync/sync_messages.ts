/**
 * Messages between the two halves of the sync task: its supervisor (sync_task.ts) and the loop that does the work
 * (sync_loop.ts), in a worker or in the same thread.
 */
import type { SavedFact } from "../../log/fact.ts";

/** Where facts are saved. */
export interface FactStoreLocation {
  readonly path: string;
  readonly logId: string;
}

/** From the supervisor to the loop. */
export type SyncRequest =
  | {
    readonly kind: "start";
    readonly buffer: SharedArrayBuffer;
    readonly path: string;
    /** `always`: after every batch. */
    readonly intervalMs: number | "always";
    readonly lockName: string;
    /** The state database and the log's id; undefined: facts are not saved. */
    readonly state: FactStoreLocation | undefined;
  }
  /** Run a pass now. */
  | { readonly kind: "sync" }
  /** New facts: save each once its record is durable. `number` grows from message to message. */
  | { readonly kind: "facts"; readonly facts: readonly SavedFact[]; readonly number: number }
  /** Run the last pass, close the file, reply with `stopped`. */
  | { readonly kind: "stop" };

/**
 * From the loop to the supervisor. `asked`: it is the reply to a `sync`. `saved`: all facts up to this number are on
 * disk.
 */
export type SyncReport =
  | { readonly kind: "synced"; readonly asked: boolean; readonly saved: number }
  | { readonly kind: "failed"; readonly asked: boolean; readonly why: string }
  /** `why` if the last pass failed. */
  | { readonly kind: "stopped"; readonly why?: string };
