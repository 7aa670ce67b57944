import { assertEquals } from "@std/assert";
import { LogReader } from "../../lib/log/log_reader.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { inTime } from "../support/guard.ts";
import { pureTest } from "../support/test.ts";
import { appendSamples, assertSample } from "./samples.ts";

pureTest("reader: ok, ok, empty, and ok again when there is more", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const reader = new LogReader(ring, 1);
  assertEquals(reader.next(), { kind: "empty" });
  appendSamples(ring, 2, () => 5);
  assertSample(reader.next(), 1);
  assertEquals(reader.next().kind, "ok");
  assertEquals(reader.next().kind, "empty");
  assertEquals(reader.cursor, 3);
  appendSamples(ring, 1);
  assertEquals(reader.next().kind, "ok");
});

pureTest("reader: a reader that was lapped hears by how many, and goes on at the oldest", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const reader = new LogReader(ring, 1);
  appendSamples(ring, 3000);
  const oldest = ring.oldestSeq;
  assertEquals(reader.next(), { kind: "missing", lost: oldest - 1, next: oldest, why: "overwritten" });
  for (let seq = oldest; seq < 3001; seq++) {
    assertSample(reader.next(), seq);
  }
  assertEquals(reader.next().kind, "empty");
});

pureTest("reader: a wait leaves nothing behind in the signal that could have ended it", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  appendSamples(ring, 1);
  const { signal } = new AbortController();
  const added: unknown[] = [];
  signal.addEventListener = (_: string, listener: unknown) => void added.push(listener);
  signal.removeEventListener = (_: string, listener: unknown) =>
    void added.splice(added.indexOf(listener), 1);
  for (let time = 0; time < 3; time++) await new LogReader(ring, 1).waitForMore(signal);
  assertEquals(added, []);
});

pureTest("reader: every record is told or counted as lost, however slow the reader", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const reader = new LogReader(ring, 1);
  let told = 0;
  for (let i = 0; i < 3000; i++) {
    appendSamples(ring, i % 7);
    const outcome = reader.next();
    if (outcome.kind === "ok") told++;
    else if (outcome.kind === "missing") told += outcome.lost;
    assertEquals(reader.cursor, told + 1);
  }
});

/** Runs `fn` in a process that has more to do than to wait for the ring, as a server has. */
async function alive(fn: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 1000);
  try {
    await fn();
  } finally {
    clearInterval(timer);
  }
}

pureTest(
  "reader: waiting ends at the wake after a batch, at once where there is something, and when aborted",
  () =>
    alive(async () => {
      const ring = Ring.create(RING_MIN_BYTES);
      const reader = new LogReader(ring, 1);
      const waiting = [reader.waitForMore(), new LogReader(ring, 1).waitForMore()];
      appendSamples(ring, 1);
      ring.wakeReaders();
      await Promise.all(waiting);
      await reader.waitForMore();
      reader.next();
      const control = new AbortController();
      const aborted = reader.waitForMore(control.signal);
      control.abort();
      await aborted;
      assertEquals(reader.next().kind, "empty");
      await reader.waitForMore(AbortSignal.abort());
    }),
);

pureTest(
  "reader: a record that another thread appends right after the look ends the wait",
  () =>
    alive(async () => {
      const ring = Ring.create(RING_MIN_BYTES);
      let looks = 0;
      const watched = new Proxy(ring, {
        get(target, key) {
          const value = Reflect.get(target, key, target);
          if (key === "nextSeq" && ++looks === 1) {
            appendSamples(target, 1);
            target.wakeReaders();
          }
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      await inTime("the record", new LogReader(watched, 1).waitForMore());
      assertEquals([looks, ring.nextSeq], [2, 2]);
    }),
);

pureTest("reader: a wake without more is no end of waiting", () =>
  alive(async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const order: string[] = [];
    const later = new LogReader(ring, 2).waitForMore().then(() => order.push("the second is there"));
    const sooner = new LogReader(ring, 1).waitForMore().then(() => order.push("the first is there"));
    appendSamples(ring, 1);
    ring.wakeReaders();
    await sooner;
    appendSamples(ring, 1);
    ring.wakeReaders();
    await later;
    assertEquals(order, ["the first is there", "the second is there"]);
  }));

Deno.test({
  name: "reader: one thread reads what another overwrites, and never gets a wrong record",
  permissions: { read: true },
  async fn() {
    const ring = Ring.create(RING_MIN_BYTES);
    const worker = new Worker(new URL("./overwriter.ts", import.meta.url), { type: "module" });
    worker.postMessage(ring.buffer);
    const reader = new LogReader(ring, 1);
    let read = 0, laps = 0, expected = 1;
    while (read < 20_000 || laps < 20) {
      const outcome = reader.next();
      if (outcome.kind === "empty") {
        await reader.waitForMore();
        continue;
      }
      if (outcome.kind === "ok") {
        assertSample(outcome, expected++);
        read++;
      } else {
        assertEquals([outcome.why, outcome.lost], ["overwritten", outcome.next - expected]);
        expected = outcome.next;
        laps++;
      }
    }
    worker.terminate();
  },
});
