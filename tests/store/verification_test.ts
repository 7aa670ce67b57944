import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { recordBytes } from "../../lib/log/record.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { DiskFile } from "../../lib/store/disk/disk_file.ts";
import { HEADER_PAGE_BYTES, HEADER_SLOT_BYTES } from "../../lib/store/ring_file/file_header.ts";
import { openLog } from "../../lib/store/ring_file/open_log.ts";
import type { OpenLog } from "../../lib/store/ring_file/open_log.ts";
import { RingFileSyncer } from "../../lib/store/sync/ring_file_syncer.ts";
import type { Verification } from "../../lib/store/ring_file/verification.ts";
import { isSound, verifyLogFile } from "../../lib/store/ring_file/verification.ts";
import { appendSamples, lengthOf } from "../log/samples.ts";
import { tempDirTest } from "../support/test.ts";

function open(dir: string): OpenLog {
  const outcome = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: 1_700_000_000_000 });
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  return outcome;
}

function syncerOf({ ring, path }: OpenLog): RingFileSyncer {
  const target = { open: () => DiskFile.open(path, "write"), create: () => {} };
  return new RingFileSyncer(ring, target, (fn) => Promise.resolve(fn()));
}

/** A server's life: opens the log, appends samples of `length` bytes, ends in order or is cut off after a sync. */
async function serve(
  dir: string,
  count: number,
  end: "in order" | "cut off" = "in order",
  length: (seq: number) => number = () => 40,
): Promise<string> {
  const log = open(dir);
  appendSamples(log.ring, count, length);
  const syncer = syncerOf(log);
  if (end === "in order") await syncer.finish();
  else {
    await syncer.runPass();
    syncer.close();
  }
  return log.path;
}

function edit(path: string, fn: (bytes: Uint8Array) => Uint8Array | void): void {
  const bytes = Deno.readFileSync(path);
  Deno.writeFileSync(path, fn(bytes) ?? bytes);
}

const never = () => Promise.reject(new Error("one look is enough"));

async function verify(path: string, pause: () => Promise<void> = never): Promise<Verification> {
  const before = Deno.readFileSync(path);
  const outcome = await verifyLogFile(path, pause);
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  if (pause === never) assertEquals(Deno.readFileSync(path), before, "nothing is changed");
  return outcome.found;
}

/** Where record `seq` of {@link serve}'s lies, as long as the ring has not gone round. */
function at(seq: number): number {
  return HEADER_PAGE_BYTES + (seq - 1) * recordBytes(40);
}

tempDirTest("verify: a log that was closed in order is sound, in every phase of the lap", async (dir) => {
  for (let life = 0; life < 40; life++) {
    const path = await serve(dir, 97, life % 3 === 0 ? "cut off" : "in order", lengthOf);
    const found = await verify(path);
    assertEquals([isSound(found), found.holes], [true, []], `life ${life}`);
    assert(found.records > 0, "there are records");
  }
});

tempDirTest("verify: what there is, in numbers", async (dir) => {
  const path = await serve(dir, 20);
  const found = await verify(path);
  assertEquals([found.records, found.oldest.seq, found.newest.seq, found.cutOffs], [20, 1, 20, 0]);
  assertEquals([found.header?.clean, found.slots], [true, ["whole", "whole"]]);
  assertEquals(found.oldest.time, 1_700_000_000_001);
});

tempDirTest(
  "verify: a new file is sound, and so is one of a server that was cut off after a sync",
  async (dir) => {
    const { path } = open(dir);
    const empty = await verify(path);
    assertEquals([isSound(empty), empty.records, empty.slots], [true, 0, ["empty", "whole"]]);
    await serve(dir, 5, "cut off");
    const found = await verify(await serve(dir, 5, "cut off"));
    assertEquals([isSound(found), found.header?.clean, found.cutOffs], [true, false, 1]);
  },
);

tempDirTest("verify: damage in the middle, at the old end, at the new end: which records", async (dir) => {
  const path = await serve(dir, 20);
  edit(path, (bytes) => {
    for (const seq of [1, 2, 7, 20]) bytes[at(seq) + 30]! ^= 1;
  });
  const found = await verify(path);
  assertEquals(isSound(found), false);
  assertEquals(found.holes, [{ firstSeq: 1, count: 2 }, { firstSeq: 7, count: 1 }, {
    firstSeq: 20,
    count: 1,
  }]);
  assertEquals([found.damaged, found.damagedBefore, found.records], [4, 0, 16]);
});

tempDirTest("verify: damage that was known when the file was last opened is still damage", async (dir) => {
  const path = await serve(dir, 20);
  edit(path, (bytes) => void (bytes[at(7) + 30]! ^= 1));
  await serve(dir, 3);
  const found = await verify(path);
  assertEquals([isSound(found), found.damaged, found.damagedBefore], [false, 1, 1]);
});

tempDirTest("verify: a damaged slot, a lost header, a short file", async (dir) => {
  const path = await serve(dir, 20);
  const whole = Deno.readFileSync(path);
  edit(path, (bytes) => void (bytes[HEADER_SLOT_BYTES + 20]! ^= 1));
  const oneSlot = await verify(path, () => Promise.resolve());
  assertEquals([isSound(oneSlot), oneSlot.slots, oneSlot.damaged], [false, ["whole", "damaged"], 0]);
  edit(path, (bytes) => void bytes.fill(1, 0, HEADER_PAGE_BYTES));
  const lost = await verify(path, () => Promise.resolve());
  assertEquals([isSound(lost), lost.header, lost.records], [false, undefined, 20]);
  Deno.writeFileSync(path, whole.subarray(0, whole.length - 1000));
  const short = await verify(path);
  assertEquals([isSound(short), short.cut], [false, 1000]);
});

tempDirTest(
  "verify: a sync that was cut off is told; one at work, seen in its middle, is none",
  async (dir) => {
    const path = await serve(dir, 20, "cut off");
    const whole = Deno.readFileSync(path);
    edit(path, (bytes) => void (bytes[at(20) + 30]! ^= 1));
    let pauses = 0;
    const stays = await verify(path, () => Promise.resolve(void pauses++));
    assertEquals([isSound(stays), stays.torn, stays.changing, pauses], [false, true, false, 2]);
    const done = await verify(path, () => Promise.resolve(Deno.writeFileSync(path, whole)));
    assertEquals([isSound(done), done.torn], [true, false]);
    edit(path, (bytes) => void (bytes[at(20) + 30]! ^= 1));
    const busy = await verify(path, async () => {
      await serve(dir, 2, "cut off");
      edit(path, (bytes) => void (bytes[at(22) + 30]! ^= 1)); // the newest, over and over
    });
    assertEquals(busy.changing, true);
  },
);

tempDirTest("verify: what is no ring file, of another version, or not there", async (dir) => {
  const path = `${dir}/x`;
  Deno.writeTextFileSync(path, "hello".repeat(20_000));
  assertEquals((await verifyLogFile(path, never)).kind, "foreign");
  Deno.writeTextFileSync(path, "");
  assertEquals((await verifyLogFile(path, never)).kind, "foreign");
  assertEquals(await verifyLogFile(`${dir}/none`, never), {
    kind: "unreadable",
    why: "there is no such file",
  });
  const log = await serve(dir, 1);
  edit(log, (bytes) => {
    for (const slot of [0, HEADER_SLOT_BYTES]) bytes[slot + 8] = 9;
  });
  assertEquals((await verifyLogFile(log, never)).kind, "wrong_version");
});
