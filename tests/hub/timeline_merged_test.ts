import { assertEquals } from "@std/assert";
import { cutAtAnchor, selectAfter, selectBefore, selectLatest } from "../../lib/hub/history/history_query.ts";
import { Timeline } from "../../lib/hub/model/timeline.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "messages and all else together are in the order of the log, whatever of both is gone",
  () =>
    forAll(100, (random) => {
      const timeline = new Timeline(1);
      const all: number[] = [];
      const share = 1 + random.below(20);
      let oldest = 0;
      for (let seq = 1; seq < 500; seq += 1 + random.below(3)) {
        all.push(seq);
        if (random.chance(4)) oldest = Math.max(oldest, seq - random.below(300));
        timeline.add(seq, seq * 10, random.chance(share), oldest);
      }
      const left = all.filter((seq) => seq >= oldest);
      const { allEvents } = timeline;
      const length = allEvents.length(oldest);
      assertEquals(Array.from({ length }, (_, index) => allEvents.at(index)), left);
      const from = random.below(length + 1);
      const to = from + random.below(length + 1 - from);
      assertEquals(allEvents.range(from, to), left.slice(from, to));
      const seq = random.below(510);
      const anchor = random.chance(2) ? { by: "seq", seq } as const : { by: "time", time: seq * 10 } as const;
      const cut = cutAtAnchor(allEvents, anchor, { of: (seq) => seq * 10, breaks: timeline.clockBreaks });
      const range = ({ from, to }: { from: number; to: number }) =>
        Array.from({ length: to - from }, (_, index) => allEvents.at(from + index));
      assertEquals(range(selectBefore(cut, 5)), left.filter((each) => each < seq).slice(-5));
      assertEquals(range(selectAfter(cut, 5, length)), left.filter((each) => each > seq).slice(0, 5));
      assertEquals(range(selectLatest(cut, 5, length)), left.filter((each) => each > seq).slice(-5));
    }),
);
