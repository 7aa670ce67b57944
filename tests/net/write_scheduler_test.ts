import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { WriteScheduler } from "../../lib/net/write_scheduler.ts";
import { pureTest } from "../support/test.ts";

/** The runtime's budget: beyond so many socket calls a turn, a write is put off. */
const BUDGET = 128;

pureTest(
  "write turns: many writes begin in the order of asking, never more in a turn than the runtime does at once",
  async () => {
    const turns = new WriteScheduler();
    const order: number[] = [];
    const writers = Array.from({ length: 1000 }, (_, id) => ({ write: () => order.push(id) }));
    for (const writer of writers) turns.add(writer);
    const perTurn = [order.length];
    for (let before = order.length; order.length < writers.length; before = order.length) {
      assert(turns.whenAllBegun !== undefined, "some wait");
      await nextLoopIteration();
      perTurn.push(order.length - before);
    }
    assert(Math.max(...perTurn) <= BUDGET, `${perTurn} in one turn`);
    await turns.whenAllBegun;
    assertEquals(order, writers.map((_, id) => id));
    assertEquals(turns.whenAllBegun, undefined);
  },
);

pureTest("write turns: a few begin at once, turn after turn", async () => {
  const turns = new WriteScheduler();
  let written = 0;
  for (let round = 0; round < 100; round++) {
    const before = written;
    for (let each = 0; each < 5; each++) {
      turns.spend();
      turns.add({ write: () => written++ });
    }
    assertEquals(written - before, 5);
    await nextLoopIteration();
  }
});

pureTest("write turns: what is asked for while others wait comes after them", async () => {
  const turns = new WriteScheduler();
  const order: string[] = [];
  for (let each = 0; each < 200; each++) turns.add({ write: () => order.push("early") });
  turns.add({ write: () => order.push("late") });
  await turns.whenAllBegun;
  assertEquals([order.length, order.indexOf("late")], [201, 200]);
});
