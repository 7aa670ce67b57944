/**
 * Lives of a log on a disk that fails, lies, dies, and loses its power. Whatever happens: the log opens again, holds
 * nothing that was not appended, all that was called durable, and says what it found.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { RECORD_MIN_BYTES, recordBytes } from "../../lib/log/record.ts";
import { type Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { HEADER_PAGE_BYTES } from "../../lib/store/ring_file/file_header.ts";
import { type OpenLog, openLog } from "../../lib/store/ring_file/open_log.ts";
import { RingFileSyncer } from "../../lib/store/sync/ring_file_syncer.ts";
import { Random } from "../irc/property.ts";
import { appendSamples, isSample, lengthOf } from "../log/samples.ts";
import { pureTest } from "../support/test.ts";
import { type Call, FakeDisk, type Fault, FAULTS } from "./fake_disk.ts";

const DIR = "/data";
const PATH = `${DIR}/log.ring`;
const SMALL = RING_MIN_BYTES;
const LARGE = 2 * RING_MIN_BYTES;

/** One disk, the servers that live on it one after the other, and what they have promised. */
class World {
  readonly disk = new FakeDisk();
  readonly given = new Set<number>();
  /** Numbers of the records that were called durable and not overwritten since. */
  promised: number[] = [];
  /** Since the last life without a lie in it. */
  lied = false;
  /** When it was opened last. */
  #capacity = 0;
  /** The smallest that was asked for since, whatever came of it. */
  #least = Infinity;

  constructor(readonly name: string) {}

  check(held: boolean, what: string): void {
    assert(held, `${this.name}: ${what}`);
  }

  /** Opens the log and checks it against what was promised; undefined when the disk does not let it. */
  open(capacityBytes: number): OpenLog | undefined {
    const log = openLog({ dir: DIR, capacityBytes, shrink: true, now: 0, disk: this.disk });
    this.#least = Math.min(this.#least, capacityBytes);
    if (log.kind !== "ok") {
      // Where the disk lied there may be nothing left in the file to know it by.
      const known = ["unreadable", "unwritable", ...(this.lied ? ["foreign"] : [])].includes(log.kind);
      this.check(known && log.why !== "", `${log.kind}: ${log.why}`);
      return undefined;
    }
    const list = this.listOf(log.ring);
    this.check(log.report.created || log.report.recovered === list.length, `tells of ${list.length} records`);
    this.check(list.every((seq) => this.given.has(seq)), "nothing invented");
    this.check(list.every((seq, at) => at === 0 || seq > list[at - 1]!), "in order");
    if (!this.lied) {
      const there = new Set(list);
      const missing = this.promised.filter((seq) => !there.has(seq));
      const holes = (list.at(-1)! - list[0]! + 1) % SEQ_JUMP - list.length; // they keep a place
      const bytes = list.reduce((sum, seq) => sum + recordBytes(lengthOf(seq)), holes * RECORD_MIN_BYTES);
      const full = this.#least < this.#capacity && bytes > this.#least - recordBytes(255);
      const outgrown = full && missing.every((seq) => seq < list[0]!);
      this.check(
        missing.length === 0 || outgrown,
        `lost ${missing.length} durable records: ${log.reportLine}`,
      );
      this.check(!this.given.has(log.ring.nextSeq), "no number twice");
    }
    this.promised = list;
    this.#capacity = capacityBytes;
    this.#least = Infinity;
    return log;
  }

  /** Numbers of the records in `ring`, each looked at. */
  listOf(ring: Ring): number[] {
    const list: number[] = [];
    for (let seq = ring.oldestSeq; seq < ring.nextSeq;) {
      const record = ring.read(seq);
      if (record.kind === "empty") break;
      if (record.kind === "ok") {
        const { payload, time } = record;
        const same = payload.length === lengthOf(seq) && isSample(seq, time, payload);
        this.check(same, `record ${seq} is what was written`);
        list.push(seq);
      }
      seq = record.kind === "ok" ? seq + 1 : record.next;
    }
    return list;
  }

  append(ring: Ring, count: number): void {
    for (; count > 0; count--) {
      this.given.add(ring.nextSeq);
      appendSamples(ring, 1);
    }
  }

  /** A server that appends, syncs after each of `batches`, whatever comes of it, and ends without a word. */
  async serve(log: OpenLog, batches: readonly number[], whileCopying = () => {}): Promise<void> {
    const { ring } = log;
    const withLock = <T>(fn: () => T) => {
      whileCopying();
      return Promise.resolve(fn());
    };
    const syncer = new RingFileSyncer(ring, this.disk.target(PATH), withLock, 16_384);
    for (const count of batches) {
      this.append(ring, count);
      await syncer.runPass().catch(() => {}); // the next one makes it good
    }
    this.lied ||= this.disk.lied;
    const { durableSeq } = ring;
    this.promised = this.listOf(ring).filter((seq) => seq < durableSeq);
  }
}

/** How the log stands when the trouble comes, and what size the server wants of it. */
const SCENES: Record<string, { before: (world: World) => Promise<void>; capacity: number }> = {
  "a new folder": { before: () => Promise.resolve(), capacity: SMALL },
  "the same size": { before: (world) => firstLife(world, SMALL), capacity: SMALL },
  "a larger size": { before: (world) => firstLife(world, SMALL), capacity: LARGE },
  "a smaller size": { before: (world) => firstLife(world, LARGE), capacity: SMALL },
  "a damaged file": {
    before: async (world) => {
      await firstLife(world, SMALL);
      const bytes = world.disk.bytesAt(PATH).slice();
      bytes.fill(0, 2048, HEADER_PAGE_BYTES); // a header slot
      bytes.fill(0, HEADER_PAGE_BYTES + 50_000, HEADER_PAGE_BYTES + 50_300); // records in the middle
      world.disk.put(PATH, bytes);
      const copy = new FakeDisk();
      copy.put(PATH, bytes);
      const left = openLog({ dir: DIR, capacityBytes: SMALL, now: 0, disk: copy });
      assert(left.kind === "ok" && left.report.newlyDamaged > 0, "there is damage to be told of");
      world.promised = world.listOf(left.ring);
    },
    capacity: SMALL,
  },
};

async function firstLife(world: World, capacity: number): Promise<void> {
  await world.serve(world.open(capacity)!, [300, 200, 150]);
  world.disk.powerCut(new Random(1));
}

/** Calls of the disk that a life in a scene makes: to go through them one by one. */
async function callsOf(scene: string): Promise<Call[]> {
  const calls: Call[] = [];
  await lifeIn(scene, "counting", (disk) => {
    disk.meanwhile = (call) => calls.push(call);
  });
  return calls;
}

async function lifeIn(scene: string, name: string, trouble: (disk: FakeDisk) => void): Promise<World> {
  const { before, capacity } = SCENES[scene]!;
  const world = new World(`${scene}, ${name}`);
  await before(world);
  world.disk.calls = 0;
  trouble(world.disk);
  const log = world.open(capacity);
  world.lied ||= world.disk.lied;
  if (log !== undefined) await world.serve(log, [40, 60]);
  return world;
}

for (const scene of Object.keys(SCENES)) {
  pureTest(`hard times: ${scene}: one fault at any call of the disk, then a power cut`, async () => {
    const calls = await callsOf(scene);
    assert(calls.length > 12, "it does much");
    for (let at = 0; at < calls.length; at++) {
      for (const fault of FAULTS) {
        if (fault === "lie" && !calls[at]!.startsWith("sync")) continue;
        const name = `${fault} at ${calls[at]}, call ${at}`;
        const trouble = (disk: FakeDisk) => disk.fault = (_, number) => number === at ? fault : undefined;
        const world = await lifeIn(scene, name, trouble);
        if (at % 2 === 0) world.disk.powerCut(new Random(at));
        else world.disk.restart();
        const log = world.open(SCENES[scene]!.capacity);
        assert(log !== undefined, `${name}: opens again`);
        assert(!world.disk.names.includes(`${PATH}.new`), `${name}: nothing is left behind`);
        await world.serve(log, [20]);
        world.disk.powerCut(new Random(at));
        assert(world.open(SCENES[scene]!.capacity) !== undefined, `${name}: and again`);
      }
    }
  });
}

pureTest("hard times: faults of all kinds, at random, life after life", async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = new Random(seed);
    const world = new World(`seed ${seed}`);
    const faults: Fault[] = random.chance(3) ? [...FAULTS] : ["error", "short", "late", "kill"];
    for (let life = 0; life < 6; life++) {
      const oneIn = random.pick([4, 12, 40]);
      world.disk.fault = () => random.chance(oneIn) ? random.pick(faults) : undefined;
      const log = world.open(random.pick([SMALL, SMALL, SMALL, LARGE]));
      world.lied ||= world.disk.lied;
      if (log !== undefined) {
        const slow = random.pick([0, 0, 30, 700]); // what is appended while the disk is at work
        world.disk.meanwhile = () => world.append(log.ring, random.below(slow + 1));
        const copying = () => world.append(log.ring, random.below(slow + 1));
        await world.serve(log, [random.below(300), random.below(2000), random.below(50)], copying);
      }
      if (random.chance(3)) world.disk.restart();
      else world.disk.powerCut(random);
    }
    assert(world.open(SMALL) !== undefined || world.lied, `seed ${seed}: opens`);
  }
});

pureTest(
  "hard times: a ring that goes round while a slow pass is at work: what is durable is found, and the next pass makes it whole",
  async () => {
    for (const phase of ["read", "write", "sync"] as const) {
      const world = new World(`slow ${phase}`);
      const log = world.open(SMALL)!;
      await world.serve(log, [300]);
      let laps = 0;
      world.disk.meanwhile = (call) => {
        if (call !== phase) return;
        laps++;
        world.append(log.ring, 1500); // three times round
      };
      await world.serve(log, [100]);
      assert(laps > 0 && log.ring.position > 3 * SMALL, "it went round");
      const { promised } = world;
      world.disk.powerCut(new Random(1));
      const copy = world.disk.bytesAt(PATH).slice();
      assert(world.open(SMALL) !== undefined, "opens in the middle");
      world.disk.put(PATH, copy);
      world.promised = promised;
      await world.serve(log, [5]);
      assertEquals(world.promised, world.listOf(log.ring), "all that the ring holds is durable again");
      world.disk.powerCut(new Random(2));
      assertEquals(world.listOf(world.open(SMALL)!.ring), world.promised);
    }
  },
);

pureTest(
  "hard times: after an fsync that failed, what the system only holds for written is written once more by the next server",
  async () => {
    for (const lost of [50, 1]) {
      const world = new World("fsync");
      const log = world.open(SMALL)!;
      await world.serve(log, [50]);
      world.disk.fault = (call) => call === "sync" ? "error" : undefined;
      await world.serve(log, [lost]);
      assertEquals(log.ring.durableSeq, 51);
      world.disk.restart(); // killed: the system still shows what it did not save
      assertEquals(world.listOf(world.open(SMALL)!.ring).length, 50 + lost);
      world.disk.powerCut(new Random(1));
      assertEquals(world.listOf(world.open(SMALL)!.ring).length, 50 + lost);
    }
  },
);

pureTest(
  "hard times: what the next server had not made durable before it was killed is not called damage",
  async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const world = new World(`seed ${seed}`);
      const log = world.open(SMALL)!;
      world.disk.fault = (call) => call === "sync" ? "error" : undefined;
      await world.serve(log, [100]);
      world.disk.restart();
      let syncs = 0;
      world.disk.fault = (call) => call === "sync" && ++syncs === 1 + seed % 2 ? "kill" : undefined;
      assertEquals(world.open(SMALL), undefined);
      world.disk.powerCut(new Random(seed));
      const { report, reportLine } = world.open(SMALL)!;
      assertEquals(report.newlyDamaged, 0, reportLine);
    }
  },
);

pureTest(
  "hard times: a copy that can't be made is told, and leaves the one before it as it was",
  async () => {
    const world = new World("copy");
    await world.serve(world.open(SMALL)!, [400]);
    const broken = `${PATH}.broken`;
    world.disk.put(broken, new Uint8Array(3));
    for (const call of ["copy", "sync", "rename"] as const) {
      world.disk.restart();
      let failed = false;
      world.disk.fault = (now) => now === call && !failed ? (failed = true, "short") : undefined;
      world.disk.bytesAt(PATH).fill(0, HEADER_PAGE_BYTES + 20_000, HEADER_PAGE_BYTES + 20_100);
      world.lied = true; // what is lost is lost
      const log = world.open(SMALL)!;
      if (failed && log.report.newlyDamaged > 0) {
        assertEquals(log.report.copyFailed, `No space left on device at ${call}`);
        assert(log.reportLine.includes("the original file could not be copied"), log.reportLine);
      }
      assertEquals(world.disk.names, [PATH, broken]);
      assertEquals(world.disk.bytesAt(broken).length, 3);
      world.disk.bytesAt(PATH).fill(0, HEADER_PAGE_BYTES + 30_000, HEADER_PAGE_BYTES + 30_100);
    }
  },
);

pureTest(
  "hard times: what a change of size that was cut off left behind is removed when the size is the old one again",
  async () => {
    const world = new World("left behind");
    await world.serve(world.open(SMALL)!, [100]);
    world.disk.fault = (call) => call === "rename" ? "kill" : undefined;
    assertEquals(world.open(LARGE), undefined);
    assertEquals(world.disk.names, [PATH, `${PATH}.new`]);
    world.disk.restart();
    assertEquals(world.listOf(world.open(SMALL)!.ring).length, 100);
    assertEquals(world.disk.names, [PATH]);
  },
);
