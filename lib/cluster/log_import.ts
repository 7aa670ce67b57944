/**
 * Brings log and facts of another server into a cluster that does not exist yet: `meta` is put last, together with
 * `tail`, so that an import that was interrupted is none, and is done again from its beginning.
 */
import type { SavedFact } from "../log/fact.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import { encodeMeta, encodeTail } from "./cluster_values.ts";
import type { ClusterMeta } from "./cluster_values.ts";
import { chooseContent } from "./commit_content.ts";
import type { CommittedLog, PendingFact } from "./commit_content.ts";
import type { KeyValueStore, Operation } from "./key_value_store.ts";
import { encodeBatch } from "./log_batch.ts";

/** Epoch of batches that no leader of the cluster has written. */
const IMPORT_EPOCH = 0;

export interface ImportOptions {
  readonly store: KeyValueStore;
  readonly keys: ClusterKeys;
  /** With the id, creation time and size of the log. */
  readonly meta: ClusterMeta;
  readonly log: CommittedLog;
  readonly facts: readonly SavedFact[];
}

/** `exists`: the cluster has a meta; nothing of it was changed. */
export type ImportOutcome =
  | { readonly kind: "ok"; readonly records: number; readonly batches: number }
  | { readonly kind: "exists" };

/**
 * Writes all records of `log` and all `facts`. Throws StoreUnavailable or StoreRefusal: it was interrupted, and can be
 * done again.
 */
export async function importLog({ store, keys, meta, log, facts }: ImportOptions): Promise<ImportOutcome> {
  const write = async (success: readonly Operation[]) => {
    const compare = [{ key: keys.meta, target: "version", is: "equal", to: 0 }] as const;
    return (await store.transact({ compare, success })).succeeded;
  };
  const leftovers = [{ kind: "delete", ...keys.logRange() }, { kind: "delete", ...keys.facts }] as const;
  if (!await write(leftovers)) return { kind: "exists" };
  const pending = new Map<string, PendingFact>();
  for (const fact of facts) {
    if (fact.value !== undefined) pending.set(keys.fact(fact.kind, fact.key), { fact, number: 0 });
  }
  let [nextSeq, lastSeq, records, batches] = [log.firstSeqFrom(log.oldestSeq), 0, 0, 0];
  while (nextSeq < log.nextSeq || pending.size > 0) {
    const content = chooseContent(keys, log, nextSeq, pending);
    const operations: Operation[] = [...content.factOperations];
    const [first] = content.records;
    if (first !== undefined) {
      const batch = { epoch: IMPORT_EPOCH, previousSeq: lastSeq, records: content.records };
      operations.push({ kind: "put", key: keys.log(first.seq), value: encodeBatch(batch) });
      lastSeq = content.records.at(-1)!.seq;
      records += content.records.length;
      batches++;
    }
    if (operations.length > 0 && !await write(operations)) return { kind: "exists" };
    nextSeq = content.nextSeq;
  }
  const tail = { epoch: IMPORT_EPOCH, commit: batches, lastSeq };
  const isDone = await write([
    { kind: "put", key: keys.meta, value: encodeMeta(meta) },
    { kind: "put", key: keys.tail, value: encodeTail(tail) },
  ]);
  return isDone ? { kind: "ok", records, batches } : { kind: "exists" };
}
