/** Hand-over times where clocks are set, in several zones, and zones that a file defines itself. */
import { assertEquals } from "@std/assert";
import {
  describeDuty,
  dutyAt,
  type DutyCalendar,
  nextChange,
  readDutyCalendar,
} from "../../../lib/hub/services/duty/duty_calendar.ts";
import { pureTest } from "../../support/test.ts";
import { forAll } from "../../irc/property.ts";
import { basicTime, calendarOf, readEvents } from "./files.ts";
import { modelInstant } from "./model.ts";
import { OUTLOOK_ZONE } from "./samples.ts";

const WEEK_MS = 7 * 86_400_000;

/** alice and bob take turns, a shift each, from a local time on: daily or weekly. */
function rotation(zone: string, start: string, period: "DAILY" | "WEEKLY", head = ""): DutyCalendar {
  const first = Date.parse(`${start}Z`);
  const length = period === "DAILY" ? WEEK_MS / 7 : WEEK_MS;
  const events = ["alice", "bob"].map((name, nth) =>
    [
      `UID:${name}`,
      `DTSTART;TZID=${zone}:${basicTime(first + nth * length)}`,
      `DTEND;TZID=${zone}:${basicTime(first + (nth + 1) * length)}`,
      `RRULE:FREQ=${period};INTERVAL=2`,
      `SUMMARY:${name}`,
    ].join("\n")
  );
  return readDutyCalendar(calendarOf(events, head));
}

/** The next changes after a time: `2026-03-30T07:00Z bob`. */
function listChanges(calendar: DutyCalendar, after: string, count: number): string[] {
  const changes: string[] = [];
  for (let at = Date.parse(after); changes.length < count;) {
    const change = nextChange(calendar, at);
    if (change === undefined) break;
    at = change.at;
    changes.push(`${new Date(at).toISOString().replace(":00.000Z", "Z")} ${change.names.join() || "none"}`);
  }
  return changes;
}

const WEEKLY: readonly (readonly [zone: string, start: string, after: string, changes: readonly string[]])[] =
  [
    // Berlin: 29 March and 25 October 2026.
    ["Europe/Berlin", "2026-03-16T09:00", "2026-03-17T00:00Z", [
      "2026-03-23T08:00Z bob",
      "2026-03-30T07:00Z alice",
      "2026-04-06T07:00Z bob",
    ]],
    ["Europe/Berlin", "2026-03-16T09:00", "2026-10-13T00:00Z", [
      "2026-10-19T07:00Z bob",
      "2026-10-26T08:00Z alice",
      "2026-11-02T08:00Z bob",
    ]],
    // New York: 8 March and 1 November 2026.
    ["America/New_York", "2026-02-23T09:00", "2026-02-24T00:00Z", [
      "2026-03-02T14:00Z bob",
      "2026-03-09T13:00Z alice",
    ]],
    ["America/New_York", "2026-02-23T09:00", "2026-10-20T00:00Z", [
      "2026-10-26T13:00Z bob",
      "2026-11-02T14:00Z alice",
    ]],
    // Lord Howe Island: half an hour, 5 April (back to +10:30) and 4 October 2026 (to +11).
    ["Australia/Lord_Howe", "2026-03-23T09:00", "2026-03-24T00:00Z", [
      "2026-03-29T22:00Z bob",
      "2026-04-05T22:30Z alice",
    ]],
    ["Australia/Lord_Howe", "2026-03-23T09:00", "2026-09-22T00:00Z", [
      "2026-09-27T22:30Z bob",
      "2026-10-04T22:00Z alice",
    ]],
    // India and Japan have no summer time.
    ["Asia/Kolkata", "2026-03-16T09:00", "2026-03-17T00:00Z", [
      "2026-03-23T03:30Z bob",
      "2026-03-30T03:30Z alice",
    ]],
    ["Asia/Tokyo", "2026-10-12T09:00", "2026-10-13T00:00Z", [
      "2026-10-19T00:00Z bob",
      "2026-10-26T00:00Z alice",
    ]],
    // Morocco is at +1, and at +0 in Ramadan: 15 February to 22 March 2026.
    ["Africa/Casablanca", "2026-02-09T09:00", "2026-02-10T00:00Z", [
      "2026-02-16T09:00Z bob",
      "2026-02-23T09:00Z alice",
      "2026-03-02T09:00Z bob",
      "2026-03-09T09:00Z alice",
      "2026-03-16T09:00Z bob",
      "2026-03-23T08:00Z alice",
    ]],
  ];

for (const [zone, start, after, changes] of WEEKLY) {
  pureTest(`duty: weeks from 09:00 in ${zone}, after ${after}`, () => {
    assertEquals(listChanges(rotation(zone, start, "WEEKLY"), after, changes.length), changes);
  });
}

const DAILY: readonly (readonly [what: string, zone: string, start: string, changes: readonly string[]])[] = [
  ["in the gap: the time behind it", "Europe/Berlin", "2026-03-27T02:30", [
    "2026-03-28T01:30Z bob",
    "2026-03-29T01:30Z alice",
    "2026-03-30T00:30Z bob",
  ]],
  ["in the hour that exists twice: the first of the two", "Europe/Berlin", "2026-10-23T02:30", [
    "2026-10-24T00:30Z bob",
    "2026-10-25T00:30Z alice",
    "2026-10-26T01:30Z bob",
  ]],
  ["in the gap of half an hour", "Australia/Lord_Howe", "2026-10-02T02:15", [
    "2026-10-02T15:45Z bob",
    "2026-10-03T15:45Z alice",
    "2026-10-04T15:15Z bob",
  ]],
  ["in the half hour that exists twice", "Australia/Lord_Howe", "2026-04-03T01:45", [
    "2026-04-03T14:45Z bob",
    "2026-04-04T14:45Z alice",
    "2026-04-05T15:15Z bob",
  ]],
  ["in a gap at midnight", "America/Santiago", "2026-09-04T00:00", [
    "2026-09-05T04:00Z bob",
    "2026-09-06T04:00Z alice",
    "2026-09-07T03:00Z bob",
  ]],
];

for (const [what, zone, start, changes] of DAILY) {
  pureTest(`duty: a daily hand-over ${what} (${zone})`, () => {
    const after = new Date(Date.parse(`${start}Z`) + WEEK_MS / 28).toISOString();
    assertEquals(listChanges(rotation(zone, start, "DAILY"), after, changes.length), changes);
  });
}

pureTest("duty: a zone that the file defines means the same as that of the time zone database", () => {
  const own = rotation("W. Europe Standard Time", "2026-01-05T02:30", "DAILY", OUTLOOK_ZONE);
  const iana = rotation("Europe/Berlin", "2026-01-05T02:30", "DAILY");
  const start = Date.parse("2026-01-05T00:00Z");
  for (let at = start; at < start + 4 * 53 * WEEK_MS; at += 5 * 3_600_000) {
    assertEquals(dutyAt(own, at), dutyAt(iana, at), new Date(at).toISOString());
  }
});

pureTest("duty: local times of all zones become the instants that Temporal has for them", () => {
  forAll(400, (random) => {
    const zone = random.pick(Intl.supportedValuesOf("timeZone"));
    const some = Temporal.Instant.fromEpochMilliseconds(Date.UTC(1971 + random.below(110), random.below(12)));
    const change = some.toZonedDateTimeISO(zone).getTimeZoneTransition("next") ??
      some.toZonedDateTimeISO(zone);
    const nearby = change.epochMilliseconds + change.offsetNanoseconds / 1e6 +
      (random.below(48) - 24) * 900_000;
    const local = nearby - nearby % 1000;
    const event = `DTSTART;TZID=${zone}:${basicTime(local)}\nDURATION:PT1H\nSUMMARY:alice`;
    assertEquals(readEvents(event).first.start, modelInstant(local, zone), event);
  });
});

pureTest("duty: in words", () => {
  const calendar = rotation("Europe/Berlin", "2026-03-16T09:00", "WEEKLY");
  assertEquals(
    ["2026-03-01T00:00Z", "2026-03-29T12:00Z"].map((at) => describeDuty(calendar, Date.parse(at))),
    [
      "no account until 2026-03-16 08:00 UTC, then alice",
      "bob until 2026-03-30 07:00 UTC, then alice",
    ],
  );
});
