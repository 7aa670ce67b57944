/**
 * Brings a local copy to what the store holds at one revision: all facts, and the records that the copy does not have.
 * Records that it has are kept if its last one is in the store, with the same bytes, in the place that it says.
 */
import { ClusterFault } from "./cluster_fault.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import type { ClusterView } from "./cluster_view.ts";
import { decodeFact } from "./cluster_values.ts";
import type { KeyRange, KeyValue, KeyValueStore, RangeResult } from "./key_value_store.ts";
import { StoreRefusal } from "./key_value_store.ts";
import type { LocalCopy } from "./local_copy.ts";
import { decodeBatch } from "./log_batch.ts";
import type { LogBatch } from "./log_batch.ts";
import type { LogRecord } from "../log/record.ts";
import type { SavedFact } from "../log/fact.ts";

/** Keys that are read at once: so many at first, then as many as have about so many bytes. */
const FIRST_PAGE_KEYS = 16;
const PAGE_BYTES = 2 * 1024 * 1024;
const MAX_PAGE_KEYS = 4096;

export interface LoaderOptions {
  readonly store: KeyValueStore;
  readonly keys: ClusterKeys;
  readonly view: ClusterView;
  readonly local: LocalCopy;
  readonly logId: string;
}

/** How a copy was brought up to date. */
export interface LoadReport {
  readonly revision: number;
  /** Records that were read from the store. */
  readonly records: number;
  readonly facts: number;
  /** The records that the copy had were of no use. */
  readonly isRebuilt: boolean;
}

/**
 * @throws {StoreUnavailable | StoreRefusal} Try again: `compacted` means that it took longer than the store remembers.
 * @throws {ClusterFault} What is there cannot be read.
 */
export async function loadCopy(options: LoaderOptions): Promise<LoadReport> {
  const { store, keys, view, local, logId } = options;
  const revision = await loadView(options);
  const facts = await readFacts(options, revision);
  const { lastSeq } = view.tail;
  const kept = await findKeptSeq(options, revision);
  let nextSeq = kept;
  let records = 0;
  for await (const entry of readPages(store, keys.logRange(nextSeq), revision)) {
    const batch = batchOf(keys, entry);
    if (nextSeq !== undefined && batch.previousSeq !== nextSeq - 1) {
      throw new ClusterFault(entry.key, "records before it are missing");
    }
    const isFirst = nextSeq === undefined;
    await local.exclusively(() => {
      if (isFirst) local.reset(batch.records[0]!.seq);
      applyRecords(local, batch.records);
    });
    nextSeq = batch.records.at(-1)!.seq + 1;
    records += batch.records.length;
  }
  const isEmpty = nextSeq === undefined;
  nextSeq ??= lastSeq + 1;
  if (nextSeq !== lastSeq + 1) {
    throw new ClusterFault(keys.tail, `it names ${lastSeq}, the log ends before ${nextSeq}`);
  }
  await local.exclusively(() => {
    if (isEmpty) local.reset(lastSeq + 1);
    local.replaceFacts(facts);
    local.confirm({ logId, nextSeq: lastSeq + 1 });
  });
  return { revision, records, facts: facts.length, isRebuilt: kept === undefined };
}

/** Brings `view` to what the store holds now; returns its revision. */
export async function loadView(
  { store, keys, view }: Pick<LoaderOptions, "store" | "keys" | "view">,
): Promise<number> {
  const { revision, ranges } = await store.transact({
    compare: [],
    success: [{ kind: "range", key: keys.leader }, { kind: "range", key: keys.tail }, {
      kind: "range",
      ...keys.nodes,
    }],
  });
  view.reset(ranges.flatMap(({ entries }) => entries));
  return revision;
}

/** Appends records; returns one more than the last. */
export function applyRecords(local: LocalCopy, records: readonly LogRecord[]): number {
  for (const record of records) local.append(record);
  return records.at(-1)!.seq + 1;
}

export function batchOf(keys: ClusterKeys, { key, value }: KeyValue): LogBatch {
  const read = keys.read(key);
  if (read?.kind !== "log") throw new ClusterFault(key, "its name is no sequence number");
  return decodeBatch(key, read.firstSeq, value);
}

async function readFacts({ store, keys }: LoaderOptions, revision: number): Promise<SavedFact[]> {
  const facts: SavedFact[] = [];
  for await (const { key, value } of readPages(store, keys.facts, revision)) {
    const read = keys.read(key);
    if (read?.kind !== "fact") throw new ClusterFault(key, "its name is no fact");
    facts.push(decodeFact(read.factKind, read.factKey, value));
  }
  return facts;
}

/**
 * The position up to which the copy's records are those of the store, from which on batches are read; undefined: none of
 * them can be relied on. A batch that the copy has in part makes it start anew: it was confirmed by whole batches.
 */
async function findKeptSeq(
  { store, keys, view, local, logId }: LoaderOptions,
  revision: number,
): Promise<number | undefined> {
  const { position } = local;
  if (position === undefined || position.logId !== logId) return undefined;
  const { nextSeq } = position;
  const lastSeq = nextSeq - 1;
  if (lastSeq < 1 || lastSeq > view.tail.lastSeq) return undefined;
  const [entry] =
    (await store.range(keys.logRange(0, nextSeq), { revision, limit: 1, order: "descending" })).entries;
  const stored = entry === undefined ? undefined : batchOf(keys, entry).records.at(-1);
  const own = local.read(lastSeq);
  const isSame = stored !== undefined && own !== undefined && stored.seq === lastSeq &&
    stored.time === own.time &&
    equalBytes(stored.payload, own.payload);
  return isSame ? nextSeq : undefined;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** All entries of `range` at `revision`, read in pages. */
async function* readPages(
  store: KeyValueStore,
  range: Required<KeyRange>,
  revision: number,
): AsyncGenerator<KeyValue> {
  let limit = FIRST_PAGE_KEYS;
  let { key } = range;
  for (;;) {
    const page = await readPage(store, { ...range, key }, revision, limit);
    if (page === undefined) {
      limit = 1;
      continue;
    }
    yield* page.entries;
    if (!page.more) return;
    key = `${page.entries.at(-1)!.key}\0`;
    const bytes = page.entries.reduce((sum, entry) => sum + entry.key.length + entry.value.length, 0);
    limit = Math.max(
      1,
      Math.min(MAX_PAGE_KEYS, Math.floor(page.entries.length * PAGE_BYTES / bytes), 4 * limit),
    );
  }
}

/** Undefined: the answer would be too large. */
async function readPage(
  store: KeyValueStore,
  range: KeyRange,
  revision: number,
  limit: number,
): Promise<RangeResult | undefined> {
  try {
    return await store.range(range, { revision, limit });
  } catch (error) {
    if (limit > 1 && error instanceof StoreRefusal && error.why === "too_large") return undefined;
    throw error;
  }
}
