/** Times to come as people say them, in a zone, also where its clock is set forward and back. */
import { assertEquals, assertThrows } from "@std/assert";
import { parseFutureTime } from "../../lib/base/values/future_time.ts";
import { formatZonedTime, isTimeZone } from "../../lib/base/values/zoned_time.ts";
import { pureTest } from "../support/test.ts";

const BERLIN = "Europe/Berlin";
/** Saturday, 9:00 in Berlin; its clock is set forward in the next night. */
const NOW = Date.parse("2026-03-28T08:00Z");

const TABLE: readonly (readonly [text: string, time: string | undefined])[] = [
  ["18:00", "2026-03-28T17:00Z"],
  ["9:00", "2026-03-29T07:00Z"],
  ["9:01", "2026-03-28T08:01Z"],
  ["8am", "2026-03-29T06:00Z"],
  ["noon", "2026-03-28T11:00Z"],
  ["tomorrow 9:00", "2026-03-29T07:00Z"],
  ["Tomorrow at 9am", "2026-03-29T07:00Z"],
  ["9:00 tomorrow", "2026-03-29T07:00Z"],
  ["today 6:00", "2026-03-28T05:00Z"],
  ["sat 8:59", "2026-04-04T06:59Z"],
  ["saturday 9:01", "2026-03-28T08:01Z"],
  ["monday 9:00", "2026-03-30T07:00Z"],
  ["24 dec 18:00", "2026-12-24T17:00Z"],
  ["jan 2 18:00", "2027-01-02T17:00Z"],
  ["29 feb 10:00", "2028-02-29T09:00Z"],
  ["2026-12-24 18:00", "2026-12-24T17:00Z"],
  ["2026-12-24T18:00", "2026-12-24T17:00Z"],
  ["2026-12-24T18:00:00+03:00", "2026-12-24T15:00Z"],
  ["2026-12-24T18:00Z", "2026-12-24T18:00Z"],
  ["@1795870020", "2026-11-28T12:47Z"],
  // 02:00 to 03:00 is left out on 29 March, and comes twice on 25 October.
  ["tomorrow 1:59", "2026-03-29T00:59Z"],
  ["tomorrow 2:00", "2026-03-29T01:00Z"],
  ["tomorrow 2:30", "2026-03-29T01:30Z"],
  ["tomorrow 3:00", "2026-03-29T01:00Z"],
  ["25 oct 2:30", "2026-10-25T00:30Z"],
  ["25 oct 3:00", "2026-10-25T02:00Z"],
  ["", undefined],
  ["tomorrow", undefined],
  ["next monday 9:00", undefined],
  ["yesterday 9:00", undefined],
  ["2026-02-30 9:00", undefined],
  ["9:00 or so", undefined],
  ["25:00", undefined],
  ["2h", undefined],
];

for (const [text, time] of TABLE) {
  pureTest(`future time: ${text || "nothing"}`, () => {
    const found = parseFutureTime(text, NOW, BERLIN);
    assertEquals(found && new Date(found).toISOString().replace(":00.000Z", "Z"), time);
  });
}

pureTest("future time: in other zones", () => {
  const found = parseFutureTime("tomorrow 2:30", Date.parse("2026-03-07T20:00Z"), "America/New_York");
  assertEquals(new Date(found!).toISOString(), "2026-03-08T07:30:00.000Z");
  assertThrows(() => parseFutureTime("9:00", NOW, "Nowhere/Land"), RangeError);
  assertEquals(["Europe/Berlin", "UTC", "Nowhere/Land", "+01:00", ""].map(isTimeZone), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assertEquals(formatZonedTime(NOW, "Asia/Kolkata"), "2026-03-28 13:30 Asia/Kolkata");
});
