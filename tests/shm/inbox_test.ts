import { assertEquals, assertMatch } from "@std/assert";
import { InboxWriter } from "../../lib/shm/inbox.ts";
import { RobustMutex } from "../../lib/shm/robust_mutex.ts";
import { CAPACITY_WORD, createInbox, DATA_OFFSET, HEAD_WORD, HOLDER_WORD } from "./inboxes.ts";
import { openWriter, privateMemory, sampleRecord, TAIL_WORD } from "./inboxes.ts";
import { LINUX } from "./segments.ts";

const CAPACITY = 1024;

function inboxTest(name: string, fn: (buffer: SharedArrayBuffer) => void): void {
  Deno.test({ name: `inbox: ${name}`, ...LINUX, fn: () => fn(privateMemory(CAPACITY)) });
}

inboxTest("records come out once, in order and whole, at any place of the ring", (buffer) => {
  const inbox = createInbox(buffer, CAPACITY);
  const writer = openWriter(buffer);
  for (let number = 0; number < 2000; number += 3) {
    for (const n of [number, number + 1, number + 2]) {
      assertEquals(writer.tryPut(sampleRecord(1, n)), "put");
    }
    for (const n of [number, number + 1, number + 2]) {
      assertEquals(inbox.take(), { kind: "ok", payload: sampleRecord(1, n) });
    }
    assertEquals(inbox.take(), { kind: "empty" });
  }
});

inboxTest("what was taken is erased: its token is gone, and nothing is taken a second time", (buffer) => {
  const inbox = createInbox(buffer, CAPACITY);
  const writer = openWriter(buffer);
  const words = new Int32Array(buffer);
  for (let n = 0; n < 20; n++) { // round the end of the memory, too
    assertEquals(writer.tryPut(sampleRecord(1, n)), "put");
    const tail = words[TAIL_WORD]!;
    assertEquals(inbox.take().kind, "ok");
    assertEquals(new Uint8Array(buffer, DATA_OFFSET).slice().every((byte) => byte === 0), true);
    words[TAIL_WORD] = tail;
    assertEquals(inbox.take().kind, "damaged");
    assertEquals(inbox.take(), { kind: "empty" });
  }
});

inboxTest("the counts of bytes wrap at 2^32", (buffer) => {
  const inbox = createInbox(buffer, CAPACITY);
  const words = new Int32Array(buffer);
  words[HEAD_WORD] = words[TAIL_WORD] = -100;
  const writer = openWriter(buffer);
  for (let n = 0; n < 4; n++) assertEquals(writer.tryPut(sampleRecord(2, n)), "put");
  assertEquals([words[HEAD_WORD]! > 0, words[TAIL_WORD]], [true, -100]);
  for (let n = 0; n < 4; n++) assertEquals(inbox.take(), { kind: "ok", payload: sampleRecord(2, n) });
  assertEquals(inbox.take(), { kind: "empty" });
});

inboxTest(
  "a full one takes no more until the server has taken; what is too long it never takes",
  (buffer) => {
    const inbox = createInbox(buffer, CAPACITY);
    const writer = openWriter(buffer);
    const quarter = new Uint8Array(CAPACITY / 4 - 8);
    for (let n = 0; n < 4; n++) assertEquals(writer.tryPut(quarter), "put");
    assertEquals([writer.tryPut(new Uint8Array(0)), writer.tryPut(quarter)], ["full", "full"]);
    assertEquals(inbox.take().kind, "ok");
    assertEquals([writer.tryPut(quarter), writer.tryPut(new Uint8Array(0))], ["put", "full"]);
    assertEquals(writer.tryPut(new Uint8Array(CAPACITY / 4 - 7)), "too_long");
  },
);

inboxTest("what is put after a position is not taken up to it, whole or damaged", (buffer) => {
  const inbox = createInbox(buffer, CAPACITY);
  const writer = openWriter(buffer);
  for (const isWhole of [true, false]) {
    writer.tryPut(sampleRecord(5, 0));
    const { end } = inbox;
    writer.tryPut(sampleRecord(5, 1));
    if (!isWhole) new Uint8Array(buffer)[DATA_OFFSET + new Int32Array(buffer)[TAIL_WORD]!]! ^= 1;
    assertEquals(inbox.take(end).kind, isWhole ? "ok" : "damaged");
    assertEquals(inbox.take(end), { kind: "empty" });
    assertEquals(inbox.take(), { kind: "ok", payload: sampleRecord(5, 1) });
  }
});

inboxTest("damage of any kind is told, and the inbox goes on behind it", (buffer) => {
  const inbox = createInbox(buffer, CAPACITY);
  const writer = openWriter(buffer);
  const words = new Int32Array(buffer);
  const bytes = new Uint8Array(buffer);
  const damages: readonly ((at: number) => void)[] = [
    (at) => bytes[DATA_OFFSET + (at + 12) % CAPACITY]! ^= 1,
    (at) => bytes[DATA_OFFSET + (at + 4) % CAPACITY]! ^= 1,
    (at) => bytes[DATA_OFFSET + at % CAPACITY]! ^= 1,
    (at) => bytes[DATA_OFFSET + (at + 3) % CAPACITY]! ^= 0x80,
    () => words[HEAD_WORD]! += 2 * CAPACITY,
    () => words[HEAD_WORD] = words[TAIL_WORD]! - 1,
    () => words[HEAD_WORD] = words[TAIL_WORD]! + 3,
  ];
  for (const damage of damages) {
    for (let n = 0; n < 3; n++) writer.tryPut(sampleRecord(3, n));
    damage(words[TAIL_WORD]!);
    assertEquals(inbox.take().kind, "damaged");
    assertEquals(inbox.take(), { kind: "empty" });
    assertEquals(writer.tryPut(sampleRecord(3, 9)), "put");
    assertEquals(inbox.take(), { kind: "ok", payload: sampleRecord(3, 9) });
  }
});

inboxTest("memory without one, too short, or with the mutex of another C library is refused", (buffer) => {
  assertEquals(InboxWriter.open(buffer), "it is not an inbox of ChatterBox");
  createInbox(buffer, CAPACITY);
  const words = new Int32Array(buffer);
  words[CAPACITY_WORD] = 2 * CAPACITY;
  assertEquals(InboxWriter.open(buffer), "it is shorter than its header states");
  for (const capacity of [0, -CAPACITY, CAPACITY - 1]) {
    words[CAPACITY_WORD] = capacity;
    assertEquals(InboxWriter.open(buffer), "it is not an inbox of ChatterBox");
  }
  words[CAPACITY_WORD] = CAPACITY;
  words[0] = 7;
  assertMatch(
    String(InboxWriter.open(buffer)),
    /^its mutex has layout 7; the C library of this program has \d+$/,
  );
});

inboxTest(
  "while another holds the mutex a writer is told by which process, and the server reads on",
  (buffer) => {
    const inbox = createInbox(buffer, CAPACITY);
    const writer = openWriter(buffer);
    writer.tryPut(sampleRecord(4, 0));
    const mutex = RobustMutex.open(new Uint8Array(buffer, 0, 64));
    if (typeof mutex === "string") throw new Error(mutex);
    mutex.tryRun(() => {
      new Int32Array(buffer)[HOLDER_WORD] = 4711;
      assertEquals([writer.tryPut(sampleRecord(4, 1)), writer.holder], ["busy", 4711]);
      assertEquals(inbox.take(), { kind: "ok", payload: sampleRecord(4, 0) });
    }, () => {});
    assertEquals([writer.tryPut(sampleRecord(4, 2)), writer.holder], ["put", 0]);
  },
);
