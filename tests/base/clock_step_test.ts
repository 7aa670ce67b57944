import { assertEquals } from "@std/assert";
import { CLOCK_STEP_MS, ClockStepDetector, elapsedMs } from "../../lib/base/clock.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "clock watch: a step is found once, in either direction, and a clock that is a little fast or slow is not set",
  () =>
    forAll(200, (random) => {
      let [clock, watch] = [1_000_000_000, 5];
      const seen = new ClockStepDetector({ now: () => clock }, () => watch);
      for (let look = 0; look < 50; look++) {
        const passed = random.below(100_000);
        const step = random.chance(5)
          ? (1 + CLOCK_STEP_MS + random.below(1e9)) * random.pick([1, -1])
          : random.below(2 * CLOCK_STEP_MS) - CLOCK_STEP_MS + 1;
        watch += passed;
        clock += passed + step;
        assertEquals(seen.measureStep(), Math.abs(step) > CLOCK_STEP_MS ? step : 0);
        assertEquals(seen.measureStep(), 0, "once");
      }
    }),
);

pureTest(
  "clock watch: held up between its two readings, it takes that for no step, and finds a real one at the next look",
  () => {
    let [clock, watch, heldUp] = [0, 0, 0];
    const stopwatch = () => {
      const at = watch;
      watch += heldUp;
      clock += heldUp;
      return at;
    };
    const seen = new ClockStepDetector({ now: () => clock }, stopwatch);
    heldUp = 10 * CLOCK_STEP_MS;
    assertEquals(seen.measureStep(), 0);
    heldUp = 0;
    assertEquals(seen.measureStep(), 0);
    clock -= 5000;
    heldUp = 10 * CLOCK_STEP_MS;
    assertEquals(seen.measureStep(), 0, "not to be told apart now");
    heldUp = 0;
    assertEquals(seen.measureStep(), -5000);
  },
);

pureTest("elapsed: what lies in the future is no while ago, it was stamped by another clock", () => {
  assertEquals(elapsedMs(1000, 5000), 4000);
  assertEquals(elapsedMs(5050, 5000), -50);
  assertEquals(elapsedMs(5000 + CLOCK_STEP_MS + 1, 5000), Infinity);
});
