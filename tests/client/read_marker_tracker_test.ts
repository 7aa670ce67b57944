import { assertEquals } from "@std/assert";
import { MARK_INTERVAL_MS, ReadMarkerTracker } from "../../lib/client/conversation/read_marker_tracker.ts";
import { pureTest } from "../support/test.ts";

const AT = Date.UTC(2026, 0, 1);

function told(reading: ReadMarkerTracker, now: number): (string | undefined)[] {
  return reading.take(now).map(({ params }) => params?.[1]);
}

function stamp(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}

pureTest(
  "read markers: the latest message of a conversation is marked once, an older one that is shown again is not",
  () => {
    const reading = new ReadMarkerTracker();
    reading.markShown("#a", AT + 5);
    reading.markShown("#A", AT);
    assertEquals(told(reading, 0), [stamp(AT + 5)]);
    reading.markShown("#a", AT + 5);
    assertEquals([told(reading, MARK_INTERVAL_MS), reading.dueIn(MARK_INTERVAL_MS)], [[], undefined]);
  },
);

pureTest("read markers: a message with a larger sequence number is later, whatever its time", () => {
  const reading = new ReadMarkerTracker();
  reading.markShown("bob", AT, 10);
  assertEquals(told(reading, 0), [stamp(AT)]);
  reading.markShown("bob", AT, 11); // in the same millisecond
  assertEquals(reading.dueIn(0), MARK_INTERVAL_MS);
  assertEquals(told(reading, MARK_INTERVAL_MS), [stamp(AT)]);
  reading.markShown("bob", AT - 5000, 12); // the server's clock was set back
  reading.markShown("bob", AT, 11);
  assertEquals(told(reading, 2 * MARK_INTERVAL_MS), [stamp(AT - 5000)]);
});

pureTest("read markers: a clock that is set back delays nothing", () => {
  const reading = new ReadMarkerTracker();
  reading.markShown("#a", AT);
  const hour = 3_600_000;
  assertEquals(told(reading, hour), [stamp(AT)]);
  reading.markShown("#a", AT + 1);
  assertEquals(told(reading, 0), [stamp(AT + 1)]);
});
