/** The window of rows over a long conversation: bounded, and nothing in it jumps. */
import { assertEquals } from "@std/assert";
import { END_TOLERANCE_PX, ListWindow, MAX_WINDOW_ROWS } from "../../../lib/page/model/window.ts";
import { RowHeights } from "../../../lib/page/model/row_heights.ts";
import { pureTest } from "../../support/test.ts";

const VIEW_PX = 600;

function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 4294967296 * below);
  };
}

/** A window over `rows` rows of 30 px, as estimated. */
function makeWindow(rows: number): ListWindow {
  const list = new ListWindow({ estimate: () => 30 });
  list.resize(VIEW_PX);
  list.splice({ at: 0, removed: 0, inserted: rows });
  return list;
}

pureTest("window: heights of rows are those of an array, whatever is added, removed and measured", () => {
  const random = makeRandom(1);
  const heights = new RowHeights();
  const model: number[] = [];
  for (let round = 0; round < 2000; round++) {
    const at = random(model.length + 1);
    const removed = random(Math.min(model.length - at, 700) + 1);
    const inserted = Array.from({ length: random(1500) }, () => random(40));
    if (random(3) > 0) {
      heights.splice(at, removed, inserted);
      model.splice(at, removed, ...inserted);
    } else if (model.length > 0) {
      const index = random(model.length);
      heights.set(index, model[index] = random(90));
    }
    assertEquals([heights.count, heights.total], [model.length, model.reduce((sum, each) => sum + each, 0)]);
    if (model.length === 0) continue;
    const index = random(model.length);
    const offset = model.slice(0, index).reduce((sum, each) => sum + each, 0);
    assertEquals([heights.get(index), heights.offsetOf(index)], [model[index], offset]);
    if (model[index]! > 0) assertEquals(heights.indexAt(offset), index);
    if (model.length > 5000) {
      heights.splice(0, 4000, []);
      model.splice(0, 4000);
    }
  }
});

pureTest(
  "window: of 100,000 rows at most 300 are kept, wherever it is scrolled to, and what is seen is among them",
  () => {
    const list = makeWindow(100_000);
    const random = makeRandom(2);
    for (let round = 0; round < 500; round++) {
      list.scroll(random(100_000 * 30));
      list.measure(list.layout.start, [random(4), random(400), random(4)]);
      const { start, end, above, below, scrollTop } = list.layout;
      assertEquals(end - start <= MAX_WINDOW_ROWS, true);
      assertEquals(above <= scrollTop && above + below <= 100_000 * 30 * 2, true);
      const anchor = list.anchor!;
      assertEquals(start <= anchor.index && anchor.index < end, true);
    }
  },
);

pureTest("window: very low rows are bounded, too", () => {
  const list = new ListWindow({ estimate: () => 1 });
  list.resize(VIEW_PX);
  list.splice({ at: 0, removed: 0, inserted: 5000 });
  list.scroll(2000);
  const { start, end } = list.layout;
  assertEquals([start <= 2000, end - start], [true, MAX_WINDOW_ROWS]);
});

pureTest(
  "window: the row at the top stays where it is while others come, go and turn out to be of another height",
  () => {
    const random = makeRandom(3);
    for (let round = 0; round < 60; round++) {
      const list = makeWindow(400);
      list.scroll(3000 + random(5000));
      // By number, as a page knows its rows by their keys.
      let keys = Array.from({ length: list.count }, (_, index) => index);
      let nextKey = keys.length;
      for (let step = 0; step < 60; step++) {
        const before = list.anchor!;
        const key = keys[before.index]!;
        const kind = random(4);
        if (kind === 0) { // earlier messages
          const inserted = 1 + random(100);
          list.splice({ at: 0, removed: 0, inserted });
          keys = [...Array.from({ length: inserted }, () => nextKey++), ...keys];
        } else if (kind === 1) { // a new message
          list.splice({ at: list.count, removed: 0, inserted: 1 });
          keys.push(nextKey++);
        } else if (kind === 2) { // one that is not at the top goes
          const at = random(list.count);
          if (at === before.index) continue;
          list.splice({ at, removed: 1, inserted: 0 });
          keys.splice(at, 1);
        } else {
          const start = random(list.count);
          list.measure(start, Array.from({ length: random(30) }, () => 20 + random(60)));
        }
        const after = keys.indexOf(key);
        const { end } = list.layout;
        assertEquals(after < end, true);
        const expected = before.distance;
        const isAtBounds = list.scrollTop === 0 || list.isAtEnd;
        if (!isAtBounds && list.scrollTop < list.maxScrollTop) {
          assertEquals(list.offsetOf(after) - list.scrollTop, expected, `round ${round}, step ${step}`);
        }
      }
    }
  },
);

pureTest("window: at the end, the end stays; scrolled away, it does not pull back", () => {
  const list = makeWindow(100);
  assertEquals([list.isAtEnd, list.scrollTop], [true, 100 * 30 - VIEW_PX]);
  list.splice({ at: 100, removed: 0, inserted: 1 });
  list.measure(100, [90]);
  assertEquals([list.isAtEnd, list.scrollTop], [true, 100 * 30 + 90 - VIEW_PX]);
  list.resize(VIEW_PX / 2); // a keyboard appears
  assertEquals([list.isAtEnd, list.scrollTop], [true, 100 * 30 + 90 - VIEW_PX / 2]);
  list.scroll(list.scrollTop - END_TOLERANCE_PX - 1);
  const { scrollTop } = list;
  list.splice({ at: 101, removed: 0, inserted: 5 });
  assertEquals([list.isAtEnd, list.scrollTop], [false, scrollTop]);
  list.scrollToEnd();
  assertEquals([list.isAtEnd, list.scrollTop], [true, 105 * 30 + 90 - VIEW_PX / 2]);
});

pureTest("window: it scrolls to a row, and to the end where the row is near it", () => {
  const list = makeWindow(1000);
  list.scrollTo(500, 100);
  assertEquals([list.scrollTop, list.isAtEnd], [500 * 30 - 100, false]);
  list.scrollTo(0, 100);
  assertEquals(list.scrollTop, 0);
  list.scrollTo(999);
  assertEquals([list.scrollTop, list.isAtEnd], [1000 * 30 - VIEW_PX, true]);
});

pureTest("window: one more row leaves the others that are drawn as they are, until they are too many", () => {
  const list = makeWindow(1000);
  list.resize(600);
  const { start, above } = list.layout;
  let row = 1000;
  for (; row < 1008; row++) {
    list.splice({ at: row, removed: 0, inserted: 1 });
    const { layout } = list;
    assertEquals([layout.start, layout.end, layout.above], [start, row + 1, above]);
  }
  for (; row < 2000; row++) {
    list.splice({ at: row, removed: 0, inserted: 1 });
    const { layout } = list;
    assertEquals(layout.end, row + 1);
    assertEquals(layout.end - layout.start <= 60, true, `${layout.end - layout.start} rows`);
  }
  list.splice({ at: 0, removed: 0, inserted: 100 });
  assertEquals(list.layout.end, 2100);
  assertEquals(list.layout.above, list.offsetOf(list.layout.start));
});

pureTest("window: fewer rows than fit are all there, and none is no fault", () => {
  const list = makeWindow(0);
  assertEquals(list.layout, { start: 0, end: 0, above: 0, below: 0, scrollTop: 0 });
  assertEquals(list.anchor, undefined);
  list.splice({ at: 0, removed: 0, inserted: 3 });
  assertEquals(list.layout, { start: 0, end: 3, above: 0, below: 0, scrollTop: 0 });
  list.splice({ at: 0, removed: 3, inserted: 0 });
  assertEquals(list.layout.end, 0);
});
