import { assertEquals } from "@std/assert";
import { nextTurn } from "../../lib/base/event_loop.ts";

Deno.test({
  name: "the next turn comes after all microtasks, and for all who wait at once",
  permissions: "none",
  fn: async () => {
    const order: string[] = [];
    const turns = [1, 2].map((id) => nextTurn().then(() => order.push(`turn ${id}`)));
    for (let left = 50; left > 0; left--) await Promise.resolve();
    order.push("microtasks");
    await Promise.all(turns);
    assertEquals(order, ["microtasks", "turn 1", "turn 2"]);
    await nextTurn();
  },
});
