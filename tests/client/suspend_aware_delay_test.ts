import { assertEquals } from "@std/assert";
import { delayAcrossSuspend } from "../../lib/client/connection/suspend_aware_delay.ts";
import { pureTest } from "../support/test.ts";

/** Sleeps of a fake timer; `sleeping` is what else goes by on the clock during each. */
async function slept(ms: number, sleeping: (nth: number) => number, abortAt = Infinity): Promise<number[]> {
  const slices: number[] = [];
  const controller = new AbortController();
  let now = 1000;
  await delayAcrossSuspend(ms, controller.signal, {
    now: () => now,
    sleep: (slice) => {
      now += slice + sleeping(slices.length);
      slices.push(slice);
      if (slices.length === abortAt) controller.abort();
      return Promise.resolve();
    },
  });
  return slices;
}

pureTest(
  "pause: as long as it says; less after a sleep of the machine, and no longer when the clock is set back",
  async () => {
    assertEquals(await slept(2500, () => 0), [1000, 1000, 500]);
    assertEquals(await slept(30_000, (nth) => nth === 1 ? 3_600_000 : 0), [1000, 1000]);
    assertEquals(await slept(2500, () => -3_600_000), [1000, 1000, 500]);
    assertEquals(await slept(30_000, () => 0, 2), [1000, 1000]);
  },
);

pureTest("pause: an aborted signal ends it at once", async () => {
  const controller = new AbortController();
  const pausing = delayAcrossSuspend(60_000, controller.signal);
  controller.abort();
  await pausing;
  await delayAcrossSuspend(60_000, controller.signal);
});
