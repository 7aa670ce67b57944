import { assert, assertEquals } from "@std/assert";
import { MAX_AHEAD_MS, MAX_CLOCK_BREAKS, Timeline } from "../../lib/hub/model/timeline.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "times strictly increase as long as they are near the clock, are never far ahead of it, and never behind",
  () =>
    forAll(300, (random) => {
      const timeline = new Timeline(1);
      let last = 0;
      let clock = 1_000_000;
      for (let seq = 1; seq < 300; seq++) {
        clock += random.chance(50) ? random.below(300) - 150 : random.below(random.pick([1, 2, 5]));
        const time = timeline.nextTime(clock);
        assert(time >= clock && time <= clock + MAX_AHEAD_MS, "the clock's, or a little ahead");
        if (last < clock + MAX_AHEAD_MS) assert(time > last, "strictly increasing");
        else if (last === clock + MAX_AHEAD_MS) assertEquals(time, last);
        else assertEquals(time, clock, "the clock was wrong");
        timeline.add(seq, time, random.chance(2), 0);
        assertEquals(timeline.clockBreaks.includes(seq), time < last);
        last = time;
      }
    }),
);

pureTest("fifteen thousand messages in a second leave the time within 50 ms of the clock", () => {
  const timeline = new Timeline(1);
  for (let seq = 1; seq <= 15_000; seq++) {
    const clock = 1_000_000 + Math.floor(seq / 15);
    const time = timeline.nextTime(clock);
    assert(time - clock <= 50);
    timeline.add(seq, time, true, 0);
  }
  assertEquals(timeline.clockBreaks, []);
});

pureTest("what the ring has overwritten is dropped, and the memory for it given back", () => {
  const timeline = new Timeline(1);
  for (let seq = 1; seq <= 10_000; seq++) {
    timeline.add(seq, seq, true, seq - 100);
    assertEquals(timeline.length(seq - 100), Math.min(seq, 101));
    assertEquals(timeline.at(0), Math.max(1, seq - 100));
  }
  assertEquals(timeline.partition((seq) => seq < 9950), 50);
  assertEquals(timeline.length(20_000), 0);
});

pureTest("a target is gone when the ring holds no event of it, be it a message or not", () => {
  const timeline = new Timeline(1);
  timeline.add(5, 1, true, 0);
  timeline.add(9, 2, false, 0);
  assertEquals(timeline.length(7), 0);
  assertEquals([timeline.isGone(9), timeline.isGone(10)], [false, true]);
});

pureTest(
  "of messages that are gone it is known how many there were after a given one, or that it is not known",
  () =>
    forAll(50, (random) => {
      const first = 1 + random.below(50);
      const timeline = new Timeline(first);
      const messages: number[] = [];
      let oldest = first;
      for (let seq = first; seq < first + 20_000; seq++) {
        const message = random.chance(2);
        if (message) messages.push(seq);
        oldest = Math.max(oldest, seq - 50 - random.below(50));
        timeline.add(seq, seq, message, oldest);
        if (!random.chance(400)) continue;
        const from = Math.max(0, seq - random.below(random.pick([300, 10_000])));
        if (from >= oldest) continue;
        const count = timeline.countGone(from, oldest);
        if (count !== undefined) {
          assertEquals(count, messages.filter((gone) => gone > from && gone < oldest).length);
        }
        const known = from + 1 >= first &&
          messages.filter((gone) => gone > from && gone < oldest).length <= 1000;
        assert(count !== undefined || !known);
      }
      assertEquals(timeline.countGone(first - 2, oldest), undefined);
    }),
);

pureTest("of the places where the time goes back the newest are known, and none before what is left", () => {
  const timeline = new Timeline(1);
  const count = MAX_CLOCK_BREAKS + 10;
  for (let seq = 1; seq <= count + 1; seq++) timeline.add(seq, 10_000 - seq, true, 1);
  assertEquals([timeline.clockBreaks.length, timeline.clockBreaks[0]], [MAX_CLOCK_BREAKS, 12]);
  timeline.length(count);
  assertEquals(timeline.clockBreaks, [count + 1]);
  timeline.length(count + 1);
  assertEquals(timeline.clockBreaks, []);
});
