/**
 * A batch of the log: the records that one commit adds, as the value of `batches/<first seq>`. Numbers are little-endian.
 *
 *     byte 0      1        5        13         21              29       33
 *          ┌──────┬────────┬────────┬──────────┬───────────────┬────────┬─────────┬─────┐
 *          │ 0x01 │ crc    │ epoch  │ last seq │ last seq of   │ count  │ record  │  …  │
 *          │ u8   │ u32    │ f64    │ f64      │ the batch     │ u32    │         │     │
 *          │      │        │        │          │ before, f64   │        │         │     │
 *          └──────┴────────┴────────┴──────────┴───────────────┴────────┴─────────┴─────┘
 *                          └──────────────── covered by the crc ─────────────────────────┘
 *
 *     record: seq f64, time f64 (ms since the epoch), length u32, payload
 *
 * The epoch is the create revision of the key `leader` of the node that wrote the batch.
 */
import { MAX_TIME_MS } from "../base/clock.ts";
import { crc32 } from "../base/crc.ts";
import type { LogRecord } from "../log/record.ts";
import { RECORD_MAX_BYTES } from "../log/record.ts";
import { ClusterFault } from "./cluster_fault.ts";

export const BATCH_VERSION = 1;
const BATCH_HEAD_BYTES = 33;
const RECORD_HEAD_BYTES = 20;
const CRC_AT = 1, COVERED_FROM = 5, LAST_AT = 13, PREVIOUS_AT = 21, COUNT_AT = 29;

export interface LogBatch {
  readonly epoch: number;
  /** Sequence number of the last record of the batch before; 0: there is none. */
  readonly previousSeq: number;
  /** At least one, in order. */
  readonly records: readonly LogRecord[];
}

/** Bytes that a batch takes with records of the given payloads. */
export function batchBytes(payloadBytes: number, records: number): number {
  return BATCH_HEAD_BYTES + records * RECORD_HEAD_BYTES + payloadBytes;
}

export function encodeBatch({ epoch, previousSeq, records }: LogBatch): Uint8Array<ArrayBuffer> {
  const payloads = records.reduce((sum, { payload }) => sum + payload.length, 0);
  const bytes = new Uint8Array(batchBytes(payloads, records.length));
  const view = new DataView(bytes.buffer);
  bytes[0] = BATCH_VERSION;
  view.setFloat64(COVERED_FROM, epoch, true);
  view.setFloat64(LAST_AT, records.at(-1)!.seq, true);
  view.setFloat64(PREVIOUS_AT, previousSeq, true);
  view.setUint32(COUNT_AT, records.length, true);
  let at = BATCH_HEAD_BYTES;
  for (const { seq, time, payload } of records) {
    view.setFloat64(at, seq, true);
    view.setFloat64(at + 8, time, true);
    view.setUint32(at + 16, payload.length, true);
    bytes.set(payload, at + RECORD_HEAD_BYTES);
    at += RECORD_HEAD_BYTES + payload.length;
  }
  view.setUint32(CRC_AT, crc32(bytes.subarray(COVERED_FROM)), true);
  return bytes;
}

/**
 * The batch in the value of `key`, which is the one for records from `firstSeq` on. Payloads are views of `bytes`.
 *
 * @throws {ClusterFault} It is not such a batch.
 */
export function decodeBatch(key: string, firstSeq: number, bytes: Uint8Array): LogBatch {
  const fail = (why: string): never => {
    throw new ClusterFault(key, why);
  };
  if (bytes.length < BATCH_HEAD_BYTES) fail("it is too short for a batch of records");
  if (bytes[0] !== BATCH_VERSION) fail(`its version is ${bytes[0]}; this program reads ${BATCH_VERSION}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(CRC_AT, true) !== crc32(bytes.subarray(COVERED_FROM))) {
    fail("its checksum does not match");
  }
  const number = (at: number, most = Number.MAX_SAFE_INTEGER): number => {
    const value = view.getFloat64(at, true);
    return Number.isSafeInteger(value) && value >= 0 && value <= most
      ? value
      : fail("a number is out of range");
  };
  const [epoch, last, previousSeq] = [number(COVERED_FROM), number(LAST_AT), number(PREVIOUS_AT)];
  const count = view.getUint32(COUNT_AT, true);
  const records: LogRecord[] = [];
  let at = BATCH_HEAD_BYTES;
  for (let nth = 0; nth < count; nth++) {
    if (bytes.length - at < RECORD_HEAD_BYTES) fail("a record is cut off");
    const length = view.getUint32(at + 16, true);
    const end = at + RECORD_HEAD_BYTES + length;
    if (end > bytes.length || length > RECORD_MAX_BYTES) fail("a record is cut off");
    const seq = number(at);
    if (seq <= (records.at(-1)?.seq ?? previousSeq)) fail("its records are not in order");
    records.push({
      seq,
      time: number(at + 8, MAX_TIME_MS),
      payload: bytes.subarray(at + RECORD_HEAD_BYTES, end),
    });
    at = end;
  }
  if (at !== bytes.length) fail("it has bytes after its records");
  if (records[0]?.seq !== firstSeq || records.at(-1)?.seq !== last) {
    fail("its records are not those of its key");
  }
  return { epoch, previousSeq, records };
}
