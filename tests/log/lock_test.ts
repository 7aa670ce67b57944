import { assertEquals, assertRejects } from "@std/assert";
import { withLogLock } from "../../lib/log/lock.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `lock: ${name}`, permissions: "none", fn });
}

test("one holder at a time, in the order of asking", async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = withLogLock(async () => {
    order.push("first in");
    await gate.promise;
    order.push("first out");
    return 1;
  });
  const second = withLogLock(() => {
    order.push("second");
    return 2;
  });
  const other = withLogLock(() => order.push("another log's"), "another log");
  await other;
  gate.resolve();
  assertEquals(await Promise.all([first, second]), [1, 2]);
  assertEquals(order, ["first in", "another log's", "first out", "second"]);
});

test("an error passes through and leaves the lock free", async () => {
  const fail = () => Promise.reject(new Error("no"));
  await assertRejects(() => withLogLock(fail), Error, "no");
  assertEquals(await withLogLock(() => "free"), "free");
});
