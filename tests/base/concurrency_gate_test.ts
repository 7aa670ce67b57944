import { assertEquals, assertRejects } from "@std/assert";
import { ConcurrencyGate } from "../../lib/base/concurrency_gate.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "gate: so many tasks run at a time, the others in their order, also behind one that fails",
  async () => {
    const gate = new ConcurrencyGate(2);
    const begun: number[] = [];
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const tasks = ends.map(({ promise }, nth) =>
      gate.run(() => {
        begun.push(nth);
        return promise;
      })
    );
    assertEquals(begun, [0, 1]);
    ends[1]!.reject(new Error("failed"));
    await assertRejects(() => tasks[1]!, "failed");
    assertEquals(begun, [0, 1, 2]);
    ends[0]!.resolve();
    await tasks[0];
    assertEquals(begun, [0, 1, 2, 3]);
    ends[2]!.resolve();
    ends[3]!.resolve();
    await Promise.all([tasks[2], tasks[3]]);
    await gate.run(() => Promise.resolve(void begun.push(4)));
    assertEquals(begun, [0, 1, 2, 3, 4]);
  },
);
