import { assertEquals } from "@std/assert";
import { CursorWaits } from "../../../lib/server/archive/cursor_waits.ts";
import { pureTest } from "../../support/test.ts";

const LONG_MS = 1 << 30;
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

class Waits {
  readonly ring = { nextSeq: 1, durableSeq: 1 };
  cursor = 1;
  isHalted = false;
  passes = 0;
  /** A sync that has begun ends when the test says so. */
  readonly syncs: (() => void)[] = [];
  readonly ended: string[] = [];
  readonly waits: CursorWaits;

  constructor(untilMs = LONG_MS) {
    this.waits = new CursorWaits({
      ring: this.ring,
      cursor: () => this.cursor,
      isHalted: () => this.isHalted,
      sync: () => new Promise<void>((resolve) => this.syncs.push(resolve)),
      archive: () => this.passes++,
      untilMs,
    });
  }

  /** A query for all records so far; `name` is noted in the end, with `-` if they are not archived. */
  query(name: string): void {
    void this.waits.wait(this.ring.nextSeq).then((is) => this.ended.push(is ? name : `-${name}`));
  }

  async sync(durableSeq: number): Promise<void> {
    this.ring.durableSeq = durableSeq;
    this.syncs.at(-1)!();
    await settle();
  }

  async archive(cursor: number): Promise<void> {
    this.cursor = cursor;
    this.waits.notify();
    await settle();
  }
}

pureTest(
  "queries that wait share one sync and one pass, and those that come then the next ones",
  async () => {
    const test = new Waits();
    test.query("at once");
    test.ring.nextSeq = 5;
    for (const name of ["a", "b", "c"]) test.query(name);
    assertEquals([test.syncs.length, test.passes], [1, 0], "the pass comes after the sync");
    test.ring.nextSeq = 8;
    test.query("d");
    await test.sync(5);
    assertEquals([test.syncs.length, test.passes], [1, 1], "one at a time");
    test.query("e");
    await test.archive(5);
    assertEquals(test.ended, ["at once", "a", "b", "c"]);
    assertEquals([test.syncs.length, test.passes], [2, 1]);
    await test.sync(8);
    await test.archive(8);
    assertEquals(test.ended.slice(4), ["d", "e"]);
    assertEquals([test.syncs.length, test.passes], [2, 2], "no query waits, nothing more is done");
  },
);

pureTest("while the log can't be synced a query waits, and the next one has it tried again", async () => {
  const test = new Waits();
  test.ring.nextSeq = 5;
  test.query("a");
  await test.sync(1);
  assertEquals([test.syncs.length, test.passes, test.ended], [1, 0, []]);
  test.query("b");
  assertEquals(test.syncs.length, 2);
  await test.sync(5);
  await test.archive(5);
  assertEquals(test.ended, ["a", "b"]);
});

pureTest("where nothing is archived no query waits, and nothing is synced", async () => {
  const test = new Waits();
  test.ring.nextSeq = 5;
  test.query("a");
  await test.sync(5);
  test.isHalted = true;
  test.waits.notify();
  await settle();
  test.query("b");
  await settle();
  assertEquals([test.ended, test.syncs.length], [["-a", "-b"], 1]);
});

pureTest("a query waits for a bounded time", async () => {
  const test = new Waits(1);
  test.ring.nextSeq = 5;
  assertEquals(await test.waits.wait(5), false);
});
