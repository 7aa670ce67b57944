import { assert, assertEquals, assertThrows } from "@std/assert";
import { AssertionFailure } from "../../lib/base/assert.ts";
import { RECORD_HEADER_BYTES, recordBytes } from "../../lib/log/record.ts";
import {
  findCapacityFault,
  RECORD_TOO_LARGE,
  Ring,
  RING_MAX_BYTES,
  RING_MIN_BYTES,
  SEQ_TOO_FAR,
} from "../../lib/log/ring.ts";
import { RingDamage, RingHeader, slotsOf } from "../../lib/log/ring_header.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { pureTest } from "../support/test.ts";
import { appendSamples, assertSample, lengthOf, payloadOf, range, readSamples, timeOf } from "./samples.ts";

pureTest("ring: a new ring is empty", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  assertEquals([ring.oldestSeq, ring.nextSeq, ring.durableSeq], [1, 1, 1]);
  assertEquals(ring.read(1), { kind: "empty" });
  assertEquals(ring.timeOf(1), undefined);
  assertEquals([ring.firstSeqFrom(1), ring.lastSeqBefore(9)], [1, 0]);
});

pureTest("ring: the capacity is a multiple of 8 in bounds", () => {
  for (const bytes of [0, RING_MIN_BYTES - 8, RING_MIN_BYTES + 4, RING_MAX_BYTES + 8, NaN]) {
    assert(findCapacityFault(bytes) !== undefined);
    assertThrows(() => Ring.create(bytes), RangeError);
  }
  assertEquals(findCapacityFault(RING_MAX_BYTES), undefined);
  assertEquals(Ring.create(RING_MIN_BYTES + 8).capacityBytes, RING_MIN_BYTES + 8);
});

pureTest("ring: records get numbers that rise by one, and are read by them", () => {
  const ring = Ring.create(RING_MIN_BYTES, { firstSeq: 41 });
  appendSamples(ring, 100);
  assertEquals(readSamples(ring), range(41, 141));
  assertEquals(ring.timeOf(77), timeOf(77));
  assertEquals([ring.firstSeqFrom(0), ring.firstSeqFrom(77), ring.firstSeqFrom(141)], [41, 77, 141]);
  assertEquals([ring.lastSeqBefore(41), ring.lastSeqBefore(77), ring.lastSeqBefore(999)], [0, 76, 140]);
});

pureTest("ring: an appender's scratch buffer gives as many bytes as it says", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const scratch = new Uint8Array(4096);
  for (const length of [3, 3, 0, 900, 2000, 3]) {
    const seq = ring.nextSeq;
    scratch.set(payloadOf(seq, length));
    assertEquals(ring.append(timeOf(seq), scratch, length), seq);
  }
  assertEquals(readSamples(ring), range(1, 7));
});

pureTest("ring: a record over the limit is refused, and leaves no trace", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const { position } = ring;
  assertEquals(ring.maxPayloadBytes, RING_MIN_BYTES / 8 - 24);
  assertEquals(ring.append(1, new Uint8Array(ring.maxPayloadBytes + 1)), RECORD_TOO_LARGE);
  assertEquals(ring.append(1, new Uint8Array(RING_MIN_BYTES), ring.maxPayloadBytes + 1), RECORD_TOO_LARGE);
  assertEquals([ring.nextSeq, ring.position], [1, position]);
  assertEquals(ring.append(1, new Uint8Array(ring.maxPayloadBytes)), 1);
});

pureTest("ring: round and round: the newest stay, the oldest go, and the ring says so", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  for (let lap = 0; lap < 40; lap++) {
    appendSamples(ring, 97);
    const seqs = readSamples(ring);
    assertEquals(seqs, range(ring.oldestSeq, ring.nextSeq));
    const bytes = seqs.reduce((sum, seq) => sum + recordBytes(lengthOf(seq)), 0);
    assert(bytes <= ring.capacityBytes);
    if (ring.oldestSeq > 1) assert(bytes > ring.capacityBytes - 3 * recordBytes(255), "little is given up");
  }
  const oldest = ring.oldestSeq;
  assert(oldest > 3000);
  assertEquals(ring.read(1), { kind: "missing", lost: oldest - 1, next: oldest, why: "overwritten" });
  assertEquals(ring.timeOf(oldest - 1), undefined);
});

pureTest("ring: records that fill the ring to the last byte wrap as well", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const size = 1024;
  for (let lap = 1; lap <= 3; lap++) {
    appendSamples(ring, RING_MIN_BYTES / size, () => size - 24);
    assertEquals(readSamples(ring), range(1 + (lap - 1) * 64, 1 + lap * 64));
  }
  appendSamples(ring, 1, () => size - 24);
  assertEquals(readSamples(ring).length, 64);
});

pureTest("ring: one record as large as may be pushes out an eighth of the ring", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  appendSamples(ring, 3000, () => 8);
  const before = ring.nextSeq - ring.oldestSeq;
  appendSamples(ring, 1, () => ring.maxPayloadBytes);
  const after = ring.nextSeq - ring.oldestSeq;
  assert(after > before * 3 / 4 && after < before);
  assertEquals(readSamples(ring).length, after);
});

pureTest("ring: the position counts all bytes, and tells where the next record goes", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  let { position } = ring;
  for (let i = 0; i < 2000; i++) {
    appendSamples(ring, 1);
    assert(ring.position >= position + 32);
    position = ring.position;
  }
  const last = position % ring.capacityBytes - recordBytes(lengthOf(ring.nextSeq - 1));
  assertEquals(ring.area.seqAt(last), ring.nextSeq - 1);
});

pureTest("ring: numbers go on over 2^32", () => {
  const first = 2 ** 32 - 300;
  const ring = Ring.create(RING_MIN_BYTES, { firstSeq: first });
  appendSamples(ring, 400);
  assertEquals(readSamples(ring), range(first, first + 400));
  appendSamples(ring, 2000);
  assertEquals(readSamples(ring), range(ring.oldestSeq, first + 2400));
  assertEquals(ring.lastSeqBefore(2 ** 40), first + 2399);
});

pureTest("ring: the counts of laps and wakes go on over 2^31 and 2^32", async () => {
  const [LAPS, SYNCED_LAPS, WAKE] = [11, 13, 14]; // ring_header.ts
  const ring = Ring.create(RING_MIN_BYTES);
  const words = new Int32Array(ring.buffer);
  words[LAPS] = words[SYNCED_LAPS] = 2 ** 31 - 1;
  words[WAKE] = -1; // 2^32 - 1
  let { position } = ring;
  for (let i = 0; i < 3000; i++) {
    appendSamples(ring, 1);
    assert(ring.position > position);
    position = ring.position;
    ring.markDurable(ring.nextSeq, position);
    assertEquals(ring.syncedPosition, position);
  }
  assertEquals(readSamples(ring), range(ring.oldestSeq, ring.nextSeq));
  const woken = ring.waitForWake(ring.wakeCount);
  ring.wakeReaders();
  assertEquals(ring.wakeCount, 0);
  await woken;
});

pureTest("ring: in a buffer that is given, and attached by its size", () => {
  const bytes = Ring.create(RING_MIN_BYTES).buffer.byteLength;
  const buffer = new SharedArrayBuffer(bytes + 4096);
  appendSamples(Ring.create(RING_MIN_BYTES, { buffer }), 10);
  assertEquals(readSamples(Ring.open(buffer, bytes)!), range(1, 11));
  assertEquals(Ring.open(buffer, bytes + 4096), undefined);
  assertEquals(Ring.open(new SharedArrayBuffer(bytes), bytes), undefined);
  const small = new SharedArrayBuffer(168);
  new RingHeader(small).format(32, 1, 1);
  assertEquals(Ring.open(small, 164), undefined, "no ring is so small");
});

/** A ring with the sample records `seqs`, adopted; `nextSeq` comes next. */
function adopted(seqs: number[], nextSeq: number): Ring {
  const ring = Ring.create(RING_MIN_BYTES);
  const offsets: number[] = [];
  let head = 0;
  for (const seq of seqs) {
    ring.area.write(head, seq, timeOf(seq), payloadOf(seq, lengthOf(seq)));
    offsets.push(head);
    head += recordBytes(lengthOf(seq));
  }
  const list = { count: seqs.length, seqs: Float64Array.from(seqs), offsets: Uint32Array.from(offsets) };
  ring.restoreContents({ ...list, head, nextSeq });
  return ring;
}

pureTest("ring: a hole is told with its size, from both sides", () => {
  const ring = adopted([10, 11, 15, 16, 20], 21);
  assertEquals(ring.durableSeq, 21);
  assertEquals(readSamples(ring), [10, 11, 15, 16, 20]);
  assertEquals(ring.read(12), { kind: "missing", lost: 3, next: 15, why: "damaged" });
  assertEquals(ring.read(14), { kind: "missing", lost: 1, next: 15, why: "damaged" });
  assertEquals(ring.timeOf(13), undefined);
  assertEquals([ring.firstSeqFrom(12), ring.firstSeqFrom(17), ring.firstSeqFrom(21)], [15, 20, 21]);
  assertEquals([ring.lastSeqBefore(15), ring.lastSeqBefore(13), ring.lastSeqBefore(20)], [11, 11, 16]);
});

pureTest("ring: a ring with holes goes on, and gives up its oldest over them", () => {
  const ring = adopted([10, 11, 15, 16, 20], 21);
  let seen = readSamples(ring);
  for (let i = 0; i < 700; i += 7) {
    appendSamples(ring, 7);
    const seqs = readSamples(ring);
    assertEquals(seqs.at(-1), 27 + i);
    assertEquals(seqs.filter((seq) => seq <= 20), seen.filter((seq) => seq <= 20 && seq >= ring.oldestSeq));
    assertEquals(seqs[0], ring.oldestSeq);
    seen = seqs;
  }
  assert(ring.oldestSeq > 21);
});

pureTest("ring: a jump after a restart: nobody knows how many are missing", () => {
  const next = 12 + SEQ_JUMP;
  const ring = adopted([9, 10, 11], next);
  assertEquals(ring.read(12), { kind: "missing", lost: 0, next, why: "restart" });
  appendSamples(ring, 3);
  assertEquals(readSamples(ring), [9, 10, 11, next, next + 1, next + 2]);
  for (const lost of [12, 13, 5000, 2 ** 31]) {
    assertEquals(ring.read(lost), { kind: "missing", lost: 0, next, why: "restart" });
    assertEquals([ring.firstSeqFrom(lost), ring.lastSeqBefore(lost)], [next, 11]);
  }
  assertEquals(ring.lastSeqBefore(next), 11);
});

pureTest("ring: a jump and a hole before it: what is known to be missing is told", () => {
  const next = 14 + SEQ_JUMP;
  const ring = adopted([9, 10, 11], next);
  assertEquals(ring.read(12), { kind: "missing", lost: 2, next, why: "restart" });
  appendSamples(ring, 1500);
  assertEquals(readSamples(ring), range(ring.oldestSeq, next + 1500));
  assertEquals(ring.read(10).kind, "missing");
});

pureTest("ring: several jumps in one ring", () => {
  const seqs = [1, 2, 3 + SEQ_JUMP, 4 + SEQ_JUMP, 5 + 7 * SEQ_JUMP];
  const ring = adopted(seqs, 6 + 8 * SEQ_JUMP);
  assertEquals(readSamples(ring), seqs);
  assertEquals(ring.firstSeqFrom(6 + SEQ_JUMP), 5 + 7 * SEQ_JUMP);
  assertEquals(ring.lastSeqBefore(5 + 7 * SEQ_JUMP), 4 + SEQ_JUMP);
});

pureTest("ring: memory that was damaged in the ring costs one record", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  appendSamples(ring, 10, () => 8);
  ring.area.bytes[4 * 32 + 26]! ^= 1;
  assertEquals(ring.read(5), { kind: "missing", lost: 1, next: 6, why: "damaged" });
  assertEquals(readSamples(ring), [1, 2, 3, 4, 6, 7, 8, 9, 10]);
});

pureTest("ring: the place of a record is told as long as it is there", () => {
  const ring = Ring.create(RING_MIN_BYTES, { firstSeq: SEQ_JUMP - 100 });
  appendSamples(ring, 2000);
  const there = new Set(readSamples(ring));
  assert(there.size < 2000 && there.size > 100);
  for (const seq of [...range(SEQ_JUMP - 200, SEQ_JUMP + 2000), 0, -1]) {
    const record = ring.peek(seq);
    assertEquals(record !== undefined, there.has(seq), `record ${seq}`);
    if (record === undefined) continue;
    const { bytes, start, end, time } = record;
    assertSample({ kind: "ok", seq, time, payload: bytes.slice(start, end) }, seq);
  }
});

pureTest("ring: another thread's view of it is the same ring", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const other = Ring.attach(ring.buffer);
  appendSamples(ring, 500);
  assertEquals(readSamples(other), readSamples(ring));
  appendSamples(other, 500);
  assertEquals(readSamples(ring), readSamples(other));
  assertSample(ring.read(1000), 1000);
  assertThrows(() => Ring.attach(new SharedArrayBuffer(4096)), AssertionFailure);
});

pureTest("ring: what is durable is what the sync task says", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  appendSamples(ring, 2000);
  assertEquals(ring.durableSeq, 1);
  ring.markDurable(2001, ring.position);
  assertEquals([ring.durableSeq, ring.syncedPosition], [2001, ring.position]);
});

pureTest("ring: the durable watermark only grows, up to the next record, until the file is lost", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  appendSamples(ring, 100);
  const { position } = ring;
  ring.markDurable(51, position);
  assertThrows(() => ring.markDurable(50, position), AssertionFailure, "the durable watermark only grows");
  assertThrows(() => ring.markDurable(102, position), AssertionFailure, "not beyond the next record");
  assertThrows(() => ring.markDurable(101, position - 8), AssertionFailure, "the synced position only grows");
  assertEquals([ring.durableSeq, ring.syncedPosition], [51, position]);
  ring.markFileLost();
  assertEquals([ring.durableSeq, ring.syncedPosition], [ring.oldestSeq, position - ring.capacityBytes]);
});

pureTest(
  "ring: the oldest record only moves towards the next one: a record with a wrong number is found",
  () => {
    for (const wrong of [1, 1_000_000]) {
      const ring = Ring.create(RING_MIN_BYTES);
      const appendLarge = () => ring.append(1, new Uint8Array(1000));
      for (let i = 0; i < 70; i++) appendLarge(); // goes around the ring
      const { bytes } = ring.area;
      const next = ring.peek(ring.firstSeqFrom(ring.oldestSeq + 1))!.start - RECORD_HEADER_BYTES;
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(next + 8, wrong, true);
      const before = [ring.oldestSeq, ring.nextSeq];
      assertThrows(appendLarge, RingDamage, `record ${wrong} follows the oldest one`);
      assertEquals([ring.oldestSeq, ring.nextSeq], before);
    }
  },
);

pureTest("ring: nothing is appended to a ring of which the header is damaged", () => {
  // Magic, capacity, slots; oldest and next with their high words; head; synced laps.
  for (const word of [0, 1, 2, 4, 5, 6, 7, 10, 13]) {
    const ring = Ring.create(RING_MIN_BYTES);
    appendSamples(ring, 1000);
    const words = new Int32Array(ring.buffer);
    for (const value of [-1, 2 ** 30 + 1]) {
      const before = words[word]!;
      words[word] = value;
      const damaged = new Uint8Array(ring.buffer).slice();
      assertThrows(() => ring.append(1, new Uint8Array(10)), RingDamage, "", `word ${word}: ${value}`);
      assertEquals(new Uint8Array(ring.buffer).slice(), damaged);
      words[word] = before;
    }
    appendSamples(ring, 10);
    assertEquals(ring.check.findDamage(), undefined);
  }
});

pureTest(
  "ring: damage is found in the numbers, at the end and in the records; holes and jumps are none",
  () => {
    const damageOf = (change: (words: Uint32Array) => void) => {
      const ring = Ring.create(RING_MIN_BYTES);
      appendSamples(ring, 100);
      change(new Uint32Array(ring.buffer));
      return [ring.check.findEndDamage(), ring.check.findDamage()];
    };
    const area = 32 + slotsOf(RING_MIN_BYTES);
    assertEquals(damageOf(() => {}), [undefined, undefined]);
    const atEnd = "record 98 is not at the end of the ring";
    assertEquals(damageOf((words) => words[6] = 99), [atEnd, atEnd]);
    assertEquals(damageOf((words) => words[area + 6]! ^= 1), [undefined, "the record after 0 is damaged"]);
    assertEquals(damageOf((words) => words[32 + 50] = 0xffffffff), [
      undefined,
      "the record after 49 is damaged",
    ]);
    for (const next of [21, 21 + 3 * SEQ_JUMP]) {
      assertEquals(adopted([10, 11, 15, 16, 20], next).check.findDamage(), undefined);
    }
  },
);

pureTest("ring: a copy gives its records the numbers of another log, with holes and jumps", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const seqs = [5, 6, 9, 10, 11 + SEQ_JUMP, 14 + 2 * SEQ_JUMP];
  for (const seq of seqs) assertEquals(ring.appendAt(seq, timeOf(seq), payloadOf(seq, 40)), seq);
  assertEquals(readSamples(ring), seqs);
  assertEquals([ring.oldestSeq, ring.nextSeq], [5, seqs.at(-1)! + 1]);
  assertEquals([ring.firstSeqFrom(7), ring.lastSeqBefore(9), ring.lastSeqBefore(ring.nextSeq)], [
    9,
    6,
    seqs.at(-1),
  ]);
  assertEquals(ring.check.findDamage(), undefined);
  assertThrows(() => ring.appendAt(10, 1, payloadOf(10, 4)), AssertionFailure);
  assertEquals(ring.appendAt(ring.nextSeq + 1, 1, new Uint8Array(RING_MIN_BYTES)), RECORD_TOO_LARGE);
});

pureTest("ring: a copy refuses more holes than its index has room for, and goes on around the ring", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const slots = slotsOf(RING_MIN_BYTES);
  assertEquals(ring.appendAt(7 * slots, 1, payloadOf(7 * slots, 8)), 7 * slots); // an empty ring begins anywhere
  assertEquals(ring.appendAt(8 * slots, 1, payloadOf(8 * slots, 8)), SEQ_TOO_FAR);
  assertEquals(ring.nextSeq, 7 * slots + 1);
  let seq = 8 * slots - 1;
  assertEquals(ring.appendAt(seq, timeOf(seq), payloadOf(seq, 8)), seq);
  for (let lap = 0; lap < 5000; lap++) {
    seq += 1 + lap % 3;
    assertEquals(ring.appendAt(seq, timeOf(seq), payloadOf(seq, lap % 700 < 350 ? 8 : 200)), seq);
    assertEquals(ring.check.findEndDamage(), undefined);
  }
  assertEquals(ring.check.findDamage(), undefined);
  const held = readSamples(ring);
  assertEquals(held.at(-1), seq);
  assertEquals(held.length > 300, true);
});
