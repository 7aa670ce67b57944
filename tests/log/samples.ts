/** Records whose content follows from their number, so that a test can tell whether it got the right one, whole. */
import { assertEquals } from "@std/assert";
import type { ReadOutcome } from "../../lib/log/read_outcome.ts";
import type { Ring } from "../../lib/log/ring.ts";

/** Bytes that differ for each `seq`, `length` of them. */
export function payloadOf(seq: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = (seq ^ 0x9e3779b9) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A length for record `seq`, from 0 to 255. */
export function lengthOf(seq: number): number {
  return Math.imul(seq, 2654435761) >>> 24;
}

export function timeOf(seq: number): number {
  return 1_700_000_000_000 + seq;
}

/** Appends `count` sample records; what they hold follows from the number each gets. */
export function appendSamples(ring: Ring, count: number, length: (seq: number) => number = lengthOf): void {
  for (let i = 0; i < count; i++) {
    const seq = ring.nextSeq;
    assertEquals(ring.append(timeOf(seq), payloadOf(seq, length(seq))), seq);
  }
}

/** Whether this is what the sample record `seq` holds. */
export function isSample(seq: number, time: number, payload: Uint8Array): boolean {
  return time === timeOf(seq) && isSame(payload, payloadOf(seq, payload.length));
}

export function isSame(bytes: Uint8Array, wanted: Uint8Array): boolean {
  if (bytes.length !== wanted.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== wanted[i]) return false;
  return true;
}

/** Fails unless `outcome` is the sample record `seq`, whole. */
export function assertSample(outcome: ReadOutcome, seq: number): void {
  if (outcome.kind === "ok" && outcome.seq === seq && isSample(seq, outcome.time, outcome.payload)) return;
  const payload = outcome.kind === "ok" ? payloadOf(seq, outcome.payload.length) : undefined;
  assertEquals(outcome, { kind: "ok", seq, time: timeOf(seq), payload });
}

/** Numbers of all records that are in the ring; each is read and checked. */
export function readSamples(ring: Ring): number[] {
  const seqs: number[] = [];
  for (let seq = ring.oldestSeq; seq < ring.nextSeq;) {
    const outcome = ring.read(seq);
    if (outcome.kind === "missing") seq = outcome.next;
    else {
      assertSample(outcome, seq);
      seqs.push(seq++);
    }
  }
  return seqs;
}

/** from, from + 1, …, to - 1 */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
