import { assertEquals, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { recordBytes } from "../../lib/log/record.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { DiskFile } from "../../lib/store/disk/disk_file.ts";
import { recover, type RecoveredRecords } from "../../lib/store/ring_file/recovery.ts";
import {
  loadRingFile,
  nextSeqAfter,
  resizeRing,
  writeRingFile,
} from "../../lib/store/ring_file/ring_file.ts";
import { appendSamples, lengthOf, range } from "../log/samples.ts";
import { pureTest } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { headerOf, MemoryDisk } from "./memory_disk.ts";

const LIMIT = Number.MAX_SAFE_INTEGER;

function listOf({ count, seqs }: RecoveredRecords): number[] {
  return [...seqs.subarray(0, count)];
}

pureTest("ring file: the next number goes on after an end in order, and leaps after any other", () => {
  const found = { newest: 99, unfinished: 0, torn: undefined } as RecoveredRecords;
  const header = { ...headerOf(RING_MIN_BYTES), clean: true, synced: 100 };
  assertEquals(nextSeqAfter(found, header), 100);
  assertEquals(nextSeqAfter(found, { ...header, clean: false }), SEQ_JUMP + 100);
  assertEquals(nextSeqAfter(found, undefined), SEQ_JUMP + 100);
  // synced records are missing at the end: their numbers are taken
  assertEquals(nextSeqAfter(found, { ...header, synced: 105 }), SEQ_JUMP + 100);
  // servers that died before their first sync have given out numbers as well
  assertEquals(nextSeqAfter(found, { ...header, clean: false, boot: SEQ_JUMP + 100 }), 2 * SEQ_JUMP + 100);
  const late = { ...header, clean: false, boot: SEQ_JUMP + 100, synced: 3 * SEQ_JUMP + 7 };
  assertEquals(nextSeqAfter(found, late), 4 * SEQ_JUMP + 100);
});

pureTest(
  "ring file: the number of a server that showed only what was on disk goes on, if its end is whole",
  () => {
    const found = { newest: 99, unfinished: 0, torn: undefined } as RecoveredRecords;
    const header = { ...headerOf(RING_MIN_BYTES), syncsFirst: true, synced: 90 };
    assertEquals(nextSeqAfter(found, header), 100);
    assertEquals(nextSeqAfter(found, { ...header, synced: 100 }), 100);
    // some of its last sync may be missing, of which clients were told
    assertEquals(nextSeqAfter(found, { ...header, synced: 101 }), SEQ_JUMP + 100);
    assertEquals(nextSeqAfter({ ...found, unfinished: 1 }, header), SEQ_JUMP + 100);
    assertEquals(nextSeqAfter({ ...found, torn: 8 }, header), SEQ_JUMP + 100);
  },
);

pureTest("ring file: a disk that fails while it is read is not taken for an empty one", () => {
  const disk = new MemoryDisk(headerOf(RING_MIN_BYTES));
  disk.before = () => {
    throw new Error("I/O error");
  };
  assertThrows(() => loadRingFile(disk), Error, "I/O error");
});

pureTest("ring file: resized, the newest that fit are there, whatever holes there are", () => {
  const ring = Ring.create(4 * RING_MIN_BYTES);
  appendSamples(ring, 3000);
  const { area } = ring;
  area.bytes.fill(0, 100_000, 180_000);
  const found = recover(area, { synced: 3001, oldest: 0, limit: LIMIT });
  for (const capacity of [RING_MIN_BYTES, 2 * RING_MIN_BYTES, 4 * RING_MIN_BYTES, 8 * RING_MIN_BYTES]) {
    const kept = recover(resizeRing(area, found, capacity).area, { synced: 3001, oldest: 0, limit: LIMIT });
    assertEquals(listOf(kept), listOf(found).slice(-kept.count));
    const bytes = listOf(kept).reduce((sum, seq) => sum + recordBytes(lengthOf(seq)), 0);
    assert(kept.count === found.count || bytes > capacity - recordBytes(255), "as many as fit");
  }
});

pureTest(
  "ring file: what lies before missing numbers near the end is there after a resize, and after the next start",
  () => {
    for (const missing of [1, 12, 500]) {
      const ring = Ring.create(2 * RING_MIN_BYTES);
      appendSamples(ring, 1000, () => 8);
      ring.area.bytes.fill(0, (997 - missing) * 32, 997 * 32);
      const known = { synced: 1001, oldest: 0, limit: LIMIT };
      const found = recover(ring.area, known);
      assertEquals(found.count, 1000 - missing);
      assertEquals(listOf(recover(resizeRing(ring.area, found, RING_MIN_BYTES).area, known)), listOf(found));
    }
  },
);

pureTest("ring file: a hole larger than a small ring's index ends what it takes over", () => {
  const ring = Ring.create(32 * RING_MIN_BYTES);
  appendSamples(ring, 20_000, () => 8);
  ring.area.bytes.fill(0, 100 * 32, 19_900 * 32);
  const found = recover(ring.area, { synced: 20_001, oldest: 0, limit: LIMIT });
  assertEquals(found.count, 200);
  const small = resizeRing(ring.area, found, RING_MIN_BYTES);
  assertEquals(
    listOf(recover(small.area, { synced: 20_001, oldest: 0, limit: LIMIT })),
    range(19_901, 20_001),
  );
});

Deno.test({
  name: "ring file: it is written whole beside the old one, then put in its place",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir((dir) => {
      const path = `${dir}/log.ring`;
      Deno.writeTextFileSync(path, "old");
      Deno.writeTextFileSync(`${path}.new`, "left by one that died");
      const ring = Ring.create(RING_MIN_BYTES);
      appendSamples(ring, 100);
      const header = { ...headerOf(RING_MIN_BYTES), clean: true, synced: 101 };
      writeRingFile(path, header, ring.area.bytes);
      assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["log.ring"]);
      const file = DiskFile.open(path, "read");
      const loaded = loadRingFile(file);
      file.close();
      assert(loaded.kind === "ok", "loads");
      assertEquals(loaded.header, header);
      assertEquals(listOf(loaded.found), range(1, 101));
    }),
});
