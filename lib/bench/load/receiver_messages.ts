/** What a receiver pool and its thread tell each other. */
import type { Address } from "../../net/address.ts";
import type { LoadTarget } from "./load_client.ts";
import type { LoadErrorKind } from "./load_error.ts";

export type ToReceivers =
  /** Members `first` to `first + count - 1` of `total` join the channel; the nick of a member is `nick` and its index. */
  | Omit<LoadTarget, "address"> & {
    readonly kind: "enter";
    /** Members connect to these in turns. */
    readonly addresses: readonly Address[];
    readonly channel: string;
    readonly caps: string;
    readonly nick: string;
    readonly total: number;
    readonly first: number;
    readonly count: number;
    readonly atOnce: number;
  }
  /**
   * These members will get a line with `mark`; from then on their messages are counted in `counts`, a 32-bit number for
   * each member of the pool.
   */
  | {
    readonly kind: "await";
    readonly mark: string;
    readonly first: number;
    readonly count: number;
    readonly counts: SharedArrayBuffer;
  };

export type FromReceivers =
  | { readonly kind: "entered" | "waiting" | "ready" }
  | { readonly kind: "failed"; readonly error: LoadErrorKind | undefined; readonly why: string }
  | { readonly kind: "dropped"; readonly index: number; readonly why: string };
