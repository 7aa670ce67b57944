/**
 * The data of a simulated etcd, without time and network: keys with their revisions, transactions, leases' keys,
 * compaction. It follows etcd 3.4 (server/mvcc, etcdserver/apply.go), quirks included; key_value_store_test.ts holds it
 * against a real one.
 */
import {
  type Compare,
  type KeyRange,
  type KeyValue,
  MAX_TRANSACTION_OPERATIONS,
  type Operation,
  type RangeOptions,
  type RangeResult,
  StoreRefusal,
  type Transaction,
  type TransactionResult,
  type WatchEvent,
} from "../../../lib/cluster/key_value_store.ts";
import { assert } from "../../../lib/base/assert.ts";
import { encodeUtf8, utf8Length } from "../../../lib/base/bytes.ts";

/** etcd's `--max-request-bytes`. */
const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024;

/** What a revision has changed. */
export interface Change {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

/** A key's value from a revision on; undefined: it does not exist from there on. */
interface Version {
  readonly revision: number;
  readonly entry: KeyValue | undefined;
}

export class Mvcc {
  /** An empty etcd is at revision 1. */
  #revision = 1;
  /** The revision up to which changes are forgotten. */
  #compacted = 0;
  readonly #versions = new Map<string, Version[]>();
  /** Keys of {@link #versions} in the order of their bytes. */
  readonly #keys: string[] = [];
  #changes: Change[] = [];
  /** Keys of each lease that has not ended. */
  readonly #leases = new Map<string, Set<string>>();
  /** Whether the alarm NOSPACE is raised. */
  hasNoSpace = false;

  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  /** Bytes of all values that are known. */
  get bytes(): number {
    let bytes = 0;
    for (const versions of this.#versions.values()) {
      for (const { entry } of versions) bytes += entry === undefined ? 0 : entry.value.length + 100;
    }
    return bytes;
  }

  get(key: string): KeyValue | undefined {
    return this.#versions.get(key)?.at(-1)?.entry;
  }

  range(range: KeyRange, options: RangeOptions = {}): RangeResult {
    return this.#range(range, options, this.#revision);
  }

  /** `current`: the revision of what has been written last, which a transaction sees before it is there. */
  #range(range: KeyRange, options: RangeOptions, current: number): RangeResult {
    const { revision = current, limit = Infinity } = options;
    if (range.key === "") throw new StoreRefusal("other", "etcdserver: key is not provided");
    if (revision > current) {
      throw new StoreRefusal("other", "etcdserver: mvcc: required revision is a future revision");
    }
    if (revision < this.#compacted) {
      throw new StoreRefusal("compacted", "etcdserver: mvcc: required revision has been compacted");
    }
    const found = this.#keysIn(range).flatMap((key) => {
      const entry = this.#versions.get(key)!.findLast((version) => version.revision <= revision)?.entry;
      return entry ?? [];
    });
    if (options.order === "descending") found.reverse();
    const entries = found.slice(0, limit);
    return {
      revision: current,
      entries: options.keysOnly ? entries.map((entry) => ({ ...entry, value: new Uint8Array() })) : entries,
      more: found.length > entries.length,
    };
  }

  /** Changes of the keys of `range` after `after`, revision by revision, up to and including `upTo`. */
  changesOf(range: KeyRange, after: number, upTo = this.#revision): Change[] {
    assert(after >= this.#compacted, "these changes are forgotten");
    const isInRange = (event: WatchEvent) => isIn(event.kind === "put" ? event.entry.key : event.key, range);
    const changes: Change[] = [];
    for (let at = this.#changes.length - 1; at >= 0; at--) {
      const { revision, events } = this.#changes[at]!;
      if (revision <= after) break;
      const own = revision > upTo ? [] : events.filter(isInRange);
      if (own.length > 0) changes.unshift({ revision, events: own });
    }
    return changes;
  }

  transact({ compare, success, failure = [] }: Transaction): TransactionResult {
    this.#check(compare, success, failure);
    const succeeded = compare.every((each) => this.#holds(each));
    const operations = succeeded ? success : failure;
    for (const operation of operations) {
      if (operation.kind === "put") this.#checkLease(operation.lease);
      if (operation.kind === "range") this.range(operation, operation); // the revision that it asks for
    }
    const events: WatchEvent[] = [];
    const ranges: RangeResult[] = [];
    for (const operation of operations) {
      const current = this.#revision + Math.sign(events.length);
      if (operation.kind === "range") ranges.push(this.#range(operation, operation, current));
      else this.#write(operation, events);
    }
    this.#commit(events);
    return { succeeded, revision: this.#revision, ranges };
  }

  grantLease(id: string): void {
    if (this.hasNoSpace) throw noSpace();
    this.#leases.set(id, new Set());
  }

  hasLease(id: string): boolean {
    return this.#leases.has(id);
  }

  /** Ends a lease: its keys are deleted, at one revision. */
  endLease(id: string): void {
    const keys = [...this.#leases.get(id) ?? []].sort(compareKeys);
    const events: WatchEvent[] = [];
    for (const key of keys) this.#write({ kind: "delete", key }, events);
    this.#leases.delete(id);
    this.#commit(events);
  }

  compact(revision: number): void {
    if (revision > this.#revision) {
      throw new StoreRefusal("other", "etcdserver: mvcc: required revision is a future revision");
    }
    if (revision <= this.#compacted) return;
    this.#compacted = revision;
    this.#changes = this.#changes.filter((change) => change.revision > revision);
    for (const [key, versions] of this.#versions) {
      const newest = versions.findLastIndex((version) => version.revision <= revision);
      if (newest < 0) continue;
      // A deletion need not be known where nothing before it is.
      versions.splice(0, versions[newest]!.entry === undefined ? newest + 1 : newest);
      if (versions.length === 0) this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#versions.delete(key);
    this.#keys.splice(this.#placeOf(key), 1);
  }

  #check(compare: readonly Compare[], success: readonly Operation[], failure: readonly Operation[]): void {
    if (Math.max(compare.length, success.length, failure.length) > MAX_TRANSACTION_OPERATIONS) {
      throw new StoreRefusal("too_large", "etcdserver: too many operations in txn request");
    }
    if (sizeOf(success) + sizeOf(failure) > MAX_REQUEST_BYTES) {
      throw new StoreRefusal("too_large", "etcdserver: request is too large");
    }
    if ([...compare, ...success, ...failure].some(({ key }) => key === "")) {
      throw new StoreRefusal("other", "etcdserver: key is not provided");
    }
    checkOverlap(success);
    checkOverlap(failure);
    if (this.hasNoSpace && [...success, ...failure].some(({ kind }) => kind === "put")) throw noSpace();
  }

  #checkLease(lease: string | undefined): void {
    if (lease === undefined || this.#leases.has(lease)) return;
    throw new StoreRefusal("no_lease", "etcdserver: requested lease not found");
  }

  #holds({ key, target, is, to }: Compare): boolean {
    const actual = this.get(key)?.[target] ?? 0;
    return is === "equal" ? actual === to : is === "greater" ? actual > to : actual < to;
  }

  /** Puts or deletes at the next revision. */
  #write(operation: Exclude<Operation, { kind: "range" }>, events: WatchEvent[]): void {
    const modRevision = this.#revision + 1;
    if (operation.kind === "delete") {
      for (const key of this.#keysIn(operation)) {
        const lease = this.get(key)?.lease;
        if (this.get(key) === undefined) continue;
        if (lease !== undefined) this.#leases.get(lease)?.delete(key);
        this.#versions.get(key)!.push({ revision: modRevision, entry: undefined });
        events.push({ kind: "delete", key, modRevision });
      }
      return;
    }
    const { key, value, lease } = operation;
    const former = this.get(key);
    if (former?.lease !== undefined) this.#leases.get(former.lease)?.delete(key);
    if (lease !== undefined) this.#leases.get(lease)!.add(key);
    const entry: KeyValue = {
      key,
      value: value.slice(),
      createRevision: former?.createRevision ?? modRevision,
      modRevision,
      version: (former?.version ?? 0) + 1,
      lease,
    };
    this.#add(key, { revision: modRevision, entry });
    events.push({ kind: "put", entry });
  }

  #commit(events: readonly WatchEvent[]): void {
    if (events.length === 0) return;
    this.#revision++;
    this.#changes.push({ revision: this.#revision, events });
  }

  #add(key: string, version: Version): void {
    const versions = this.#versions.get(key);
    if (versions !== undefined) return void versions.push(version);
    this.#versions.set(key, [version]);
    this.#keys.splice(this.#placeOf(key), 0, key);
  }

  /** Where `key` is among the keys, or would be. */
  #placeOf(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKeys(this.#keys[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #keysIn({ key, end }: KeyRange): string[] {
    if (end === undefined) return this.#versions.has(key) ? [key] : [];
    return this.#keys.slice(this.#placeOf(key), Math.max(this.#placeOf(key), this.#placeOf(end)));
  }
}

function noSpace(): StoreRefusal {
  return new StoreRefusal("no_space", "etcdserver: mvcc: database space exceeded");
}

function sizeOf(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) {
    bytes += utf8Length(operation.key) + (operation.kind === "put" ? operation.value.length : 0);
  }
  return bytes;
}

/** A transaction puts no key twice, and deletes none that it puts. */
function checkOverlap(operations: readonly Operation[]): void {
  const put = new Set<string>();
  for (const { kind, key } of operations) {
    if (kind !== "put") continue;
    const isTwice = put.has(key) || operations.some((other) => other.kind === "delete" && isIn(key, other));
    if (isTwice) throw new StoreRefusal("other", "etcdserver: duplicate key given in txn request");
    put.add(key);
  }
}

export function isIn(key: string, range: KeyRange): boolean {
  if (range.end === undefined) return key === range.key;
  return compareKeys(key, range.key) >= 0 && compareKeys(key, range.end) < 0;
}

/** The order of keys is that of their bytes, which is not that of UTF-16. */
export function compareKeys(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [own, other] = [encodeUtf8(a), encodeUtf8(b)];
  for (let at = 0; at < own.length && at < other.length; at++) {
    if (own[at] !== other[at]) return own[at]! - other[at]!;
  }
  return own.length - other.length;
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}
