/** Chooses what the next commit stores: records in order, and facts, none of them before its record. */
import type { SavedFact } from "../log/fact.ts";
import type { LogRecord } from "../log/record.ts";
import type { EventLog } from "../hub/log/event_log.ts";
import { ClusterFault } from "./cluster_fault.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import { encodeFact } from "./cluster_values.ts";
import type { Operation } from "./key_value_store.ts";
import { batchBytes } from "./log_batch.ts";

/** Most bytes of keys and values in one commit; etcd takes requests of 1.5 MiB. A larger record or fact goes alone. */
export const MAX_COMMIT_BYTES = 1024 * 1024;
/** Most operations in one commit; etcd takes 128. */
export const MAX_COMMIT_OPERATIONS = 100;
/** Of these, one writes the batch and one the tail. */
const OTHER_OPERATIONS = 2;

/** The log of the leader as a commit reads it. */
export type CommittedLog = Pick<
  EventLog,
  "nextSeq" | "oldestSeq" | "read" | "capacityBytes" | "bytesUntilOverwritten" | "firstSeqFrom"
>;

/** A new value of a fact that has not been committed. */
export interface PendingFact {
  readonly fact: SavedFact;
  /** Number of the call that it came with. */
  readonly number: number;
}

export interface CommitContent {
  readonly records: readonly LogRecord[];
  readonly facts: readonly SavedFact[];
  readonly factOperations: readonly Operation[];
  /** All records before this number are in it, or were before. */
  readonly nextSeq: number;
}

/**
 * The records from `fromSeq` on and the facts of `pending`, as far as they fit one commit. The facts that were chosen
 * are removed from `pending`.
 *
 * @throws {ClusterFault} A record that was not committed has been overwritten.
 */
export function chooseContent(
  keys: ClusterKeys,
  log: CommittedLog,
  fromSeq: number,
  pending: Map<string, PendingFact>,
  maxBytes: number = MAX_COMMIT_BYTES,
): CommitContent {
  const records: LogRecord[] = [];
  let bytes = batchBytes(0, 0);
  let seq = fromSeq;
  while (seq < log.nextSeq) {
    const record = log.read(seq);
    if (record.kind === "empty") break;
    if (record.kind === "missing") {
      if (record.why === "overwritten") throw new ClusterFault(keys.log(seq), "it was overwritten unstored");
      seq = record.next;
      continue;
    }
    const more = batchBytes(record.payload.length, 1) - batchBytes(0, 0);
    if (records.length > 0 && bytes + more > maxBytes) break;
    records.push(record);
    bytes += more;
    seq = record.seq + 1;
  }
  const facts: SavedFact[] = [];
  const factOperations: Operation[] = [];
  for (const [name, { fact }] of pending) {
    if (factOperations.length + OTHER_OPERATIONS >= MAX_COMMIT_OPERATIONS) break;
    if (fact.seq >= seq && seq < log.nextSeq) continue; // its record comes with a later commit
    const operation = operationOf(keys, fact);
    const more = operation.kind === "put"
      ? operation.key.length + operation.value.length
      : operation.key.length;
    const isFirst = records.length + facts.length === 0;
    if (!isFirst && bytes + more > maxBytes) break;
    pending.delete(name);
    facts.push(fact);
    factOperations.push(operation);
    bytes += more;
  }
  return { records, facts, factOperations, nextSeq: seq };
}

function operationOf(
  keys: ClusterKeys,
  { kind, key, value, seq }: SavedFact,
): Operation & { kind: "put" | "delete" } {
  const name = keys.fact(kind, key);
  return value === undefined
    ? { kind: "delete", key: name }
    : { kind: "put", key: name, value: encodeFact(seq, value) };
}
