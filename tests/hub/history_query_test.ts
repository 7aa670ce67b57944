import { assertEquals } from "@std/assert";
import {
  cutAtAnchor,
  selectAfter,
  selectAround,
  selectBefore,
  selectBetween,
  selectLatest,
} from "../../lib/hub/history/history_query.ts";
import type { HistoryAnchor, HistorySlice } from "../../lib/hub/history/history_query.ts";
import { Timeline } from "../../lib/hub/model/timeline.ts";
import { forAll, type Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

interface Told {
  seq: number;
  time: number;
}

/** A timeline of messages between other records, part of which the ring has lost, and the same as a plain list. */
function randomTimeline(random: Random): { timeline: Timeline; told: Told[]; oldest: number } {
  const timeline = new Timeline(1);
  const all: Told[] = [];
  let seq = 1;
  let time = 1000;
  for (let count = random.below(40); count > 0; count--) {
    seq += 1 + random.below(4);
    time += 1 + random.below(3);
    timeline.add(seq, time, true, 0);
    all.push({ seq, time });
  }
  const oldest = random.chance(2) ? 0 : random.below(seq + 2);
  return { timeline, told: all.filter((each) => each.seq >= oldest), oldest };
}

function randomAnchor(random: Random, told: readonly Told[]): HistoryAnchor {
  const exact = told.length > 0 && random.chance(2) ? random.pick(told) : undefined;
  if (random.chance(2)) return { by: "seq", seq: exact?.seq ?? random.below(120) };
  return { by: "time", time: exact?.time ?? 995 + random.below(100) };
}

const isBefore = (anchor: HistoryAnchor) => ({ seq, time }: Told) =>
  anchor.by === "seq" ? seq < anchor.seq : time < anchor.time;
const isAfter = (anchor: HistoryAnchor) => ({ seq, time }: Told) =>
  anchor.by === "seq" ? seq > anchor.seq : time > anchor.time;

pureTest(
  "BEFORE, AFTER, LATEST and BETWEEN select what a plain filter selects",
  () =>
    forAll(3000, (random) => {
      const { timeline, told, oldest } = randomTimeline(random);
      const length = timeline.length(oldest);
      assertEquals(length, told.length);
      const timeOf = (seq: number) => told.find((each) => each.seq === seq)!.time;
      const times = { of: timeOf, breaks: timeline.clockBreaks };
      const [first, second] = [randomAnchor(random, told), randomAnchor(random, told)];
      const [one, two] = [cutAtAnchor(timeline, first, times), cutAtAnchor(timeline, second, times)];
      const limit = 1 + random.below(12);
      const picked = ({ from, to }: HistorySlice) =>
        Array.from({ length: to - from }, (_, index) => timeline.at(from + index));
      const expect = (selection: HistorySlice, wanted: Told[], all: Told[]) => {
        assertEquals(picked(selection), wanted.map(({ seq }) => seq));
        assertEquals(selection.isWhole, wanted.length === all.length);
      };

      const [earlier, later] = [told.filter(isBefore(first)), told.filter(isAfter(first))];
      expect(selectBefore(one, limit), earlier.slice(-limit), earlier);
      expect(selectAfter(one, limit, length), later.slice(0, limit), later);
      expect(selectLatest(undefined, limit, length), told.slice(-limit), told);
      expect(selectLatest(one, limit, length), later.slice(-limit), later);

      const forwards = one.before <= two.before;
      const [low, high] = forwards ? [first, second] : [second, first];
      const inside = told.filter(isAfter(low)).filter(isBefore(high));
      expect(
        selectBetween(one, two, limit),
        forwards ? inside.slice(0, limit) : inside.slice(-limit),
        inside,
      );
    }),
);

pureTest(
  "AROUND has the message itself, as many as there are up to the limit, without a gap",
  () =>
    forAll(2000, (random) => {
      const { timeline, told, oldest } = randomTimeline(random);
      const length = timeline.length(oldest);
      if (length === 0) return;
      const at = random.below(length);
      const limit = 1 + random.below(12);
      const cut = cutAtAnchor(timeline, { by: "seq", seq: told[at]!.seq }, { of: () => 0, breaks: [] });
      const { from, to, isWhole } = selectAround(cut, limit, length);
      assertEquals(isWhole, to - from === length);
      assertEquals(to - from, Math.min(limit, length));
      assertEquals(from <= at && at < to, true);
    }),
);

pureTest("what does not fit is left out on the side away from the anchor", () => {
  const [early, late] = [{ before: 1, through: 2 }, { before: 7, through: 8 }];
  assertEquals(selectBefore(late, 3).keepSide, "newest");
  assertEquals(selectAfter(early, 3, 9).keepSide, "oldest");
  assertEquals(selectLatest(early, 3, 9).keepSide, "newest");
  assertEquals(selectBetween(early, late, 3).keepSide, "oldest");
  assertEquals(selectBetween(late, early, 3).keepSide, "newest");
});
