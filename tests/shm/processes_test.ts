/** Two processes: one appends, one reads; the writer is killed in the middle, and another one takes over. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LogReader } from "../../lib/log/log_reader.ts";
import { Ring } from "../../lib/log/ring.ts";
import { RingCopy } from "../../lib/log/ring_copy.ts";
import { LOCK_NB, LOCK_SH } from "../../lib/shm/libc.ts";
import type { MappedSegment } from "../../lib/shm/shared_segment.ts";
import { ENDED, SEGMENT_HEADER_BYTES, STATE_OFFSET } from "../../lib/shm/segment_header.ts";
import { assertSample } from "../log/samples.ts";
import { endOf } from "../support/guard.ts";
import { loadLibc, open, segmentTest, startProgram } from "./segments.ts";

function startWriter(name: string): Promise<Deno.ChildProcess> {
  return startProgram("program_writer.ts", "made", name);
}

async function kill(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await endOf(child);
}

function openWritten(name: string): MappedSegment {
  const opened = open(name);
  assert(opened.kind === "ok", JSON.stringify(opened));
  return opened.segment;
}

/** Reads on until `count` records were read: each once, in order and whole, or it is told as overwritten. */
function readOn(reader: LogReader, count: number, refresh: () => void): void {
  for (let read = 0; read < count;) {
    const expected = reader.cursor;
    const outcome = reader.next();
    if (outcome.kind === "ok") {
      assertSample(outcome, expected);
      read++;
    } else if (outcome.kind === "missing") {
      assertEquals([outcome.why, outcome.next - outcome.lost], ["overwritten", expected]);
    } else refresh();
  }
}

/** Reads up to the newest record. */
function readRest(reader: LogReader): void {
  for (let outcome = reader.next(); outcome.kind !== "empty"; outcome = reader.next()) {
    if (outcome.kind === "ok") assertSample(outcome, reader.cursor - 1);
    else assertEquals(outcome.kind === "missing" && outcome.why, "overwritten");
  }
}

segmentTest(
  "a reader beside a writer reads each record once, whole, or is told that it was overwritten",
  async (name) => {
    const writer = await startWriter(name);
    const segment = openWritten(name);
    const ring = Ring.open(segment.buffer, segment.info.ringBytes)!;
    readOn(new LogReader(ring, 1), 20_000, () => {});
    assertEquals(segment.isRunning(), true);
    await kill(writer);
    segment.close();
  },
);

segmentTest("a copy by reads at positions holds the same, beside the writer too", async (name) => {
  const writer = await startWriter(name);
  const segment = openWritten(name);
  const libc = loadLibc();
  const fd = libc.shmOpen(name, 0);
  const copy = RingCopy.open(segment.info.ringBytes, (offset, into) => {
    assertEquals(libc.readAt(fd, SEGMENT_HEADER_BYTES + offset, into), into.length);
  })!;
  readOn(new LogReader(copy.ring, copy.ring.oldestSeq), 20_000, () => copy.refresh());
  await kill(writer);
  copy.refresh();
  const ring = Ring.open(segment.buffer, segment.info.ringBytes)!;
  assertEquals([copy.ring.oldestSeq, copy.ring.nextSeq], [ring.oldestSeq, ring.nextSeq]);
  for (let seq = ring.oldestSeq; seq < ring.nextSeq; seq++) assertEquals(copy.ring.read(seq), ring.read(seq));
  libc.close(fd);
  segment.close();
});

segmentTest(
  "a writer killed at any moment leaves whole records, its readers see its end, the next one takes over",
  async (name) => {
    const libc = loadLibc();
    for (let round = 0; round < 5; round++) {
      const writer = await startWriter(name);
      const segment = openWritten(name);
      const reader = new LogReader(Ring.open(segment.buffer, segment.info.ringBytes)!, 1);
      readOn(reader, 500 * round, () => {});
      writer.kill("SIGSTOP");
      assertEquals(segment.isRunning(), true, "a stopped process has not ended");
      await kill(writer);
      assertEquals(segment.isRunning(), false);
      readRest(reader);
      const fd = libc.shmOpen(name, 0);
      libc.lock(fd, LOCK_SH | LOCK_NB); // as a reader does that asks whether the writer lives
      const next = await startWriter(name);
      const state = new Uint32Array(1);
      libc.readAt(fd, STATE_OFFSET, new Uint8Array(state.buffer));
      assertEquals(state[0], ENDED, "marked, for readers that cannot ask for the lock");
      libc.close(fd);
      assertEquals(segment.isRunning(), false);
      assertEquals(openWritten(name).isRunning(), true);
      readRest(reader);
      await kill(next);
      segment.close();
    }
  },
);
