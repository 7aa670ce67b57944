/** How one side of a ring is woken. */
import { assertEquals } from "@std/assert";
import { AtomicsWaker, SocketWaker } from "../../../lib/bench/ipc/ring_wakers.ts";
import type { Waker } from "../../../lib/bench/ipc/ring_wakers.ts";
import { inTime } from "../../support/guard.ts";
import { pureTest } from "../../support/test.ts";

/** A writer that has asked for one wake gets it while there is still no room: it has to ask again. */
async function wakesTooEarly(writer: Waker, reader: Waker): Promise<void> {
  let hasRoom = false;
  const early = writer.wait(() => hasRoom);
  await reader.wake();
  assertEquals(await inTime("the early wake", early), true);
  const next = writer.wait(() => hasRoom);
  hasRoom = true;
  await reader.wake();
  assertEquals(await inTime("the next wake", next), true);
}

pureTest("ring wakers: between threads, a wake ends a wait even if nothing is there yet", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  await wakesTooEarly(new AtomicsWaker(words, 0, 1), new AtomicsWaker(words, 1, 0));
});

Deno.test({
  name: "ring wakers: over a socket, a wake ends a wait even if nothing is there yet, and the end is seen",
  permissions: { net: ["127.0.0.1"] },
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [accepted, connected] = await Promise.all([
      listener.accept(),
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    ]);
    using writer = connected;
    const reader = accepted;
    await wakesTooEarly(new SocketWaker(writer), new SocketWaker(reader));
    reader.close();
    assertEquals(await new SocketWaker(writer).wait(() => false), false);
  },
});
