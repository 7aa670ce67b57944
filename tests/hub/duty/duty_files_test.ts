/** Files as calendar programs export them, in the forms of RFC 5545. */
import { assertEquals } from "@std/assert";
import {
  describeExtent,
  dutyAt,
  type DutyCalendar,
  nextChange,
  readDutyCalendar,
} from "../../../lib/hub/services/duty/duty_calendar.ts";
import { pureTest } from "../../support/test.ts";
import { calendarOf, readEvents, refusalOf } from "./files.ts";
import { APPLE, GOOGLE, OPSGENIE, OUTLOOK, OUTLOOK_ZONE, PAGERDUTY } from "./samples.ts";

/** All changes of a calendar from a day on: `2026-03-30T07:00Z bob`. */
function listChanges(calendar: DutyCalendar, most = 20, from = "2025-12-31"): string[] {
  const changes: string[] = [];
  for (let at = Date.parse(from); changes.length < most;) {
    const change = nextChange(calendar, at);
    if (change === undefined) break;
    at = change.at;
    changes.push(`${new Date(at).toISOString().replace(":00.000Z", "Z")} ${change.names.join() || "none"}`);
  }
  return changes;
}

const GOOGLE_CHANGES = [
  "2026-03-02T14:00Z alice",
  "2026-03-09T13:00Z none",
  "2026-03-17T16:00Z carol,dave",
  "2026-03-23T13:00Z none",
  "2026-04-13T13:00Z alice",
  "2026-04-20T13:00Z none",
  "2026-04-27T13:00Z alice",
  "2026-05-04T13:00Z none",
  "2026-05-11T13:00Z alice",
  "2026-05-18T13:00Z none",
  "2026-05-25T13:00Z alice",
  "2026-06-01T13:00Z none",
  "2026-07-01T04:00Z erin",
  "2026-07-03T04:00Z none",
];

pureTest("duty: a file of Google Calendar", () => {
  const calendar = readDutyCalendar(GOOGLE);
  assertEquals(listChanges(calendar), GOOGLE_CHANGES);
  assertEquals(calendar.events, 4);
  assertEquals(
    describeExtent(calendar),
    "first duty 2026-03-02 14:00 UTC (alice), last duty ends 2026-07-03 04:00 UTC",
  );
});

pureTest("duty: a file means the same with other ends of lines, a byte order mark and other folds", () => {
  const variants = {
    CRLF: GOOGLE.replaceAll("\n", "\r\n"),
    CR: GOOGLE.replaceAll("\n", "\r"),
    "a byte order mark": `\ufeff${GOOGLE}`,
    "no last end of line": GOOGLE.trimEnd(),
    "lines of 10 characters": GOOGLE.replace(
      /^(?! ).{11,}$/gm,
      (line) => line.match(/.{1,10}/g)!.join("\r\n "),
    ),
    "lower case": GOOGLE.replace(/^[A-Z-]+(?=[:;])/gm, (name) => name.toLowerCase()),
  };
  for (const [what, text] of Object.entries(variants)) {
    assertEquals(listChanges(readDutyCalendar(text)), GOOGLE_CHANGES, what);
  }
});

pureTest("duty: a file of Outlook", () => {
  assertEquals(listChanges(readDutyCalendar(OUTLOOK)), [
    "2026-03-16T20:00Z bob",
    "2026-03-17T08:00Z none",
    "2026-03-17T20:00Z bob",
    "2026-03-18T08:00Z none",
    "2026-03-20T20:00Z bob",
    "2026-03-21T08:00Z none",
    "2026-03-23T20:00Z bob",
    "2026-03-24T08:00Z none",
    "2026-03-24T20:00Z bob",
    "2026-03-25T08:00Z none",
    "2026-03-25T20:00Z bob",
    "2026-03-26T08:00Z none",
    "2026-03-26T20:00Z bob",
    "2026-03-27T08:00Z none",
    "2026-03-27T20:00Z bob",
    "2026-03-28T08:00Z none",
  ]);
});

pureTest("duty: a file of Apple Calendar, and a change of all later times", () => {
  assertEquals(listChanges(readDutyCalendar(APPLE)), [
    "2026-01-05T09:00Z alice",
    "2026-01-05T17:00Z none",
    "2026-01-12T09:00Z alice",
    "2026-01-12T17:00Z none",
    "2026-01-20T10:00Z bob",
    "2026-01-20T12:00Z none",
    "2026-01-27T10:00Z bob",
    "2026-01-27T12:00Z none",
  ]);
});

pureTest(
  "duty: files of PagerDuty and Opsgenie name people: refused, and read once they name accounts",
  () => {
    const samples = [
      [PAGERDUTY, "On Call - Alice Doe - Primary", 9],
      [OPSGENIE, "alice@example.org", 9],
    ] as const;
    for (const [text, summary, line] of samples) {
      assertEquals(
        refusalOf(text),
        `line ${line}: SUMMARY is to be an account, or several with commas, and ${
          JSON.stringify(summary)
        } is no ` +
          "account's name",
      );
      const renamed = readDutyCalendar(text.replace(`SUMMARY:${summary}`, "SUMMARY:alice"));
      assertEquals(listChanges(renamed), ["2026-01-05T08:00Z alice", "2026-01-12T08:00Z none"]);
    }
  },
);

/** What an event, or several, mean. */
const EVENTS:
  readonly (readonly [what: string, head: string, events: string[], changes: readonly string[]])[] = [
    ["overlapping events: all names, each once", "", [
      "DTSTART:20260105T080000Z\nDTEND:20260105T120000Z\nSUMMARY:alice",
      "DTSTART:20260105T100000Z\nDTEND:20260105T140000Z\nSUMMARY:bob, Alice",
    ], [
      "2026-01-05T08:00Z alice",
      "2026-01-05T10:00Z alice,bob",
      "2026-01-05T14:00Z none",
    ]],
    ["a shift taken over by the same account is no change", "", [
      "DTSTART:20260105T080000Z\nDTEND:20260106T080000Z\nRRULE:FREQ=DAILY;COUNT=30\nSUMMARY:alice",
    ], ["2026-01-05T08:00Z alice", "2026-02-04T08:00Z none"]],
    ["days, without DTEND one", "X-WR-TIMEZONE:Europe/Berlin", [
      "DTSTART;VALUE=DATE:20260328\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=2\nSUMMARY:alice",
      "DTSTART;VALUE=DATE:20260329\nDTEND;VALUE=DATE:20260330\nSUMMARY:bob",
    ], [
      "2026-03-27T23:00Z alice",
      "2026-03-28T23:00Z bob",
      "2026-03-29T22:00Z alice",
      "2026-03-30T22:00Z none",
    ]],
    ["days without a zone are those of UTC", "", [
      "DTSTART;VALUE=DATE:20260328\nDURATION:P1W\nSUMMARY:alice",
    ], ["2026-03-28T00:00Z alice", "2026-04-04T00:00Z none"]],
    ["times without a zone are those of the calendar", "X-WR-TIMEZONE:Asia/Kolkata", [
      "DTSTART:20260328T233000\nDTEND:20260329T053000\nSUMMARY:alice",
    ], ["2026-03-28T18:00Z alice", "2026-03-29T00:00Z none"]],
    ["hours of a DURATION are exact, days are not", "", [
      "DTSTART;TZID=Europe/Berlin:20260328T210000\nDURATION:PT12H\nSUMMARY:alice",
      "DTSTART;TZID=Europe/Berlin:20260330T210000\nDURATION:P1DT1H\nSUMMARY:bob",
    ], [
      "2026-03-28T20:00Z alice",
      "2026-03-29T08:00Z none",
      "2026-03-30T19:00Z bob",
      "2026-03-31T20:00Z none",
    ]],
    ["every third week on several days", "", [
      "DTSTART;TZID=Europe/Berlin:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH;COUNT=3\n" +
      "SUMMARY:alice",
    ], [
      "2026-01-05T08:00Z alice",
      "2026-01-05T09:00Z none",
      "2026-01-08T08:00Z alice",
      "2026-01-08T09:00Z none",
      "2026-01-26T08:00Z alice",
      "2026-01-26T09:00Z none",
    ]],
    ["the last working day of a month", "", [
      "DTSTART:20260130T090000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;" +
      "UNTIL=20260331T090000Z\nSUMMARY:alice",
    ], [
      "2026-01-30T09:00Z alice",
      "2026-01-30T10:00Z none",
      "2026-02-27T09:00Z alice",
      "2026-02-27T10:00Z none",
      "2026-03-31T09:00Z alice",
      "2026-03-31T10:00Z none",
    ]],
    ["RDATE adds times, EXDATE takes some away, also whole days", "", [
      "DTSTART:20260105T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nRDATE:20260110T090000Z,20260111T090000Z\n" +
      "EXDATE;VALUE=DATE:20260106,20260111\nEXDATE;TZID=Europe/Berlin:20260107T100000\nSUMMARY:alice",
    ], [
      "2026-01-05T09:00Z alice",
      "2026-01-05T10:00Z none",
      "2026-01-08T09:00Z alice",
      "2026-01-08T10:00Z none",
      "2026-01-10T09:00Z alice",
      "2026-01-10T10:00Z none",
    ]],
    ["RECURRENCE-ID in UTC moves a time and gives it to another, or cancels it", "", [
      "UID:1\nDTSTART;TZID=Europe/Berlin:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:alice",
      "UID:1\nRECURRENCE-ID:20260106T080000Z\nDTSTART:20260106T200000Z\nDURATION:PT1H\nSUMMARY:bob",
      "UID:1\nRECURRENCE-ID:20260107T080000Z\nDTSTART:20260107T080000Z\nSTATUS:CANCELLED",
      "UID:2\nRECURRENCE-ID:20260108T080000Z\nDTSTART:20260109T080000Z\nDURATION:PT1H\nSUMMARY:carol",
    ], [
      "2026-01-05T08:00Z alice",
      "2026-01-05T09:00Z none",
      "2026-01-06T20:00Z bob",
      "2026-01-06T21:00Z none",
      "2026-01-08T08:00Z alice",
      "2026-01-08T09:00Z none",
      "2026-01-09T08:00Z carol",
      "2026-01-09T09:00Z none",
    ]],
    ["a series that is cancelled from a time on", "", [
      "UID:1\nDTSTART:20260105T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:alice",
      "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260106T090000Z\nDTSTART:20260106T090000Z\nSTATUS:CANCELLED",
    ], ["2026-01-05T09:00Z alice", "2026-01-05T10:00Z none"]],
    ["a VTIMEZONE with the single changes of some years, of a name that is none", officeZone(), [
      "DTSTART;TZID=Office:20260328T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nSUMMARY:alice",
    ], [
      "2026-03-28T08:00Z alice",
      "2026-03-28T09:00Z none",
      "2026-03-29T07:00Z alice",
      "2026-03-29T08:00Z none",
    ]],
  ];

function officeZone(): string {
  return OUTLOOK_ZONE.replace("W. Europe Standard Time", "Office")
    .replaceAll(/RRULE:.*=10/g, "RDATE:20251026T030000,20261025T030000")
    .replaceAll(/RRULE:.*=3/g, "RDATE:20260329T020000");
}

for (const [what, head, events, changes] of EVENTS) {
  pureTest(`duty: ${what}`, () => {
    assertEquals(listChanges(readDutyCalendar(calendarOf(events, head))), changes);
  });
}

pureTest("duty: one account for ever is found in a bounded time, and has no end", () => {
  const calendar = readEvents(
    "DTSTART:20200106T090000Z\nDURATION:P7D\nRRULE:FREQ=WEEKLY;UNTIL=99991231T000000Z\nSUMMARY:alice",
  );
  assertEquals(dutyAt(calendar, Date.parse("2026-01-05T00:00Z")), { names: ["alice"], until: undefined });
  assertEquals(describeExtent(calendar), "first duty 2020-01-06 09:00 UTC (alice), repeated without an end");
});
