/** Writers of an inbox are killed, with the mutex and without. */
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { inboxBytes } from "../../lib/shm/inbox.ts";
import { MUTEX_BYTES, RobustMutex } from "../../lib/shm/robust_mutex.ts";
import { endOf } from "../support/guard.ts";
import { createInbox, openWriter, sampleRecord, sharedMemory } from "./inboxes.ts";
import { killWriters } from "./kill_writers.ts";
import { segmentTest, startProgram } from "./segments.ts";

const CAPACITY = 4096;
/** `deno task kill-writers` does the same 1000 times. */
const ROUNDS = 12;

/** Starts a process that takes the mutex and keeps it; resolves when it has it. */
function startHolder(name: string): Promise<Deno.ChildProcess> {
  return startProgram("program_mutex_holder.ts", "inside", name, String(inboxBytes(CAPACITY)));
}

segmentTest(
  "inbox: a writer killed while it writes, and one while it repairs, leave nothing of theirs",
  async (name) => {
    const memory = sharedMemory(name, inboxBytes(CAPACITY), true);
    const inbox = createInbox(memory, CAPACITY);
    const writer = openWriter(memory);
    assertEquals(writer.tryPut(sampleRecord(1, 0)), "put");
    for (let deaths = 0; deaths < 2; deaths++) {
      const holder = await startHolder(name);
      const meanwhile = [writer.tryPut(sampleRecord(1, 1)), writer.holder];
      holder.kill("SIGKILL");
      await endOf(holder);
      assertEquals(meanwhile, ["busy", holder.pid]);
    }
    assertEquals(writer.tryPut(sampleRecord(1, 1)), "put");
    assertEquals([inbox.repairs, writer.holder], [1, 0]);
    for (const n of [0, 1]) assertEquals(inbox.take(), { kind: "ok", payload: sampleRecord(1, n) });
    assertEquals(inbox.take(), { kind: "empty" });
  },
);

segmentTest(
  "inbox: where a repair fails no writer gets in again, and the server takes what was put",
  async (name) => {
    const memory = sharedMemory(name, inboxBytes(CAPACITY), true);
    const inbox = createInbox(memory, CAPACITY);
    const writer = openWriter(memory);
    assertEquals(writer.tryPut(sampleRecord(1, 0)), "put");
    const holder = await startHolder(name);
    holder.kill("SIGKILL");
    await endOf(holder);
    const mutex = RobustMutex.open(new Uint8Array(memory, 0, MUTEX_BYTES));
    assert(typeof mutex !== "string", String(mutex));
    const fail = () => {
      throw new Error("no repair");
    };
    assertThrows(() => mutex.tryRun(() => {}, fail), Error, "no repair");
    assertEquals(mutex.tryRun(fail, fail), "lost");
    assertNotEquals(writer.tryPut(sampleRecord(1, 1)), "put");
    assertEquals([inbox.take(), inbox.take()], [{ kind: "ok", payload: sampleRecord(1, 0) }, {
      kind: "empty",
    }]);
  },
);

segmentTest("inbox: writers killed at random lose nothing that was put, and double nothing", async (name) => {
  const { rounds, records } = await killWriters(name, ROUNDS, Math.floor(Math.random() * 1_000_000));
  assertEquals([rounds, records > ROUNDS], [ROUNDS, true]);
});
