import { assertEquals, assertThrows } from "@std/assert";
import { AssertionFailure } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { SendQueue } from "../../lib/net/send_queue.ts";
import type { Writer } from "../../lib/net/send_queue.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const decoder = new TextDecoder();

/** A connection whose writes end when the test says so. */
class SlowWriter {
  written = "";
  writes = 0;
  /** What has been taken of a write before it ends. */
  taken = 0;
  pending: { bytes: Uint8Array; resolve: (taken: number) => void; reject: (error: unknown) => void }[] = [];

  write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    return new Promise((resolve, reject) => this.pending.push({ bytes, resolve, reject }));
  }

  /** The kernel takes `count` bytes, or all, of the write in flight. */
  async take(count = Infinity): Promise<void> {
    const write = this.pending.shift()!;
    const taken = Math.min(count, write.bytes.length);
    this.written += decoder.decode(write.bytes.subarray(0, taken));
    write.resolve(taken);
    await Promise.resolve();
  }
}

function queue(maxBytes = 1000): { writer: SlowWriter; queue: SendQueue; errors: unknown[] } {
  const writer = new SlowWriter();
  const errors: unknown[] = [];
  return { writer, errors, queue: new SendQueue(writer, maxBytes, (error) => errors.push(error)) };
}

pureTest("one write is in flight; what gathers behind it goes out as the next one", async () => {
  const { writer, queue: sending } = queue();
  for (const text of ["a", "b", "c"]) sending.push([encodeUtf8(text)]);
  assertEquals([writer.pending.length, sending.bytes], [1, 3]);
  await writer.take();
  await writer.take();
  assertEquals([writer.written, writer.writes, sending.bytes], ["abc", 2, 0]);
});

pureTest("a push that would exceed the bound is refused whole", async () => {
  const { writer, queue: sending } = queue(10);
  assertEquals(sending.push([encodeUtf8("12345"), encodeUtf8("6789")]), true);
  assertEquals(sending.push([encodeUtf8("x"), encodeUtf8("y")]), false);
  assertEquals(sending.push([encodeUtf8("x")]), true);
  while (writer.pending.length > 0) await writer.take();
  assertEquals(writer.written, "123456789x");
  assertEquals(sending.push([encodeUtf8("1234567890")]), true, "there is room again");
});

pureTest(
  "however few bytes the kernel takes at a time, all are written once and in order",
  () =>
    forAllAsync(async (random) => {
      const { writer, queue: sending } = queue(100_000);
      let expected = "";
      for (let step = 0; step < 60; step++) {
        const chunks = Array.from({ length: random.below(4) }, () => random.text("abcdef", 0, 30));
        expected += chunks.join("");
        sending.push(chunks.map(encodeUtf8));
        if (writer.pending.length > 0 && random.chance(2)) await writer.take(1 + random.below(40));
      }
      while (writer.pending.length > 0) await writer.take(1 + random.below(400));
      assertEquals(writer.written, expected);
      assertEquals(sending.bytes, 0);
    }),
);

async function forAllAsync(
  claim: (random: Parameters<Parameters<typeof forAll>[1]>[0]) => Promise<void>,
): Promise<void> {
  const runs: Promise<void>[] = [];
  forAll(100, (random) => void runs.push(claim(random)));
  await Promise.all(runs);
}

pureTest("what has to wait holds on to no buffer that is many times as large", () => {
  const { writer, queue: sending } = queue();
  const shared = new Uint8Array(1000).fill(0x61);
  sending.push([shared.subarray(0, 10)]);
  assertEquals(writer.pending[0]!.bytes.buffer, shared.buffer, "what is written at once is not copied");
  const chunks = [shared.subarray(10, 20), shared.subarray(20, 520)];
  sending.push(chunks);
  shared.fill(0x62);
  assertEquals(chunks.map((chunk) => decoder.decode(chunk)), ["a".repeat(10), "b".repeat(500)]);
});

pureTest("flushed settles when nothing waits any more", async () => {
  const { writer, queue: sending } = queue();
  await sending.flushed();
  sending.push([encodeUtf8("a")]);
  sending.push([encodeUtf8("b")]);
  let flushed = false;
  const done = sending.flushed().then(() => flushed = true);
  await writer.take();
  assertEquals(flushed, false);
  await writer.take();
  await done;
});

pureTest("a failed write is told once, nothing is written after it, and who waits is released", async () => {
  const { writer, errors, queue: sending } = queue();
  sending.push([encodeUtf8("a")]);
  sending.push([encodeUtf8("b")]);
  const done = sending.flushed();
  writer.pending.shift()!.reject(new Error("reset"));
  await done;
  sending.push([encodeUtf8("c")]);
  assertEquals([errors.length, writer.writes], [1, 1]);
});

pureTest("what is discarded counts no more, and is not written", async () => {
  const { writer, errors, queue: sending } = queue();
  sending.push([encodeUtf8("a")]);
  sending.push([encodeUtf8("b")]);
  const flushed = sending.flushed();
  sending.discard();
  await flushed;
  await writer.take();
  sending.push([encodeUtf8("c")]);
  assertEquals([sending.bytes, writer.written, writer.writes, errors.length], [0, "a", 1, 0]);
});

pureTest("a write that does not move is told from one that does, and from none", async () => {
  const { writer, queue: sending } = queue();
  assertEquals(sending.stalledMs(0), 0);
  sending.push([encodeUtf8("abcdef")]);
  assertEquals([1000, 61_000].map((now) => sending.stalledMs(now)), [0, 60_000]);
  sending.push([encodeUtf8("more behind it moves nothing")]);
  assertEquals(sending.stalledMs(62_000), 61_000);
  writer.taken += 2; // of a write that goes on
  assertEquals([63_000, 64_000].map((now) => sending.stalledMs(now)), [0, 1000]);
  await writer.take(3); // the next write begins
  assertEquals([65_000, 66_000].map((now) => sending.stalledMs(now)), [0, 1000]);
  await writer.take();
  assertEquals(sending.stalledMs(200_000), 0);
});

pureTest("very many small chunks become few, and stay whole", async () => {
  const { writer, queue: sending } = queue(1 << 20);
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} ${"x".repeat(index % 100)}\r\n`);
  const kept = [encodeUtf8(lines[1]!)]; // the list of the queue itself, as long as it does not need another one
  for (const [index, line] of lines.entries()) sending.push(index === 1 ? kept : [encodeUtf8(line)]);
  assertEquals(kept.length < 300, true, `${kept.length} chunks wait`);
  await writer.take();
  assertEquals(writer.pending[0]!.bytes.length > 200_000, true, "joined");
  while (writer.pending.length > 0) await writer.take();
  assertEquals(writer.written, lines.join(""));
});

pureTest("a write takes no more bytes than it is given", () => {
  for (const wrong of [4, -1]) {
    let end = (_written: number) => {};
    const write = () => ({ then: (onWritten: (written: number) => void) => end = onWritten });
    const sending = new SendQueue({ write } as unknown as Writer, 100, () => {});
    sending.push([encodeUtf8("abc")]);
    assertThrows(() => end(wrong), AssertionFailure, "the network takes no more bytes than it is given");
    assertEquals(sending.bytes, 3);
  }
});
