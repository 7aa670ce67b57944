import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { RingDamage } from "../../lib/log/ring_header.ts";
import {
  encodeHeaderSlot,
  type FileHeader,
  HEADER_PAGE_BYTES,
  slotOffset,
} from "../../lib/store/ring_file/file_header.ts";
import { type LoadedRingFile, nextSeqAfter } from "../../lib/store/ring_file/ring_file.ts";
import { RingFileSyncer } from "../../lib/store/sync/ring_file_syncer.ts";
import { Random } from "../irc/property.ts";
import { appendSamples, range, readSamples } from "../log/samples.ts";
import { pureTest } from "../support/test.ts";
import { headerOf, MemoryDisk } from "./memory_disk.ts";

const CAPACITY = RING_MIN_BYTES;

interface Rig {
  ring: Ring;
  disk: MemoryDisk;
  syncer: RingFileSyncer;
  /** Is run each time before the lock is granted. */
  meanwhile: () => void;
  locked: boolean;
}

function rig(copyBytes?: number): Rig {
  const ring = Ring.create(CAPACITY);
  const disk = new MemoryDisk(headerOf(CAPACITY));
  const rig = { ring, disk, meanwhile: () => {}, locked: false } as Rig;
  const withLock = <T>(fn: () => T): Promise<T> => {
    rig.meanwhile();
    rig.locked = true;
    const result = fn();
    rig.locked = false;
    return Promise.resolve(result);
  };
  rig.syncer = new RingFileSyncer(ring, disk, withLock, copyBytes);
  return rig;
}

function listOf({ found }: LoadedRingFile): number[] {
  return [...found.seqs.subarray(0, found.count)];
}

/** The disk has what the ring has, and all of it is durable. */
function assertSynced({ ring, disk }: Rig): void {
  assertEquals(ring.durableSeq, ring.nextSeq);
  assertEquals(ring.syncedPosition, ring.position);
  assertEquals(disk.safe.subarray(HEADER_PAGE_BYTES), new Uint8Array(ring.area.bytes));
}

pureTest("syncer: a pass brings the file up to the ring, and only what is new", async () => {
  const one = rig();
  let written = 0;
  one.disk.before = (call, length) => written += call === "write" ? length : 0;
  for (const count of [5, 1, 0, 300, 700, 2]) {
    appendSamples(one.ring, count);
    written = 0;
    const { position, syncedPosition } = one.ring;
    await one.syncer.runPass();
    assertSynced(one);
    const news = Math.min(position - syncedPosition, CAPACITY);
    assertEquals(written, count === 0 ? 0 : news + 2048);
  }
  assertEquals(one.disk.opened, 1);
});

pureTest(
  "syncer: a ring that went round since the last pass is copied whole, however often it did",
  async () => {
    const one = rig(4096);
    for (const count of [3000, 9000, 20]) {
      appendSamples(one.ring, count);
      await one.syncer.runPass();
      assertSynced(one);
      assertEquals(listOf(one.disk.load()).slice(-20), range(one.ring.nextSeq - 20, one.ring.nextSeq));
    }
  },
);

pureTest("syncer: the log goes on during a pass: the disk is never waited for under the lock", async () => {
  const one = rig(4096);
  one.disk.before = () => assert(!one.locked, "no call of the disk under the lock");
  for (let round = 0; round < 40; round++) {
    appendSamples(one.ring, 1 + round * 20);
    const wanted = one.ring.nextSeq;
    one.meanwhile = () => appendSamples(one.ring, round % 30);
    await one.syncer.runPass();
    one.meanwhile = () => {};
    assert(one.ring.durableSeq >= wanted, "what was there when it began is durable");
    const list = listOf(one.disk.load());
    const live = readSamples(one.ring).filter((seq) => seq < one.ring.durableSeq);
    assert(live.every((seq) => list.includes(seq)), "and is in the file");
  }
  await one.syncer.runPass();
  assertSynced(one);
});

pureTest(
  "syncer: any call of the disk may fail: nothing is called durable, and the next pass makes it good",
  async () => {
    for (let failing = 1; failing <= 6; failing++) {
      const one = rig(16_384);
      appendSamples(one.ring, 5000);
      let calls = 0;
      one.disk.before = (call) => {
        if (++calls === failing) throw new Error(`no ${call}`);
      };
      await assertRejects(() => one.syncer.runPass(), Error, "no ");
      assertEquals(one.ring.durableSeq, 1);
      appendSamples(one.ring, 5);
      await one.syncer.runPass();
      assertSynced(one);
    }
  },
);

pureTest(
  "syncer: an fsync that failed may have thrown away what was written: it is written again",
  async () => {
    const one = rig();
    appendSamples(one.ring, 100);
    await one.syncer.runPass();
    appendSamples(one.ring, 100);
    one.disk.before = (call) => {
      if (call !== "sync") return;
      one.disk.bytes = one.disk.safe.slice();
      throw new Error("disk error");
    };
    await assertRejects(() => one.syncer.runPass(), Error, "disk error");
    assertEquals(one.ring.durableSeq, 101);
    one.disk.before = () => {};
    await one.syncer.runPass();
    assertSynced(one);
  },
);

pureTest(
  "syncer: a file that was removed is an error once, nothing is durable; then it is made anew, whole",
  async () => {
    const one = rig();
    appendSamples(one.ring, 3000);
    await one.syncer.runPass();
    one.disk.present = false;
    await assertRejects(() => one.syncer.runPass(), Error, "the ring file is lost: it was removed");
    assertEquals(one.ring.durableSeq, one.ring.oldestSeq);
    await one.syncer.runPass();
    assertSynced(one);
    assertEquals(listOf(one.disk.load()), readSamples(one.ring));
  },
);

pureTest("syncer: what is in the file's place is not overwritten", async () => {
  const one = rig();
  appendSamples(one.ring, 10);
  await one.syncer.runPass();
  one.syncer.close();
  one.disk.create({ ...headerOf(CAPACITY), logId: 8n });
  await assertRejects(() => one.syncer.runPass(), Error, "not this log's ring file");
  one.disk.create(headerOf(CAPACITY * 2));
  await assertRejects(() => one.syncer.runPass(), Error, "not this log's ring file");
  one.disk.bytes.fill(0x41);
  await assertRejects(() => one.syncer.runPass(), Error, "not this log's ring file");
});

pureTest("syncer: the end in order is marked, and numbers then go on without a jump", async () => {
  const one = rig();
  appendSamples(one.ring, 10);
  await one.syncer.runPass();
  const cutOff = one.disk.load();
  assertEquals([cutOff.header?.clean, cutOff.header?.synced], [false, 1]); // told by the next pass
  appendSamples(one.ring, 10);
  await one.syncer.finish();
  const { header, found } = one.disk.load();
  assertEquals([header?.clean, header?.synced], [true, 21]);
  assertEquals(nextSeqAfter(found, header), 21);
});

pureTest("syncer: an end during which something was appended is none in order", async () => {
  const one = rig();
  appendSamples(one.ring, 10);
  let isLate = false;
  one.disk.before = (call) => {
    if (call !== "sync" || isLate) return;
    isLate = true;
    appendSamples(one.ring, 1);
  };
  await one.syncer.finish();
  const { header, found } = one.disk.load();
  assertEquals([header?.clean, header?.synced], [false, 11]);
  assert(
    nextSeqAfter(found, header) > one.ring.nextSeq,
    "the number of the one that is lost is not given again",
  );
});

pureTest("syncer: the database's mark is written again where it is not known to be on disk", async () => {
  const one = rig();
  appendSamples(one.ring, 1);
  await one.syncer.runPass();
  const mark = { id: "d".repeat(32), saves: 3 };
  one.syncer.noteDatabase(mark);
  one.disk.before = (call) => {
    if (call === "sync") throw new Error("the disk failed");
  };
  await assertRejects(() => one.syncer.saveMark(), Error, "the disk failed");
  const calls: string[] = [];
  one.disk.before = (call) => calls.push(call);
  await one.syncer.saveMark();
  await one.syncer.saveMark();
  assertEquals([calls, one.disk.load().header?.database], [["write", "sync", "read", "read"], mark]);
});

/** A server on `disk`, which was cut off before: what openLog does, in memory. */
function restart(disk: MemoryDisk): Ring {
  const { ring, found, header } = disk.load();
  const nextSeq = nextSeqAfter(found, header);
  assert(header !== undefined, "the header is there");
  const renewed: FileHeader = {
    ...header,
    clean: false,
    generation: header.generation + 1,
    synced: nextSeq,
    boot: nextSeq,
    missing: found.missing,
    oldest: found.seqs[0] ?? nextSeq,
  };
  disk.bytes.set(encodeHeaderSlot(renewed), slotOffset(renewed));
  disk.safe = disk.bytes.slice();
  ring.restoreContents({ ...found, nextSeq });
  return ring;
}

pureTest(
  "syncer: cut off at any moment: what was durable is there, once, in order, and no number is given twice",
  async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = new Random(seed);
      const disk = new MemoryDisk(headerOf(CAPACITY));
      const given = new Set<number>();
      for (let life = 0; life < 6; life++) {
        const ring = life === 0 ? Ring.create(CAPACITY) : restart(disk);
        const append = (most: number) => {
          for (let n = random.below(most); n > 0; n--) {
            assert(!given.has(ring.nextSeq), `seed ${seed}: ${ring.nextSeq} is new`);
            given.add(ring.nextSeq);
            appendSamples(ring, 1);
          }
        };
        let calls = random.below(40);
        disk.before = () => {
          if (calls-- === 0) throw new Error("power cut");
        };
        const withLock = <T>(fn: () => T) => {
          if (random.chance(3)) append(60);
          return Promise.resolve(fn());
        };
        const syncer = new RingFileSyncer(ring, disk, withLock, random.pick([4096, 20_000, CAPACITY]));
        const run = async () => {
          for (;;) {
            append(random.pick([3, 50, 400, 2000]));
            await syncer.runPass();
          }
        };
        await assertRejects(run, Error, "power cut");
        disk.before = () => {};
        const power = random.chance(2); // else only the process died, and the kernel has what was written
        if (power) disk.cut(random);
        const list = listOf(disk.load());
        const promised = readSamples(ring).filter((seq) => seq < ring.durableSeq);
        const there = new Set(list);
        assert(promised.every((seq) => there.has(seq)), `seed ${seed}, life ${life}: all that was promised`);
        assert(list.every((seq) => given.has(seq)), `seed ${seed}, life ${life}: nothing invented`);
        assert(there.size === list.length, `seed ${seed}, life ${life}: nothing twice`);
        const { found, header } = disk.load();
        if (!power) assert(found.damaged <= header!.missing, `seed ${seed}, life ${life}: no damage`);
      }
    }
  },
);

pureTest(
  "syncer: cut off at any moment: of a server that shows only what is on disk no number that was shown is given again",
  async () => {
    let [lives, jumps] = [0, 0];
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Random(seed);
      const disk = new MemoryDisk({ ...headerOf(CAPACITY), syncsFirst: true });
      const shown = new Set<number>();
      for (let life = 0; life < 6; life++, lives++) {
        const newest = disk.load().found.newest;
        const ring = life === 0 ? Ring.create(CAPACITY) : restart(disk);
        if (ring.nextSeq !== newest + 1) jumps++;
        assert(Math.max(...shown, 0) < ring.nextSeq, `seed ${seed}: ${ring.nextSeq} was not shown before`);
        let calls = random.below(40);
        const syncer = new RingFileSyncer(ring, disk, (fn) => Promise.resolve(fn()), CAPACITY);
        disk.before = () => {
          if (calls-- === 0) throw new Error("power cut");
        };
        const run = async () => {
          for (;;) {
            appendSamples(ring, 1 + random.below(20));
            await syncer.runPass();
            for (const seq of readSamples(ring)) shown.add(seq);
          }
        };
        await assertRejects(run, Error, "power cut");
        disk.before = () => {};
        if (random.chance(2)) disk.cut(random);
      }
    }
    assert(jumps < lives / 2, `${jumps} of ${lives} starts leave a gap`);
  },
);

pureTest(
  "syncer: what is shown although it could not be saved counts as lost at the next start",
  async () => {
    const disk = new MemoryDisk({ ...headerOf(CAPACITY), syncsFirst: true });
    const ring = Ring.create(CAPACITY);
    const syncer = new RingFileSyncer(ring, disk, (fn) => Promise.resolve(fn()), CAPACITY);
    appendSamples(ring, 3);
    await syncer.runPass();
    assertEquals(restart(disk).nextSeq, 4);
    appendSamples(ring, 2);
    let writes = 0;
    disk.before = (call) => {
      if (call === "write" && ++writes === 2) throw new Error("I/O error"); // the records, not the header
    };
    await assertRejects(() => syncer.runPass(), Error, "I/O error");
    syncer.noteUnsynced();
    assertEquals(restart(disk).nextSeq, SEQ_JUMP + 4);
  },
);

pureTest("syncer: that something unsaved is shown is noted as soon as the disk takes that", async () => {
  const disk = new MemoryDisk({ ...headerOf(CAPACITY), syncsFirst: true });
  const ring = Ring.create(CAPACITY);
  const syncer = new RingFileSyncer(ring, disk, (fn) => Promise.resolve(fn()), CAPACITY);
  appendSamples(ring, 3);
  await syncer.runPass();
  appendSamples(ring, 2);
  let isRefused = (call: string) => call !== "read";
  disk.before = (call) => {
    if (isRefused(call)) throw new Error("I/O error");
  };
  await assertRejects(() => syncer.runPass(), Error, "I/O error");
  assertThrows(() => syncer.noteUnsynced(), Error, "I/O error");
  isRefused = (call) => call === "sync"; // it takes writes again, and forgets them
  await assertRejects(() => syncer.runPass(), Error, "I/O error");
  isRefused = () => false;
  const { synced, oldest } = disk.load().header!;
  new Int32Array(ring.buffer).fill(300, 4, 6); // `oldest`, as it may be in a ring that is damaged
  syncer.noteUnsynced();
  disk.bytes = disk.safe.slice(); // the power fails
  const { header } = disk.load();
  assertEquals({ ...header, syncsFirst: false, synced, oldest }, header);
  assert(restart(disk).nextSeq > SEQ_JUMP, "no number is given twice");
});

pureTest("syncer: the numbers of a ring that is damaged are not written", async () => {
  const one = rig();
  appendSamples(one.ring, 10);
  await one.syncer.runPass();
  appendSamples(one.ring, 10);
  const words = new Int32Array(one.ring.buffer);
  words[6] = 300; // `next`, as a ring of that size can have it
  const before = one.disk.safe.slice();
  for (const act of [() => one.syncer.runPass(), () => one.syncer.finish()]) {
    await assertRejects(act, RingDamage, "record 299 is not at the end of the ring");
    assertEquals(one.disk.safe, before);
  }
  words[6] = 21;
  await one.syncer.runPass();
  assertSynced(one);
});

pureTest("syncer: records beyond the limit stay out of the file, wherever in the ring they are", async () => {
  const random = new Random(20);
  for (let run = 0; run < 20; run++) {
    const one = rig(random.pick([4096, 1 << 20]));
    const { ring } = one;
    ring.syncLimit.set(ring.nextSeq);
    for (let round = 0; round < 60; round++) {
      // Half of the ring at most is not committed.
      if (
        ring.bytesUntilOverwritten(ring.syncLimit.seq) > CAPACITY / 2 || ring.syncLimit.seq === ring.nextSeq
      ) {
        appendSamples(ring, 1 + random.below(100));
      }
      if (!random.chance(3)) {
        ring.syncLimit.set(ring.syncLimit.seq + random.below(ring.nextSeq - ring.syncLimit.seq + 1));
      }
      await one.syncer.runPass();
      assertEquals(ring.durableSeq, ring.syncLimit.seq);
      const found = listOf(one.disk.load());
      assert(found.every((seq) => seq < ring.syncLimit.seq), "a record beyond the limit is in the file");
      const live = readSamples(ring).filter((seq) => seq < ring.syncLimit.seq);
      assertEquals(found.slice(found.length - live.length), live);
    }
  }
});
