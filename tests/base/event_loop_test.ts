import { assertEquals } from "@std/assert";
import { nextLoopIteration, SocketPollBudget } from "../../lib/base/event_loop.ts";
import { pureTest } from "../support/test.ts";

pureTest("the next turn comes after all microtasks, and for all who wait at once", async () => {
  const order: string[] = [];
  const turns = [1, 2].map((id) => nextLoopIteration().then(() => order.push(`turn ${id}`)));
  for (let left = 50; left > 0; left--) await Promise.resolve();
  order.push("microtasks");
  await Promise.all(turns);
  assertEquals(order, ["microtasks", "turn 1", "turn 2"]);
  await nextLoopIteration();
});

pureTest(
  "polls: a little work goes on without one; after more of it the next one is waited for, and all begins anew",
  async () => {
    const polls = new SocketPollBudget();
    const pauses: boolean[] = [];
    for (let time = 0; time < 8; time++) {
      polls.spend(0.75);
      pauses.push(polls.overduePoll !== undefined);
    }
    assertEquals(pauses, [false, false, false, false, false, false, true, true]);
    await polls.overduePoll;
    assertEquals(polls.overduePoll, undefined);
    polls.spend(4.9);
    assertEquals(polls.overduePoll, undefined);
    await polls.waitUntilIdle();
    polls.spend(4.9);
    assertEquals(polls.overduePoll, undefined, "there was a poll in between");
    await polls.waitUntilIdle();
  },
);
