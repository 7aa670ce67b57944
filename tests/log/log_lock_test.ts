import { assertEquals, assertRejects } from "@std/assert";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { LogLock } from "../../lib/log/log_lock.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { pureTest } from "../support/test.ts";

/** The same lock as several threads see it. */
function locks(count: number, name: string): LogLock[] {
  const { buffer } = Ring.create(RING_MIN_BYTES);
  return Array.from({ length: count }, () => new LogLock(Ring.attach(buffer), name));
}

pureTest("lock: one holder at a time, in the order of asking", async () => {
  const [one, two] = locks(2, "order") as [LogLock, LogLock];
  const [other] = locks(1, "another log") as [LogLock];
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = one.runExclusive(async () => {
    order.push("first in");
    await gate.promise;
    order.push("first out");
    return 1;
  });
  const second = two.runExclusive(() => {
    order.push("second");
    return 2;
  });
  await other.runExclusive(() => order.push("another log's"));
  gate.resolve();
  assertEquals(await Promise.all([first, second]), [1, 2]);
  assertEquals(order, ["first in", "another log's", "first out", "second"]);
});

pureTest("lock: an error passes through and leaves the lock free", async () => {
  const [one, two] = locks(2, "error") as [LogLock, LogLock];
  const fail = () => {
    throw new Error("no");
  };
  await assertRejects(() => one.runExclusive(fail), Error, "no");
  await assertRejects(() => one.runKeepingLock(fail), Error, "no");
  assertEquals(await two.runExclusive(() => "free"), "free");
});

pureTest(
  "lock: who keeps it needs no further request, and gives it back as soon as another wants it",
  async () => {
    const [keeper, other] = locks(2, "kept") as [LogLock, LogLock];
    const order: string[] = [];
    await keeper.runKeepingLock(() => order.push("kept 1"));
    void keeper.runKeepingLock(() => order.push("kept 2"));
    assertEquals(order, ["kept 1", "kept 2"], "at once");

    assertEquals(await other.runExclusive(() => order.push("other")), 3, "nobody had to call the keeper");
    await keeper.runKeepingLock(() => order.push("kept 3"));
    assertEquals(order, ["kept 1", "kept 2", "other", "kept 3"]);
  },
);

pureTest("lock: who wants it while the keeper is busy comes before the keeper's next batch", async () => {
  const [keeper, other] = locks(2, "turns") as [LogLock, LogLock];
  const order: string[] = [];
  await keeper.runKeepingLock(() => order.push("batch 0"));
  const wanted = Array.from({ length: 3 }, (_, i) => other.runExclusive(() => order.push(`other ${i}`)));
  const batches = [1, 2].map((i) => keeper.runKeepingLock(() => order.push(`batch ${i}`)));
  await Promise.all([...wanted, ...batches]);
  assertEquals(order, ["batch 0", "other 0", "other 1", "other 2", "batch 1", "batch 2"]);
});

pureTest("lock: nothing runs beside a holder that waits", async () => {
  const [keeper, other] = locks(2, "beside") as [LogLock, LogLock];
  let inside = 0;
  const enter = async () => {
    assertEquals(++inside, 1);
    for (let turns = 0; turns < 5; turns++) await nextLoopIteration();
    inside--;
  };
  const both = [];
  for (let i = 0; i < 3; i++) {
    both.push(other.runExclusive(enter));
    both.push(keeper.runKeepingLock(() => assertEquals(inside, 0)));
    await Promise.resolve();
  }
  await Promise.all(both);
});
