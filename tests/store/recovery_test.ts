import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { RECORD_MIN_BYTES, RecordArea, recordBytes } from "../../lib/log/record.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { recover, type RecoveredRecords } from "../../lib/store/ring_file/recovery.ts";
import { Random } from "../irc/property.ts";
import { appendSamples, lengthOf, payloadOf, range, readSamples, timeOf } from "../log/samples.ts";
import { pureTest } from "../support/test.ts";

const LIMIT = Number.MAX_SAFE_INTEGER;

/** A ring with `count` samples appended. */
function filled(count: number, length = lengthOf): Ring {
  const ring = Ring.create(RING_MIN_BYTES);
  appendSamples(ring, count, length);
  return ring;
}

/** A copy of the data area, to be damaged. */
function areaOf(ring: Ring): RecordArea {
  return new RecordArea(ring.area.bytes.slice().buffer, 0, ring.capacityBytes);
}

function recovered(area: RecordArea, synced: number): RecoveredRecords & { list: number[] } {
  const found = recover(area, { synced, oldest: 0, limit: LIMIT });
  const list = [...found.seqs.subarray(0, found.count)];
  for (let i = 0; i < list.length; i++) {
    const seq = list[i]!;
    assertEquals(area.timeAt(found.offsets[i]!), timeOf(seq));
    const payload = area.copy(found.offsets[i]!, seq)?.payload;
    assertEquals(payload, payloadOf(seq, payload?.length ?? 0), `record ${seq} is what was written`);
  }
  return { ...found, list };
}

/** A server that takes over what was recovered: the log reads as it should, and goes on. */
function goesOn(area: RecordArea, found: RecoveredRecords): void {
  const ring = Ring.create(area.capacity);
  ring.area.bytes.set(area.bytes);
  const nextSeq = found.newest + 1;
  ring.restoreContents({ ...found, nextSeq });
  assertEquals(readSamples(ring), [...found.seqs.subarray(0, found.count)]);
  appendSamples(ring, 20);
  const list = readSamples(ring);
  assertEquals(list.slice(-20), range(nextSeq, nextSeq + 20));
  const again = recover(ring.area, { synced: 0, oldest: 0, limit: LIMIT });
  assertEquals([...again.seqs.subarray(0, again.count)].slice(-list.length), list);
}

pureTest("recover: an empty area holds an empty log", () => {
  const found = recovered(new RecordArea(new ArrayBuffer(RING_MIN_BYTES), 0, RING_MIN_BYTES), 1);
  assertEquals(found.list, []);
  assertEquals([found.newest, found.head, found.damaged, found.unfinished, found.torn], [
    0,
    0,
    0,
    0,
    undefined,
  ]);
});

pureTest("recover: whatever was appended is found, in every phase of the lap", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  for (let i = 0; i < 150; i++) {
    appendSamples(ring, 13);
    const found = recovered(ring.area, ring.nextSeq);
    const list = readSamples(ring);
    assertEquals(found.list.slice(-list.length), list);
    assertEquals([found.damaged, found.unfinished, found.torn], [0, 0, undefined]);
    assertEquals([found.newest, found.head], [
      ring.nextSeq - 1,
      (ring.position - 1) % ring.capacityBytes + 1,
    ]);
  }
});

for (const count of [50, 2000]) {
  pureTest(`recover: a cut at every byte of the last of ${count} records takes that one only`, () => {
    const length = 77;
    const ring = filled(count, () => length);
    const whole = recovered(ring.area, count);
    const start = whole.head - recordBytes(length);
    assertEquals(whole.list.at(-1), count);
    for (let cut = start; cut < start + 24 + length; cut++) {
      const area = areaOf(ring);
      area.bytes.fill(0, cut, whole.head);
      if (area.validRecordBytesAt(start) > 0) continue; // what was cut off was zero anyway
      const found = recovered(area, count); // the last one was not synced
      assertEquals(found.list, whole.list.slice(0, -1), `cut at ${cut - start}`);
      assertEquals([found.newest, found.damaged, found.unfinished], [count - 1, 0, 0]);
      if (cut >= start + 16) assertEquals(found.torn, start);
      if (cut % 8 === 0) goesOn(area, found);
    }
  });
}

pureTest("recover: a flipped bit in a middle record takes that one only", () => {
  const count = 2000;
  const ring = filled(count);
  const whole = recovered(areaOf(ring), count + 1);
  const middle = whole.count >>> 1;
  const lost = whole.seqs[middle]!;
  const start = whole.offsets[middle]!;
  const size = 24 + lengthOf(lost);
  const area = areaOf(ring);
  for (let bit = 0; bit < size * 8; bit++) {
    area.bytes[start + (bit >>> 3)]! ^= 1 << (bit & 7);
    const found = recover(area, { synced: count + 1, oldest: 0, limit: LIMIT });
    assertEquals(found.count, whole.count - 1, `bit ${bit}`);
    assertEquals(found.seqs.subarray(0, found.count).indexOf(lost), -1);
    assertEquals([found.damaged, found.unfinished, found.torn], [1, 0, undefined]);
    if (bit % 64 === 0) goesOn(area, found);
    area.bytes[start + (bit >>> 3)]! ^= 1 << (bit & 7);
  }
});

pureTest("recover: damage to what had not been synced is an unfinished sync", () => {
  const ring = filled(100, () => 100);
  ring.area.bytes.fill(0, 89 * 128, 95 * 128); // 90 to 95
  const found = recovered(ring.area, 93);
  assertEquals(found.list, [...range(1, 90), ...range(96, 101)]);
  assertEquals([found.damaged, found.unfinished], [3, 3]);
});

pureTest("recover: synced records missing at the end are damage", () => {
  const ring = filled(100, () => 100);
  ring.area.bytes.fill(0, 96 * 128);
  const found = recovered(ring.area, 101);
  assertEquals([found.newest, found.damaged, found.torn], [96, 4, undefined]);
  ring.area.bytes.fill(0);
  assertEquals(recovered(ring.area, 101).damaged, 100);
});

pureTest("recover: a torn record at the start of the ring, behind one that fills it to the end", () => {
  const ring = filled(64, () => 1000);
  ring.append(1, payloadOf(65, 1000));
  ring.area.bytes[500]! ^= 1;
  const found = recovered(ring.area, 65);
  assertEquals([found.newest, found.torn], [64, 0]);
});

pureTest(
  "recover: what was begun behind the newest record is torn where it had not been synced, and damage where it had",
  () => {
    const ring = filled(10, () => 100);
    ring.area.bytes[9 * 128 + 60]! ^= 1; // in the payload of record 10
    const of = ({ newest, damaged, torn }: RecoveredRecords) => [newest, damaged, torn];
    assertEquals(of(recovered(ring.area, 10)), [9, 0, 9 * 128]);
    assertEquals(of(recovered(ring.area, 11)), [9, 1, undefined]);
  },
);

pureTest(
  "recover: the first number that nobody can have given out is none of the log's, the one before it is",
  () => {
    const { area } = filled(10, () => 100);
    const newest = (limit: number) => recover(area, { synced: 1, oldest: 0, limit }).newest;
    assertEquals([newest(11), newest(10)], [10, 9]);
  },
);

pureTest("recover: bytes of ours with a number that nobody can have given out are none of the log's", () => {
  const ring = filled(100, () => 100);
  ring.area.write(40 * 128, 2 ** 40, timeOf(2 ** 40), payloadOf(0, 100));
  const found = recover(ring.area, { synced: 101, oldest: 0, limit: SEQ_JUMP });
  assertEquals([found.newest, found.count, found.damaged], [100, 99, 1]);
});

pureTest("recover: the newer lap wins over what an unfinished sync left of the older one", () => {
  const size = 1024;
  const old = filled(64, () => size - 24); // 1 to 64 fill the ring
  const ring = filled(64, () => size - 24);
  appendSamples(ring, 40, () => size - 24); // 65 to 104 lie over 1 to 40
  const area = areaOf(old);
  area.bytes.set(ring.area.bytes.subarray(39 * size, 40 * size), 39 * size); // 104 alone reached the disk
  const found = recovered(area, 65);
  assertEquals(found.list, [...range(41, 65), 104]);
  assertEquals([found.damaged, found.unfinished], [0, 39]);
});

pureTest(
  "recover: what the ring gave up at the end of a lap does not come back, though the record that begins the next lap is torn",
  () => {
    const smallest = () => 0;
    const ring = filled(3000, smallest); // more than a lap
    const { maxPayloadBytes } = ring.area;
    while (ring.capacityBytes - ring.position % ring.capacityBytes > maxPayloadBytes) {
      appendSamples(ring, 1, smallest);
    }
    appendSamples(ring, 1, () => maxPayloadBytes); // does not fit before the end, where many small ones lie
    const left = readSamples(ring);
    const area = areaOf(ring);
    area.bytes.fill(0xff, 0, 64);
    assertEquals(recovered(area, 0).list, left.slice(0, -1));
  },
);

pureTest("recover: what is older than the ring can reach back is no part of the log", () => {
  const area = areaOf(Ring.create(RING_MIN_BYTES));
  const write = (offset: number, seq: number) => area.write(offset, seq, timeOf(seq), payloadOf(seq, 8));
  for (let i = 0; i < 10; i++) write(i * 32, 5000 + i);
  write(4096, 1); // between it and the newest there is room for 1920 records, not for 5000
  write(8192, 3300);
  const found = recovered(area, 1);
  assertEquals(found.list, [3300, ...range(5000, 5010)]);
  goesOn(area, found);
});

pureTest("recover: a log over a restart's jump is found in order", () => {
  const ring = filled(600);
  const found = recovered(ring.area, 601);
  const next = 601 + SEQ_JUMP;
  ring.restoreContents({ ...found, nextSeq: next });
  for (let i = 0; i < 30; i++) {
    appendSamples(ring, 17);
    const list = readSamples(ring);
    const again = recovered(ring.area, ring.nextSeq);
    assertEquals(again.list.slice(-list.length), list);
    assertEquals([again.damaged, again.unfinished], [0, 0]);
  }
});

pureTest("recover: blocks zeroed, doubled, swapped, overwritten: never an error, never an invention", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = new Random(seed);
    const ring = filled(100 + random.below(2000));
    const whole = new Set(recovered(ring.area, 1).list);
    const area = areaOf(ring);
    for (let n = 1 + random.below(4); n > 0; n--) damage(area.bytes, random);
    const found = recovered(area, ring.nextSeq);
    assert(found.list.every((seq) => whole.has(seq)), `seed ${seed}: only what was there`);
    assert(found.list.every((seq, i) => i === 0 || seq > found.list[i - 1]!), `seed ${seed}: in order`);
    assert(found.list.length > 0, `seed ${seed}: a few blocks do not cost the log`);
    goesOn(area, found);
  }
});

function damage(bytes: Uint8Array, random: Random): void {
  const block = random.pick([8, 64, 512, 4096]);
  const place = () => random.below(bytes.length / block) * block;
  const from = place(), to = place();
  const first = bytes.slice(from, from + block), second = bytes.slice(to, to + block);
  switch (random.below(4)) {
    case 0:
      return void bytes.fill(0, from, from + block);
    case 1:
      return void bytes.set(first, to);
    case 2:
      bytes.set(second, from);
      return void bytes.set(first, to);
    default:
      for (let i = 0; i < block; i++) bytes[from + i] = random.below(256);
  }
}

pureTest("recover: a header with more synced records than the file has room for has a damaged number", () => {
  const area = areaOf(filled(100));
  const most = area.capacity / RECORD_MIN_BYTES;
  const outcomes = [101 + most, 102 + most, 16_449_892].map((synced) => {
    const { damaged, isEndUncounted, missing } = recovered(area, synced);
    return [damaged, isEndUncounted, missing];
  });
  assertEquals(outcomes, [[most, false, most], [0, true, 0], [0, true, 0]]);
});
