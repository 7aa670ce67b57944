/**
 * The store of a cluster, a port with the semantics of etcd's v3 API (etcd.io/docs, "etcd API guarantees"): strictly
 * serializable key-value operations, one revision for the whole store that grows with every change, leases, and
 * watches that bring every change once and in order. `etcd/` is the engine.
 */

/** Most conditions, and most operations, of a transaction (etcd, `--max-txn-ops`). */
export const MAX_TRANSACTION_OPERATIONS = 128;

/** A key with its newest value. Keys are text; values are bytes. */
export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array<ArrayBuffer>;
  /** Revision at which the key was created: another one after it was deleted and created again. */
  readonly createRevision: number;
  /** Revision of the last change. */
  readonly modRevision: number;
  /** Number of changes since it was created. */
  readonly version: number;
  /** The lease that deletes the key when it ends; undefined: none. */
  readonly lease: string | undefined;
}

/** Keys from `key` up to, but not including, `end`; without `end` the key alone. {@link prefixEnd} gives a prefix's end. */
export interface KeyRange {
  readonly key: string;
  readonly end?: string;
}

/** A condition on the number of a key. A key that does not exist has 0 in each of them. */
export interface Compare {
  readonly key: string;
  readonly target: "createRevision" | "modRevision" | "version";
  readonly is: "equal" | "greater" | "less";
  readonly to: number;
}

export type Operation =
  | {
    readonly kind: "put";
    readonly key: string;
    readonly value: Uint8Array<ArrayBuffer>;
    readonly lease?: string;
  }
  | ({ readonly kind: "delete" } & KeyRange)
  | ({ readonly kind: "range" } & KeyRange & RangeOptions);

export interface RangeOptions {
  /** Greatest number of keys to return; left out: all. */
  readonly limit?: number;
  /** The store as it was at this revision; left out: now. */
  readonly revision?: number;
  /** Values are left empty. */
  readonly keysOnly?: boolean;
  /** In the order of keys; left out: ascending. */
  readonly order?: "ascending" | "descending";
}

export interface RangeResult {
  /** Revision of the store when it was read. */
  readonly revision: number;
  readonly entries: readonly KeyValue[];
  /** There are more than the limit. */
  readonly more: boolean;
}

/**
 * All operations of one list, or none, at one revision. They are carried out in order, and a `range` sees what the ones
 * before it have done. A key may be put once, and may not be deleted by the same list. At most
 * {@link MAX_TRANSACTION_OPERATIONS} conditions or operations in each list.
 */
export interface Transaction {
  /** If all of these hold, the operations of `success` are carried out, otherwise those of `failure`. */
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure?: readonly Operation[];
}

export interface TransactionResult {
  /** Whether all conditions held. */
  readonly succeeded: boolean;
  /** Revision of the store afterwards: its own if it has changed something. */
  readonly revision: number;
  /** Results of the `range` operations that were carried out, in order. */
  readonly ranges: readonly RangeResult[];
}

export interface Lease {
  readonly id: string;
  /**
   * Seconds that it lasts after each keepalive; the store may have made it longer than requested. It ends up to a second
   * later, and begins anew, longer, when the store elects another leader. A member of etcd that hangs has been seen to
   * end leases early (etcd, issue 12528): what must never happen twice needs a compare, not a lease.
   */
  readonly ttlSeconds: number;
}

export type WatchEvent =
  | { readonly kind: "put"; readonly entry: KeyValue }
  | { readonly kind: "delete"; readonly key: string; readonly modRevision: number };

/** Changes of one or more whole revisions, in order. */
export interface WatchBatch {
  /** Everything up to this revision has been brought; a sign of life repeats the last one. */
  readonly revision: number;
  /** Empty: nothing has changed, as a sign of life. */
  readonly events: readonly WatchEvent[];
}

export interface StoreStatus {
  /** Version of the store's program. */
  readonly version: string;
  /** Bytes of its database, and of these in use. */
  readonly bytes: number;
  readonly bytesInUse: number;
  /** Bytes that its database may have: beyond it, the store refuses what makes it larger. */
  readonly quotaBytes: number;
  /** Alarms that are raised: `NOSPACE`, `CORRUPT`. */
  readonly alarms: readonly string[];
}

/**
 * Each method throws {@link StoreUnavailable} when no answer has come, and {@link StoreRefusal} when the store answered
 * that it does not do it. A request without an answer may have been carried out, or may be later.
 */
export interface KeyValueStore {
  range(range: KeyRange, options?: RangeOptions): Promise<RangeResult>;
  transact(transaction: Transaction): Promise<TransactionResult>;
  /** A new lease of at least `ttlSeconds`, whole seconds. */
  grantLease(ttlSeconds: number): Promise<Lease>;
  /** Renews a lease; false: it has ended, and its keys are deleted. */
  keepAlive(id: string): Promise<boolean>;
  /** Ends a lease; its keys are deleted. Does nothing if it has ended. */
  revokeLease(id: string): Promise<void>;
  /**
   * The changes of keys from `fromRevision` on. Ends when `signal` is aborted; throws {@link WatchCompacted} if some of
   * them are no longer known, and {@link StoreUnavailable} when the connection is lost: the caller watches again from
   * the revision after the last batch.
   */
  watch(range: KeyRange, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch>;
  /**
   * Forgets the changes up to `revision`, and how the store was before it. Compacting what is compacted already does
   * nothing.
   */
  compact(revision: number): Promise<void>;
  status(): Promise<StoreStatus>;
}

/** No answer: the store cannot be reached, has no majority, or the answer is late. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** No answer: the store shows a certificate that is not trusted. Later it may show another one. */
export class StoreUntrusted extends StoreUnavailable {}

/** The store has answered, and has changed nothing. */
export class StoreRefusal extends Error {
  override readonly name = "StoreRefusal";

  /**
   * `no_space`: its database is full; keys can still be read and deleted. `too_large`: more than a request or an answer
   * may have. `denied`: credentials or rights. `no_lease`: a key was to be put with a lease that has ended.
   * `compacted`: the store is no longer known as it was at the requested revision. `other`: see the message.
   */
  constructor(readonly why: RefusalReason, message: string) {
    super(message);
  }
}

export type RefusalReason = "no_space" | "too_large" | "denied" | "no_lease" | "compacted" | "other";

/** Changes that a watch asked for have been compacted. */
export class WatchCompacted extends Error {
  override readonly name = "WatchCompacted";

  /**
   * `revision`: the changes of this one and all before are forgotten; the store can be read as it was then, and watched
   * from the next one on.
   */
  constructor(readonly revision: number) {
    super(`the changes up to revision ${revision} are compacted`);
  }
}

/** The end of the range of all keys that begin with `prefix`, which is ASCII and not empty. */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
