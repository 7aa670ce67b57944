/** Paging by time where messages share a time, and where time goes back because the clock was set. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import {
  cutAtAnchor,
  extendToWholeTimes,
  findPageEnds,
  MAX_EQUAL_BEYOND_LIMIT,
  selectAfter,
  selectAround,
  selectBefore,
  selectBetween,
  selectLatest,
} from "../../lib/hub/history/history_query.ts";
import type { HistorySlice, RecordTimes } from "../../lib/hub/history/history_query.ts";
import { MAX_CLOCK_BREAKS, Timeline } from "../../lib/hub/model/timeline.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

interface Told {
  readonly seq: number;
  readonly time: number;
}

interface Made {
  readonly timeline: Timeline;
  readonly times: RecordTimes;
  readonly told: readonly Told[];
  readonly length: number;
}

/**
 * A timeline said by a clock that now and then is set, with many equal times. Some of the first messages are retained beyond the
 * ring, and filed before the others as at a start.
 */
function clockThatIsSet(random: Random, jumps = random.below(5)): Made {
  const timeline = new Timeline(1);
  const all: Told[] = [];
  const count = 1 + random.below(60);
  const setAt = new Set(Array.from({ length: jumps }, () => random.below(count)));
  let [seq, time] = [0, 1000];
  for (let nth = 0; nth < count; nth++) {
    seq += 1 + random.below(3);
    time += random.pick([0, 0, 1, 2]);
    if (setAt.has(nth)) time = 900 + random.below(200);
    all.push({ seq, time });
  }
  const oldest = random.chance(2) ? 0 : random.below(seq + 1);
  const retained = all.filter((each) => random.chance(2) && each.seq < oldest + 10);
  if (oldest > 0) { for (const { seq, time } of retained) timeline.retain(seq, time); }
  for (const each of all) if (each.seq >= oldest) timeline.add(each.seq, each.time, true, oldest);
  const told = all.filter((each) => each.seq >= oldest || retained.includes(each));
  const byseq = new Map(all.map((each) => [each.seq, each.time]));
  return {
    timeline,
    told,
    length: timeline.length(oldest),
    times: { of: (seq) => byseq.get(seq)!, breaks: timeline.clockBreaks },
  };
}

function shown({ timeline }: Made, { from, to }: HistorySlice): number[] {
  return timeline.range(from, Math.max(from, to));
}

pureTest(
  "between two breaks no time is earlier than the one before, whatever was retained beyond the ring",
  () =>
    forAll(3000, (random) => {
      const made = clockThatIsSet(random);
      const { timeline, told, times } = made;
      assertEquals(timeline.range(0, made.length), told.map(({ seq }) => seq));
      for (let at = 1; at < told.length; at++) {
        const isBreak = times.breaks.some((seq) => seq > told[at - 1]!.seq && seq <= told[at]!.seq);
        assert(isBreak || told[at]!.time >= told[at - 1]!.time, `at ${told[at]!.seq}`);
      }
    }),
);

pureTest(
  "what a timeline takes over of another's retained messages stands between breaks, too",
  () =>
    forAll(500, (random) => {
      const times = new Map(Array.from({ length: 60 }, (_, seq) => [seq, random.below(50)]));
      const timeOf = (seq: number) => times.get(seq)!;
      const [from, to] = [new Timeline(1), new Timeline(1)];
      const targets = random.chance(2) ? [from] : [from, to];
      for (let seq = 1; seq < 30; seq++) {
        if (random.chance(2)) random.pick(targets).retain(seq, timeOf(seq));
      }
      for (let seq = 30; seq < 60; seq++) if (random.chance(2)) to.add(seq, timeOf(seq), true, 30);
      to.moveRetainedFrom(from, random.below(30), timeOf);
      const seqs = to.range(0, to.length(30));
      for (let at = 1; at < seqs.length; at++) {
        const isBreak = to.clockBreaks.some((seq) => seq > seqs[at - 1]! && seq <= seqs[at]!);
        assert(isBreak || timeOf(seqs[at]!) >= timeOf(seqs[at - 1]!), `at ${seqs[at]}`);
      }
    }),
);

pureTest(
  "a time that messages have means these; any other leaves out nothing that is later, or earlier",
  () =>
    forAll(3000, (random) => {
      const { timeline, told, times } = clockThatIsSet(random);
      const time = told.length > 0 && random.chance(2) ? random.pick(told).time : 890 + random.below(220);
      const cut = cutAtAnchor(timeline, { by: "time", time }, times);
      const equal = told.findIndex((each) => each.time === time);
      if (equal >= 0) {
        assertEquals(cut, { before: equal, through: told.findLastIndex((each) => each.time === time) + 1 });
      } else {
        const later = told.findIndex((each) => each.time > time);
        const earlier = told.findLastIndex((each) => each.time < time);
        assertEquals(cut, { before: earlier + 1, through: later < 0 ? told.length : later });
      }
    }),
);

pureTest(
  "paging by time forwards and backwards sees every message once, in order, and comes to an end",
  () =>
    forAll(3000, (random) => {
      const made = clockThatIsSet(random);
      const { timeline, told, times, length } = made;
      const ends = findPageEnds(timeline, length, times);
      const limit = 1 + random.below(5);
      const all = told.map(({ seq }) => seq);

      const forwards: number[] = [];
      for (let time = 0;;) {
        const cut = cutAtAnchor(timeline, { by: "time", time }, times);
        const page = extendToWholeTimes(selectAfter(cut, limit, length), ends, {
          least: cut.through,
          most: length,
        });
        if (page.from >= page.to) break;
        forwards.push(...shown(made, page));
        assertEquals(page.isWhole, page.to === length);
        assert(forwards.length <= all.length, "a page comes again");
        time = told[page.to - 1]!.time;
      }
      assertEquals(forwards, all);

      const backwards: number[] = [];
      let page = extendToWholeTimes(selectLatest(undefined, limit, length), ends, { least: 0, most: length });
      while (page.from < page.to) {
        backwards.unshift(...shown(made, page));
        assertEquals(page.isWhole, page.from === 0);
        assert(backwards.length <= all.length, "a page comes again");
        const cut = cutAtAnchor(timeline, { by: "time", time: told[page.from]!.time }, times);
        page = extendToWholeTimes(selectBefore(cut, limit), ends, { least: 0, most: cut.before });
      }
      assertEquals(backwards, all);
    }),
);

pureTest(
  "AROUND and BETWEEN by time: the pages beside theirs have what they have not",
  () =>
    forAll(3000, (random) => {
      const made = clockThatIsSet(random);
      const { timeline, told, times, length } = made;
      if (length === 0) return;
      const ends = findPageEnds(timeline, length, times);
      const limit = 1 + random.below(5);
      const cutOf = (at: number) => cutAtAnchor(timeline, { by: "time", time: told[at]!.time }, times);
      const middle = cutOf(random.below(length));
      const pages = [
        extendToWholeTimes(selectAround(middle, limit, length), ends, { least: 0, most: length }),
      ];
      const [one, two] = [cutOf(random.below(length)), cutOf(random.below(length))];
      const inside = selectBetween(one, two, limit);
      const within = inside.keepSide === "oldest"
        ? { least: one.through, most: two.before }
        : { least: two.through, most: one.before };
      pages.push(extendToWholeTimes(inside, ends, within));
      for (const [nth, { from, to }] of pages.entries()) {
        if (from >= to) continue;
        assert(from >= (nth === 0 ? 0 : within.least) && to <= (nth === 0 ? length : within.most), "bounds");
        if (nth === 0 || from > within.least) assertEquals(cutOf(from).before, from);
        if (nth === 0 || to < within.most) assertEquals(cutOf(to - 1).through, to);
      }
    }),
);

pureTest("a page exceeds its limit by so many messages of equal time at the most", () => {
  const timeline = new Timeline(1);
  const count = 3 * MAX_EQUAL_BEYOND_LIMIT;
  for (let seq = 1; seq <= count; seq++) timeline.add(seq, 1000, true, 0);
  const length = timeline.length(0);
  const ends = findPageEnds(timeline, length, { of: () => 1000, breaks: [] });
  const bounds = { least: 0, most: length };
  const { from, to } = extendToWholeTimes(selectLatest(undefined, 10, length), ends, bounds);
  assertEquals([from, to], [count - 10 - MAX_EQUAL_BEYOND_LIMIT, count]);
  const first = extendToWholeTimes(selectAfter({ before: 0, through: 0 }, 10, length), ends, bounds);
  assertEquals([first.from, first.to], [0, 10 + MAX_EQUAL_BEYOND_LIMIT]);
});

pureTest("breaks are forgotten with what the ring has lost, and the oldest of too many", () => {
  const timeline = new Timeline(1);
  const count = 3 * MAX_CLOCK_BREAKS;
  for (let seq = 1; seq <= count; seq++) timeline.add(seq, count - seq, true, 0);
  assertEquals([timeline.clockBreaks.length, timeline.clockBreaks.at(-1)], [MAX_CLOCK_BREAKS, count]);
  timeline.length(count - 10);
  assertEquals(timeline.clockBreaks.length, 10);
  timeline.length(count);
  assertEquals(timeline.clockBreaks, []);
});

pureTest(
  "times: in a part of a conversation no page begins or ends at a time that others outside may have",
  () => {
    const timeline = new Timeline(1);
    for (const [seq, time] of [[1, 10], [2, 20], [3, 30], [4, 40]] as const) timeline.add(seq, time, true, 0);
    const of = (seq: number) => seq * 10;
    const ends = findPageEnds(timeline, timeline.length(0), {
      of,
      breaks: [],
      latestBefore: 20,
      earliestAfter: 40,
    });
    const places = [0, 1, 2, 3];
    assertEquals(places.filter(ends.isStart), [2, 3]);
    assertEquals([1, 2, 3, 4].filter(ends.isEnd), [1, 2, 3]);
  },
);
