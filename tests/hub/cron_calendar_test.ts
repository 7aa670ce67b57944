/** Times of cron expressions, where a clock is set forward and back: by croner. */
import { assertEquals, assertThrows } from "@std/assert";
import { findNextTime } from "../../lib/hub/services/cron_calendar.ts";
import { pureTest } from "../support/test.ts";

/** Expression, zone, the time after which to look, and the times that follow. */
const TABLE:
  readonly (readonly [expression: string, zone: string, after: string, times: readonly string[]])[] = [
    // Berlin, 29 March 2026: 02:00 CET is 03:00 CEST (01:00 UTC).
    ["0 9 * * *", "Europe/Berlin", "2026-03-28T00:00Z", ["2026-03-28T08:00Z", "2026-03-29T07:00Z"]],
    ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]],
    ["0 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:00Z"]],
    ["59 1 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T00:59Z", "2026-03-29T23:59Z"]],
    ["*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00Z", [
      "2026-03-29T00:30Z",
      "2026-03-29T01:00Z",
      "2026-03-29T01:30Z",
    ]],
    // Berlin, 25 October 2026: 03:00 CEST is 02:00 CET (01:00 UTC).
    ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]],
    ["*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", [
      "2026-10-25T00:30Z",
      "2026-10-25T01:00Z",
      "2026-10-25T01:30Z",
    ]],
    ["0 9 * * *", "Europe/Berlin", "2026-10-24T00:00Z", ["2026-10-24T07:00Z", "2026-10-25T08:00Z"]],
    // New York, 8 March and 1 November 2026.
    ["30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:30Z"]],
    ["30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T05:30Z", "2026-11-02T06:30Z"]],
    ["0 * * * *", "America/New_York", "2026-11-01T04:30Z", [
      "2026-11-01T05:00Z",
      "2026-11-01T06:00Z",
      "2026-11-01T07:00Z",
    ]],
    // Half an hour, in the southern spring (4 October 2026): 02:00 is 02:30 (15:30 UTC).
    ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]],
    // A gap at midnight (4 November 2018): 00:00 is 01:00 (03:00 UTC).
    ["0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00Z", ["2018-11-04T03:00Z", "2018-11-05T02:00Z"]],
    // Without summer time, and with names.
    ["0 9 * * 1-5", "Asia/Kolkata", "2026-01-02T04:00Z", ["2026-01-05T03:30Z", "2026-01-06T03:30Z"]],
    ["0 9 * * MON-FRI", "UTC", "2026-01-02T09:00Z", ["2026-01-05T09:00Z"]],
    // Either day, if both are restricted; the last day; a leap day.
    ["0 9 13 * 5", "UTC", "2026-10-10T00:00Z", ["2026-10-13T09:00Z", "2026-10-16T09:00Z"]],
    ["0 9 L * *", "UTC", "2026-02-01T00:00Z", ["2026-02-28T09:00Z", "2026-03-31T09:00Z"]],
    ["0 9 29 2 *", "UTC", "2026-02-01T00:00Z", ["2028-02-29T09:00Z"]],
    ["0 9 29 2 1", "UTC", "2028-02-22T00:00Z", [
      "2028-02-28T09:00Z",
      "2028-02-29T09:00Z",
      "2029-02-05T09:00Z",
    ]],
    // Working days over both changes of the clock.
    ["0 9 * * 1-5", "Europe/Berlin", "2026-03-27T09:00Z", ["2026-03-30T07:00Z", "2026-03-31T07:00Z"]],
    ["0 9 * * 1-5", "Europe/Berlin", "2026-10-23T09:00Z", ["2026-10-26T08:00Z", "2026-10-27T08:00Z"]],
    ["@daily", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-28T23:00Z", "2026-03-29T22:00Z"]],
  ];

for (const [expression, zone, after, times] of TABLE) {
  pureTest(`cron: ${expression} in ${zone} after ${after}`, () => {
    const found: (string | undefined)[] = [];
    for (let at = Date.parse(after), nth = 0; nth < times.length; nth++) {
      at = findNextTime(expression, zone, at) ?? NaN;
      found.push(Number.isNaN(at) ? undefined : new Date(at).toISOString().replace(":00.000Z", "Z"));
    }
    assertEquals(found, times);
  });
}

pureTest("cron: no such time, no expression, no zone", () => {
  assertEquals(findNextTime("0 0 30 2 *", "UTC", 0), undefined);
  for (const bad of ["", "* * * *", "* * * * * *", "61 * * * *", "x * * * *"]) {
    assertThrows(() => findNextTime(bad, "UTC", 0), Error, undefined, bad);
  }
  assertThrows(() => findNextTime("* * * * *", "Nowhere/Land", 0));
});
