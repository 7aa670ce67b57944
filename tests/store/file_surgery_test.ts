/**
 * Ring files that something has been done to, opened as a server does: it opens, holds nothing that was not written,
 * loses no more than what was hit, says so, keeps a copy, and the next start finds it in order.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { recordBytes } from "../../lib/log/record.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { HEADER_PAGE_BYTES, HEADER_SLOT_BYTES } from "../../lib/store/ring_file/file_header.ts";
import { type OpenLog, openLog } from "../../lib/store/ring_file/open_log.ts";
import { isIntact } from "../../lib/store/ring_file/recovery_report.ts";
import { RingFileSyncer } from "../../lib/store/sync/ring_file_syncer.ts";
import { Random } from "../irc/property.ts";
import { appendSamples, isSame, lengthOf, readSamples } from "../log/samples.ts";
import { pureTest } from "../support/test.ts";
import { FakeDisk } from "./fake_disk.ts";

function surgeryTest(name: string, fn: (sound: Sound) => void, count = 100): void {
  pureTest(`file surgery: ${name}`, async () => fn(await soundFile(count)));
}

const DIR = "/data";
const PATH = `${DIR}/log.ring`;

interface Sound {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Numbers of the records in it. */
  readonly list: readonly number[];
  /** Where the next record would go, in the file. */
  readonly head: number;
}

/** The file of a server that ended in order after `count` records. */
async function soundFile(count: number): Promise<Sound> {
  const disk = new FakeDisk();
  const { ring } = open(disk);
  const syncer = new RingFileSyncer(ring, disk.target(PATH), (fn) => Promise.resolve(fn()));
  for (let left = count; left > 0; left -= 100) {
    appendSamples(ring, Math.min(left, 100));
    await syncer.runPass();
  }
  await syncer.finish();
  const head = HEADER_PAGE_BYTES + ring.position % ring.capacityBytes;
  return { bytes: disk.bytesAt(PATH).slice(), list: readSamples(ring), head };
}

function open(disk: FakeDisk): OpenLog {
  const log = openLog({ dir: DIR, capacityBytes: RING_MIN_BYTES, now: 0, disk });
  assert(log.kind === "ok", "opens");
  return log;
}

interface Found extends OpenLog {
  readonly list: number[];
  /** Numbers that are not there any more. */
  readonly lost: number[];
}

/** Opens `bytes`, and once more: what was found, after what holds of everything that can be found. */
function find(bytes: Uint8Array<ArrayBuffer>, { list: sound }: Sound, what: string): Found {
  const disk = new FakeDisk();
  disk.put(PATH, bytes.slice());
  const log = open(disk);
  const list = readSamples(log.ring); // each looked at
  const there = new Set(list);
  const lost = sound.filter((seq) => !there.has(seq));
  const left = sound.filter((seq) => there.has(seq));
  assert(list.join() === left.join(), `${what}: nothing but what was there, in order`);
  assertEquals(log.report.recovered, list.length, what);
  const inside = lost.filter((seq) => seq > (list[0] ?? 0));
  assert(
    log.report.newlyDamaged >= inside.length,
    `${what}: ${inside.length} are missing: ${log.reportLine}`,
  );
  assert(inside.length === 0 || !isIntact(log.report), `${what}: told: ${log.reportLine}`);
  if (!isIntact(log.report)) {
    assert(isSame(disk.bytesAt(`${PATH}.broken`), bytes), `${what}: the file as it was is kept`);
  }
  assert(log.ring.nextSeq > sound.at(-1)!, `${what}: no number twice`);
  const again = open(disk);
  assert(readSamples(again.ring).join() === list.join(), `${what}: as it was left`);
  assertEquals(again.report.newlyDamaged, 0, `${what}: told once`);
  return { ...log, list, lost };
}

for (const count of [100, 700]) {
  surgeryTest(`cut off at each byte of the last two of ${count} records`, (sound) => {
    const start = sound.head - recordBytes(lengthOf(count)) - recordBytes(lengthOf(count - 1));
    for (let cut = start; cut < sound.head; cut++) {
      const found = find(sound.bytes.slice(0, cut), sound, `cut at ${cut - start}`);
      assertEquals(found.report.cut, HEADER_PAGE_BYTES + RING_MIN_BYTES - cut);
      // Of a ring that went round the older part lay behind them.
      if (count === 100) assert(found.lost.length <= 2, found.reportLine);
      else assert(found.lost.every((seq) => seq < found.list[0]! || seq > count - 2), found.reportLine);
    }
  }, count);
}

surgeryTest("each bit of the file's two header slots", (sound) => {
  for (let bit = 0; bit < 84 * 8; bit += 3) {
    const bytes = sound.bytes.slice();
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    const one = find(bytes, sound, `bit ${bit} of slot 0`);
    assertEquals([one.lost.length, one.report.headerLost], [0, false]);
    bytes[HEADER_SLOT_BYTES + (bit >>> 3)]! ^= 1 << (bit & 7);
    if (bit >= 64 && bit < 96) continue; // the version, in both: a file of a later one
    const both = find(bytes, sound, `bit ${bit} of both slots`);
    assertEquals([both.lost.length, both.report.headerLost], [0, true]);
    assert(both.reportLine.includes("the header page is damaged"), both.reportLine);
  }
});

for (const block of [512, 4096]) {
  surgeryTest(`each block of ${block} bytes zeroed`, (sound) => {
    for (let at = 0; at < sound.bytes.length; at += block) {
      const bytes = sound.bytes.slice();
      bytes.fill(0, at, at + block);
      const { lost, reportLine } = find(bytes, sound, `zeroed at ${at}`);
      assert(lost.length <= 2 + block / 32, reportLine);
    }
  }, 700);

  surgeryTest(`blocks of ${block} bytes swapped, and written to the wrong place`, (sound) => {
    const random = new Random(block);
    const place = () => HEADER_PAGE_BYTES + random.below(RING_MIN_BYTES / block) * block;
    for (let run = 0; run < 60; run++) {
      const bytes = sound.bytes.slice();
      const from = place(), to = place();
      bytes.copyWithin(to, from, from + block);
      const twice = find(bytes, sound, `${from} written to ${to} as well`);
      assert(twice.lost.length <= 2 + block / 32, twice.reportLine);
      bytes.set(sound.bytes.subarray(to, to + block), from);
      const swapped = find(bytes, sound, `${from} and ${to} swapped`);
      assert(swapped.lost.length <= 2 * (2 + block / 32), swapped.reportLine);
    }
  }, 700);
}
