/** Messages between the server's thread (archive_service.ts) and the archiver (archiver.ts), which is in a worker. */
import type { ArchiveLoss, ArchiveOrder } from "../../log/archive.ts";
import type { ArchiveBounds } from "../settings/archive_flags.ts";
import type { WaitingOrder } from "./waiting_orders.ts";

export interface ArchiverStart {
  /** The ring's. */
  readonly buffer: SharedArrayBuffer;
  /** Of the archive. */
  readonly path: string;
  readonly logId: string;
  readonly bounds: ArchiveBounds;
  /**
   * Where the log ended when the server started: an archive that goes further is of a newer copy of the log. Infinity:
   * the archive has been open since.
   */
  readonly logEnd: number;
  /** An archiver before this one has failed: the first pass that does not is told. */
  readonly hasFailed?: boolean;
  /** Orders from before the start. */
  readonly orders: readonly ArchiveOrder[];
}

/** An archive that was set aside: where it is now, and why. */
export interface SetAside {
  readonly path: string;
  /**
   * `foreign`: it belongs to another log. `newer`: it has records that the log has not. `incomplete`: it lacks renames
   * or redactions that are lost. `older`: it is from before rights of channels were dropped, or all state was lost.
   */
  readonly why: "foreign" | "newer" | "incomplete" | "older";
}

export type ArchiverRequest =
  | { readonly kind: "start" } & ArchiverStart
  | { readonly kind: "order"; readonly order: ArchiveOrder }
  /** Archive what is durable, close the archive, reply with `stopped`. */
  | { readonly kind: "stop" };

export type ArchiverReport =
  /** The archive is open. `setAside`: one that was there before. */
  | { readonly kind: "opened"; readonly isNew: boolean; readonly setAside: SetAside | undefined }
  /** All records below `cursor` are archived. */
  | { readonly kind: "progress"; readonly cursor: number; readonly size: ArchiveSize }
  /** An order is carried out, durably. */
  | { readonly kind: "ordered"; readonly order: WaitingOrder }
  | { readonly kind: "lost"; readonly loss: ArchiveLoss; readonly count: number }
  /** Nothing is being archived; the archiver tries again. `isDamaged`: that does not help alone. */
  | { readonly kind: "failed"; readonly why: string; readonly isDamaged: boolean }
  /** After a failure: a whole pass has been done, and the archive can be written. */
  | { readonly kind: "recovered" }
  | { readonly kind: "stopped" };

export interface ArchiveSize {
  readonly bytes: number;
  /** Time of its oldest record, milliseconds since the epoch; 0: there is none. */
  readonly oldestAt: number;
}
