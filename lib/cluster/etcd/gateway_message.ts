/**
 * Messages of etcd's gateway: JSON of the protocol's messages (etcd, api/etcdserverpb/rpc.proto and api/mvccpb/kv.proto).
 * Bytes are base64, 64-bit numbers are strings, and what has its type's zero value is left out.
 */
import { assert } from "../../base/assert.ts";
import { encodeUtf8 } from "../../base/bytes.ts";
import type {
  Compare,
  KeyRange,
  KeyValue,
  Operation,
  RangeOptions,
  RangeResult,
  Transaction,
  TransactionResult,
  WatchEvent,
} from "../key_value_store.ts";

/** `mvccpb.KeyValue` */
interface WireKeyValue {
  readonly key: string;
  readonly value?: string;
  readonly create_revision?: string;
  readonly mod_revision?: string;
  readonly version?: string;
  readonly lease?: string;
}

interface WireHeader {
  readonly revision?: string;
}

export interface WireRange {
  readonly header?: WireHeader;
  readonly kvs?: readonly WireKeyValue[];
  readonly more?: boolean;
}

export interface WireTransaction {
  readonly header?: WireHeader;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: WireRange }[];
}

/** `WatchResponse` */
export interface WireWatch {
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly compact_revision?: string;
  readonly cancel_reason?: string;
  /** More events of the same revisions follow in the next one. */
  readonly fragment?: boolean;
  readonly events?: readonly { readonly type?: "PUT" | "DELETE"; readonly kv: WireKeyValue }[];
}

export function keyRange({ key, end }: KeyRange): Record<string, string> {
  return { key: toBase64(key), ...(end === undefined ? {} : { range_end: toBase64(end) }) };
}

export function rangeRequest(range: KeyRange, options: RangeOptions): Record<string, unknown> {
  const { limit, revision, keysOnly, order } = options;
  return {
    ...keyRange(range),
    ...(limit === undefined ? {} : { limit: String(limit) }),
    ...(revision === undefined ? {} : { revision: String(revision) }),
    ...(keysOnly ? { keys_only: true } : {}),
    // Without a limit etcd takes the shortest way only where no order is requested, which is ascending anyway.
    ...(order === "descending" ? { sort_order: "DESCEND", sort_target: "KEY" } : {}),
  };
}

export function rangeResult(answer: WireRange): RangeResult {
  return {
    revision: Number(answer.header?.revision ?? 0),
    entries: (answer.kvs ?? []).map(keyValue),
    more: answer.more ?? false,
  };
}

export function transactionRequest({ compare, success, failure = [] }: Transaction): Record<string, unknown> {
  return {
    compare: compare.map(compareRequest),
    success: success.map(operationRequest),
    failure: failure.map(operationRequest),
  };
}

export function transactionResult(answer: WireTransaction): TransactionResult {
  return {
    succeeded: answer.succeeded ?? false,
    revision: Number(answer.header?.revision ?? 0),
    ranges: (answer.responses ?? []).flatMap(({ response_range: range }) =>
      range ? [rangeResult(range)] : []
    ),
  };
}

export function watchEvents({ events = [] }: WireWatch): WatchEvent[] {
  return events.map(({ type, kv }) =>
    type === "DELETE"
      ? { kind: "delete", key: fromBase64(kv.key), modRevision: Number(kv.mod_revision) }
      : { kind: "put", entry: keyValue(kv) }
  );
}

/** The revision at which it happened. */
export function eventRevision(event: WatchEvent): number {
  return event.kind === "put" ? event.entry.modRevision : event.modRevision;
}

const TARGETS = {
  createRevision: ["CREATE", "create_revision"],
  modRevision: ["MOD", "mod_revision"],
  version: ["VERSION", "version"],
} as const;

function compareRequest({ key, target, is, to }: Compare): Record<string, string> {
  const [name, member] = TARGETS[target];
  return { key: toBase64(key), target: name, result: is.toUpperCase(), [member]: String(to) };
}

function operationRequest(operation: Operation): Record<string, unknown> {
  switch (operation.kind) {
    case "put": {
      const { key, value, lease } = operation;
      const put = { key: toBase64(key), value: value.toBase64() };
      return { request_put: lease === undefined ? put : { ...put, lease } };
    }
    case "delete":
      return { request_delete_range: keyRange(operation) };
    case "range":
      return { request_range: rangeRequest(operation, operation) };
  }
}

function keyValue(kv: WireKeyValue): KeyValue {
  const entry = {
    key: fromBase64(kv.key),
    value: Uint8Array.fromBase64(kv.value ?? ""),
    createRevision: Number(kv.create_revision),
    modRevision: Number(kv.mod_revision),
    version: Number(kv.version),
    lease: kv.lease,
  };
  assert(Number.isSafeInteger(entry.modRevision), "a revision beyond 2^53");
  return entry;
}

function toBase64(key: string): string {
  return encodeUtf8(key).toBase64();
}

function fromBase64(key: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.fromBase64(key));
}
