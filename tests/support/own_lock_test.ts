import { assertEquals } from "@std/assert";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { inTime } from "./guard.ts";
import { ownLock } from "./own_lock.ts";

Deno.test("own lock: a file of tests that keeps one holds up no other file", async () => {
  const worker = new Worker(new URL("./own_lock_worker.ts", import.meta.url), { type: "module" });
  try {
    const said = Promise.withResolvers<string>();
    worker.onmessage = ({ data }) => said.resolve(data);
    assertEquals(await inTime("the worker's lock", said.promise), "kept");
    const kept = Promise.resolve(ownLock(Ring.create(RING_MIN_BYTES)).runKeepingLock(() => "kept, too"));
    assertEquals(await inTime("a lock beside it", kept), "kept, too");
  } finally {
    worker.terminate();
  }
});
