import { assert, assertEquals } from "@std/assert";
import { Timeline } from "../../lib/hub/timeline.ts";
import { forAll } from "../irc/property.ts";

Deno.test({
  name: "times strictly increase, also when the clock stands still or goes back",
  permissions: "none",
  fn: () =>
    forAll(200, (random) => {
      const timeline = new Timeline();
      let last = 0;
      let clock = 1_000_000;
      for (let seq = 1; seq < 200; seq++) {
        clock += random.below(5) - 2;
        const time = timeline.nextTime(clock);
        assert(time > last && time >= clock);
        timeline.add(seq, time, random.chance(2), 0);
        last = time;
      }
    }),
});

Deno.test({
  name: "what the ring has overwritten is dropped, and the memory for it given back",
  permissions: "none",
  fn: () => {
    const timeline = new Timeline();
    for (let seq = 1; seq <= 10_000; seq++) {
      timeline.add(seq, seq, true, seq - 100);
      assertEquals(timeline.length(seq - 100), Math.min(seq, 101));
      assertEquals(timeline.at(0), Math.max(1, seq - 100));
    }
    assertEquals(timeline.partition((seq) => seq < 9950), 50);
    assertEquals(timeline.length(20_000), 0);
  },
});

Deno.test({
  name: "a target is gone when the ring holds no event of it, be it a message or not",
  permissions: "none",
  fn: () => {
    const timeline = new Timeline();
    timeline.add(5, 1, true, 0);
    timeline.add(9, 2, false, 0);
    assertEquals(timeline.length(7), 0);
    assertEquals([timeline.isGone(9), timeline.isGone(10)], [false, true]);
  },
});
