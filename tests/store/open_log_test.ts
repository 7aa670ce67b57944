import { assertEquals, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { RECORD_HEADER_BYTES, recordBytes } from "../../lib/log/record.ts";
import { type Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { type Disk, PLATFORM_DISK } from "../../lib/store/disk/disk.ts";
import { DiskFile } from "../../lib/store/disk/disk_file.ts";
import { HEADER_PAGE_BYTES, HEADER_SLOT_BYTES } from "../../lib/store/ring_file/file_header.ts";
import { type OpenLog, openLog, readLogFile } from "../../lib/store/ring_file/open_log.ts";
import type { OpenLogFault } from "../../lib/store/ring_file/open_log_fault.ts";
import { RingFileSyncer } from "../../lib/store/sync/ring_file_syncer.ts";
import { appendSamples, lengthOf, range, readSamples } from "../log/samples.ts";
import { tempDirTest } from "../support/test.ts";

const CAPACITY = RING_MIN_BYTES;

function open(dir: string, capacityBytes = CAPACITY): OpenLog {
  const outcome = openLog({ dir, capacityBytes, now: 1_700_000_000_000 });
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  return outcome;
}

/** The log in a smaller ring, whatever that drops. */
function shrunk(dir: string): OpenLog {
  const outcome = openLog({ dir, capacityBytes: CAPACITY, now: 1_700_000_000_000, shrink: true });
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  return outcome;
}

function syncerOf(ring: Ring, path: string): RingFileSyncer {
  const target = { open: () => DiskFile.open(path, "write"), create: () => {} };
  return new RingFileSyncer(ring, target, (fn) => Promise.resolve(fn()));
}

/** A server's life: opens the log, appends samples, and ends in order, or is cut off after a sync. */
async function serve(
  dir: string,
  count: number,
  end: "in order" | "cut off",
  capacity?: number,
): Promise<OpenLog> {
  const log = open(dir, capacity);
  appendSamples(log.ring, count);
  const syncer = syncerOf(log.ring, log.path);
  if (end === "in order") await syncer.finish();
  else {
    await syncer.runPass();
    syncer.close();
  }
  return log;
}

function edit(path: string, fn: (bytes: Uint8Array) => Uint8Array | void): void {
  const bytes = Deno.readFileSync(path);
  Deno.writeFileSync(path, fn(bytes) ?? bytes);
}

function faultOf(outcome: OpenLog | OpenLogFault): OpenLogFault {
  assert(outcome.kind !== "ok", "the log must not open");
  return outcome;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

tempDirTest("open log: the first time it is made, whole, for its owner alone", (dir) => {
  const log = open(dir);
  assertEquals([log.reportLine, log.ring.nextSeq, log.report.created], ["new, empty", 1, true]);
  assertEquals(log.path, `${dir}/log.ring`);
  const info = Deno.statSync(log.path);
  assertEquals(info.size, HEADER_PAGE_BYTES + CAPACITY);
  if (Deno.build.os !== "windows") assertEquals(info.mode! & 0o777, 0o600);
  assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["log.ring"]);
});

tempDirTest("open log: an impossible size is the caller's mistake", (dir) => {
  assertThrows(() => openLog({ dir, capacityBytes: 1000, now: 0 }), RangeError);
});

tempDirTest(
  "open log: a size that is only the default makes a file larger and never smaller: no record is dropped unasked",
  async (dir) => {
    await serve(dir, 20, "in order");
    const openWith = (capacityBytes: number) => {
      const log = openLog({ dir, capacityBytes, keepLarger: true, now: 0 });
      assert(log.kind === "ok", JSON.stringify(log));
      return {
        capacity: log.ring.capacityBytes,
        outgrown: log.report.outgrown,
        held: readSamples(log.ring).length,
      };
    };
    const grown = { capacity: 2 * CAPACITY, outgrown: 0, held: 20 };
    assertEquals(openWith(2 * CAPACITY), grown);
    assertEquals(openWith(CAPACITY), grown);
  },
);

tempDirTest(
  "open log: after an end in order all is there, under the same id, and numbers go on",
  async (dir) => {
    const first = await serve(dir, 100, "in order");
    const second = await serve(dir, 100, "in order");
    assertEquals([second.logId, second.reportLine], [first.logId, "100 records recovered"]);
    assertEquals(second.report.unclean, false);
    const third = open(dir);
    assertEquals(readSamples(third.ring), range(1, 201));
    assertEquals([third.ring.nextSeq, third.ring.durableSeq], [201, 201]);
  },
);

tempDirTest(
  "open log: a server that was cut off is told of, and its numbers are not given out again",
  async (dir) => {
    await serve(dir, 100, "cut off");
    const log = open(dir);
    assertEquals(
      log.reportLine,
      "100 records recovered; unclean shutdown: any records not yet synced to disk are lost",
    );
    assertEquals(log.ring.nextSeq, SEQ_JUMP + 101);
    assertEquals(log.ring.read(101), { kind: "missing", lost: 0, next: SEQ_JUMP + 101, why: "restart" });
    // cut off again, before any sync: the numbers since were given out all the same
    assertEquals(open(dir).ring.nextSeq, 2 * SEQ_JUMP + 101);
    assert(!exists(`${dir}/log.ring.broken`), "nothing is wrong with the file");
  },
);

tempDirTest("open log: a torn tail is cut off, after a copy of the file", async (dir) => {
  await serve(dir, 100, "in order");
  const before = open(dir).ring;
  const head = before.position % CAPACITY;
  const log = await serve(dir, 1, "cut off");
  const torn = log.ring.nextSeq - 1;
  edit(log.path, (bytes) => void (bytes[HEADER_PAGE_BYTES + head + 20]! ^= 1));
  const again = open(dir);
  assertEquals(again.report.torn, true);
  assertEquals(again.report.copy, `${log.path}.broken`);
  assert(again.reportLine.includes("an incomplete record at the end was dropped"), again.reportLine);
  assert(again.reportLine.includes(`the original file is kept as ${log.path}.broken`), again.reportLine);
  assertEquals(readSamples(again.ring), range(1, 101));
  assert(again.ring.nextSeq > torn, "its number is not given out again");
  Deno.removeSync(`${log.path}.broken`);
  const third = open(dir);
  assertEquals([third.report.torn, third.report.copy], [false, undefined]);
});

tempDirTest(
  "open log: records of the lap before, between those of which a power cut left one, are erased and never come back",
  async (dir) => {
    const size = 1024;
    const append = (ring: Ring, count: number) =>
      appendSamples(ring, count, () => size - RECORD_HEADER_BYTES);
    const first = open(dir);
    append(first.ring, CAPACITY / size);
    await syncerOf(first.ring, first.path).finish();
    const second = open(dir);
    const before = Deno.readFileSync(second.path);
    append(second.ring, 40); // 65 to 104, over 1 to 40
    await syncerOf(second.ring, second.path).finish();
    const last = HEADER_PAGE_BYTES + 39 * size;
    const after = Deno.readFileSync(second.path);
    before.set(after.subarray(last, last + size), last); // 104 alone has reached the disk
    Deno.writeFileSync(second.path, before);
    const third = open(dir);
    assertEquals(readSamples(third.ring), [...range(41, 65), 104]);
    append(third.ring, 25); // the last of them over 65, and so before the place of 2 to 39
    const list = readSamples(third.ring);
    await syncerOf(third.ring, third.path).finish();
    assertEquals(list.length, 26);
    assertEquals(readSamples(open(dir).ring), list);
  },
);

tempDirTest(
  "open log: damage in the middle costs what was damaged, is copied once, and the log goes on",
  async (dir) => {
    const { path } = await serve(dir, 3000, "in order");
    const sound = readLogFile(path);
    assert(sound.kind === "ok", "readable");
    const list = readSamples(sound.ring);
    const middle = list[300]!;
    edit(path, (bytes) => {
      const at = bytes.length / 2 >>> 0;
      bytes.fill(0xff, at, at + 600);
    });
    const log = open(dir);
    const { damaged } = log.report;
    assert(damaged >= 2 && damaged <= 1 + 600 / 32 + 1, log.reportLine);
    assertEquals(log.reportLine.split("; ")[1], `${damaged} records lost to damage in the file`);
    const left = readSamples(log.ring);
    assertEquals(left.length, list.length - damaged);
    const lost = list.filter((seq) => !left.includes(seq));
    assertEquals(lost, range(lost[0]!, lost[0]! + damaged));
    assertEquals(log.ring.read(lost[0]!), {
      kind: "missing",
      lost: damaged,
      next: lost[0]! + damaged,
      why: "damaged",
    });
    assert(middle > 0 && exists(`${path}.broken`), "the file as it was is kept");
    appendSamples(log.ring, 10);
    await syncerOf(log.ring, path).finish();
    Deno.removeSync(`${path}.broken`);
    const again = open(dir);
    assertEquals(readSamples(again.ring).slice(-10), range(3001, 3011));
    assertEquals([again.report.damaged, again.report.newlyDamaged, again.report.copy], [
      damaged,
      0,
      undefined,
    ]);
  },
);

tempDirTest("open log: a file that is too short is what is left of it", async (dir) => {
  const { path, ring } = await serve(dir, 200, "in order");
  const head = ring.position % CAPACITY;
  for (
    let cut = HEADER_PAGE_BYTES + head - 1;
    cut > HEADER_PAGE_BYTES + head - 3 * recordBytes(255);
    cut -= 97
  ) {
    const whole = Deno.readFileSync(path);
    edit(path, (bytes) => bytes.slice(0, cut));
    const log = open(dir);
    const left = readSamples(log.ring);
    assertEquals(left, range(1, left.length + 1));
    assert(left.length >= 190 && left.length + log.report.damaged === 200, log.reportLine);
    assertEquals(log.report.cut, HEADER_PAGE_BYTES + CAPACITY - cut);
    assertEquals(Deno.statSync(path).size, HEADER_PAGE_BYTES + CAPACITY);
    Deno.writeFileSync(path, whole);
  }
});

tempDirTest("open log: a lost header page costs the id, and no record", async (dir) => {
  const { path, logId } = await serve(dir, 200, "in order");
  edit(path, (bytes) => void bytes.fill(0, 0, HEADER_PAGE_BYTES));
  const log = open(dir);
  assertEquals(readSamples(log.ring), range(1, 201));
  assert(log.logId !== logId, "a new id");
  assertEquals([log.report.headerLost, log.ring.nextSeq], [true, SEQ_JUMP + 201]);
});

tempDirTest("open log: a torn header is no loss at all", async (dir) => {
  const { path, logId } = await serve(dir, 200, "cut off");
  edit(path, (bytes) => void bytes.fill(0, 0, HEADER_SLOT_BYTES));
  const log = open(dir);
  assertEquals([log.logId, readSamples(log.ring).length], [logId, 200]);
});

tempDirTest("open log: a file that is not ours is left alone", (dir) => {
  const path = `${dir}/log.ring`;
  for (const length of [5, HEADER_PAGE_BYTES, HEADER_PAGE_BYTES + CAPACITY]) {
    const bytes = new Uint8Array(length).fill(0x61);
    Deno.writeFileSync(path, bytes);
    const fault = { kind: "foreign", path, why: "it is not a ChatterBox ring file" };
    assertEquals(openLog({ dir, capacityBytes: CAPACITY, now: 0 }), fault);
    assertEquals(readLogFile(path), fault);
    assertEquals(Deno.readFileSync(path), bytes);
  }
});

tempDirTest("open log: a file of a later version is left alone", async (dir) => {
  const { path } = await serve(dir, 1, "in order");
  edit(path, (bytes) => void (bytes[8] = bytes[HEADER_SLOT_BYTES + 8] = 9));
  const fault = faultOf(openLog({ dir, capacityBytes: CAPACITY, now: 0 }));
  assertEquals([fault.kind, fault.why], [
    "wrong_version",
    "it has format version 9; this program supports 2",
  ]);
});

tempDirTest("open log: an empty file is as good as none", (dir) => {
  Deno.writeFileSync(`${dir}/log.ring`, new Uint8Array());
  assertEquals(open(dir).reportLine, "new, empty");
});

tempDirTest("open log: what the disk says is passed on", (dir) => {
  Deno.mkdirSync(`${dir}/log.ring`);
  const fault = faultOf(openLog({ dir, capacityBytes: CAPACITY, now: 0 }));
  assert(["unreadable", "unwritable"].includes(fault.kind) && fault.why !== "", JSON.stringify(fault));
  assertEquals(faultOf(openLog({ dir: `${dir}/none`, capacityBytes: CAPACITY, now: 0 })).kind, "unwritable");
  assertEquals(faultOf(readLogFile(`${dir}/none`)).why, "there is no such file");
});

tempDirTest(
  "open log: a larger buffer takes all, a smaller one the newest, under their numbers",
  async (dir) => {
    const { ring: old, logId } = await serve(dir, 3000, "in order");
    const list = readSamples(old);
    const larger = await serve(dir, 0, "in order", 4 * CAPACITY);
    assertEquals(readSamples(larger.ring), list);
    assertEquals([larger.logId, larger.ring.nextSeq, larger.report.outgrown], [logId, 3001, 0]);
    assertEquals(larger.reportLine, `${list.length} records recovered`);
    appendSamples(larger.ring, 2000);
    await syncerOf(larger.ring, larger.path).finish();
    const all = readSamples(larger.ring);
    const before = Deno.readFileSync(larger.path);
    const refused = faultOf(openLog({ dir, capacityBytes: CAPACITY, now: 0 }));
    assert(refused.kind === "too_small", "a record is dropped only where that is asked for");
    assertEquals([refused.records, refused.capacity], [all.length, 4 * CAPACITY]);
    assertEquals(Deno.readFileSync(larger.path), before);
    const smaller = shrunk(dir);
    const left = readSamples(smaller.ring);
    assertEquals(refused.dropped, all.length - left.length);
    const [copy] = smaller.report.larger;
    assertEquals(copy, `${larger.path}.before-20231114T221320Z`);
    assertEquals(Deno.readFileSync(copy!), before);
    assertEquals(Deno.statSync(copy!).mode! & 0o777, 0o600);
    assertEquals(left, all.slice(-left.length));
    const bytes = left.reduce((sum, seq) => sum + recordBytes(lengthOf(seq)), 0);
    assert(bytes > CAPACITY - recordBytes(255), "as many as fit");
    assertEquals([smaller.report.outgrown, smaller.report.resizedFrom], [
      all.length - left.length,
      4 * CAPACITY,
    ]);
    assertEquals(
      smaller.reportLine,
      `${left.length} records recovered; the ${
        all.length - left.length
      } records that do not fit the new size were dropped; the previous content is kept as ${copy}`,
    );
    assertEquals(Deno.statSync(smaller.path).size, HEADER_PAGE_BYTES + CAPACITY);
    appendSamples(smaller.ring, 300);
    await syncerOf(smaller.ring, smaller.path).finish();
    assertEquals(readSamples(open(dir).ring), readSamples(smaller.ring));
  },
);

tempDirTest(
  "open log: a record that is too large for the smaller buffer is left out, and told as missing",
  async (dir) => {
    const log = open(dir, 4 * CAPACITY);
    appendSamples(log.ring, 3, (seq) => seq === 2 ? CAPACITY / 4 : 50);
    await syncerOf(log.ring, log.path).finish();
    const smaller = shrunk(dir);
    assertEquals(readSamples(smaller.ring), [1, 3]);
    assertEquals([smaller.report.outgrown, smaller.ring.nextSeq], [1, 4]);
  },
);

tempDirTest(
  "open log: a smaller buffer that holds all is no loss: nothing is asked, and no copy made",
  async (dir) => {
    const { ring: old, path } = await serve(dir, 10, "in order", 4 * CAPACITY);
    const smaller = open(dir);
    assertEquals([readSamples(smaller.ring), smaller.ring.capacityBytes], [readSamples(old), CAPACITY]);
    assertEquals(smaller.reportLine, "10 records recovered");
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => `${dir}/${name}`), [path]);
  },
);

tempDirTest("open log: where the copy of the larger file cannot be made, nothing is dropped", async (dir) => {
  const { path } = await serve(dir, 3000, "in order", 4 * CAPACITY);
  const before = Deno.readFileSync(path);
  const disk: Disk = {
    ...PLATFORM_DISK,
    copy: () => {
      throw new Error("disk full");
    },
  };
  const fault = faultOf(openLog({ dir, capacityBytes: CAPACITY, now: 0, shrink: true, disk }));
  assertEquals([fault.kind, fault.why], ["unwritable", "disk full"]);
  assertEquals(Deno.readFileSync(path), before);
});

tempDirTest(
  "open log: the database beside a larger file is copied with it: they belong together",
  async (dir) => {
    await serve(dir, 3000, "in order", 4 * CAPACITY);
    Deno.writeTextFileSync(`${dir}/state.sqlite`, "facts");
    const outcome = openLog({
      dir,
      capacityBytes: CAPACITY,
      now: 1_700_000_000_000,
      shrink: true,
      database: { id: "00".repeat(16), saves: 0 },
    });
    assert(outcome.kind === "ok", JSON.stringify(outcome));
    assertEquals(Deno.readTextFileSync(outcome.report.larger[1]!), "facts");
  },
);

tempDirTest("open log: a reader of the file changes nothing, and needs no server's leave", async (dir) => {
  const { path } = await serve(dir, 100, "cut off");
  const before = Deno.readFileSync(path);
  const log = readLogFile(path);
  assert(log.kind === "ok", "readable");
  assertEquals(readSamples(log.ring), range(1, 101));
  assertEquals([log.reportLine, log.ring.nextSeq], ["100 records recovered", 101]);
  assertEquals(Deno.readFileSync(path), before);
  assertEquals([...Deno.readDirSync(dir)].length, 1);
});
