/** Files that are no calendars of duties, or that would take long: refused with what and where, within counted steps. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { dutyAt, readDutyCalendar } from "../../../lib/hub/services/duty/duty_calendar.ts";
import { MAX_OCCURRENCES, StepBudget } from "../../../lib/hub/services/duty/step_budget.ts";
import { pureTest } from "../../support/test.ts";
import { calendarOf, refusalOf } from "./files.ts";

const START = "DTSTART;TZID=Europe/Berlin:20260105T090000\nDURATION:PT1H\nSUMMARY:alice\n";

/** An event that is repeated by a rule, and why it is refused. */
const RULES: readonly (readonly [rule: string, why: string])[] = [
  ["FREQ=SECONDLY", 'FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and not "SECONDLY"'],
  ["FREQ=MINUTELY;COUNT=2", 'FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and not "MINUTELY"'],
  ["FREQ=HOURLY", 'FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and not "HOURLY"'],
  ["INTERVAL=2", 'FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and not "undefined"'],
  ["FREQ=DAILY;INTERVAL=0", 'INTERVAL is a number from 1 to 3660, and not "0"'],
  ["FREQ=DAILY;INTERVAL=3661", 'INTERVAL is a number from 1 to 3660, and not "3661"'],
  ["FREQ=WEEKLY;INTERVAL=521", 'INTERVAL is a number from 1 to 520, and not "521"'],
  ["FREQ=MONTHLY;INTERVAL=1e9", 'INTERVAL is a number from 1 to 120, and not "1e9"'],
  ["FREQ=YEARLY;INTERVAL=11", 'INTERVAL is a number from 1 to 10, and not "11"'],
  ["FREQ=DAILY;COUNT=20001", 'COUNT is a number from 1 to 20000, and not "20001"'],
  ["FREQ=DAILY;COUNT=2;UNTIL=20270101", "RRULE has COUNT and UNTIL"],
  ["FREQ=DAILY;UNTIL=20270230", 'UNTIL is no date or time: "RRULE:FREQ=DAILY;UNTIL=20270230"'],
  ["FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2", "DTSTART is no time of the RRULE"],
  ["FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2", "DTSTART is no time of the RRULE"],
  ["FREQ=YEARLY;BYDAY=5SU;BYMONTH=2;INTERVAL=9", "DTSTART is no time of the RRULE"],
  ["FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11", "DTSTART is no time of the RRULE"],
  ["FREQ=WEEKLY;BYDAY=TU", "DTSTART is no time of the RRULE"],
  ["FREQ=DAILY;BYHOUR=8,9", '"BYHOUR" in RRULE is not read'],
  ["FREQ=YEARLY;BYWEEKNO=20", '"BYWEEKNO" in RRULE is not read'],
  ["FREQ=YEARLY;BYYEARDAY=1", '"BYYEARDAY" in RRULE is not read'],
  ["FREQ=DAILY;X-MORE=1", '"X-MORE" in RRULE is not read'],
  ["FREQ=WEEKLY;BYDAY=1MO", '"RRULE:FREQ=WEEKLY;BYDAY=1MO": numbers in BYDAY are for MONTHLY and YEARLY'],
  ["FREQ=MONTHLY;BYDAY=6MO", '"RRULE:FREQ=MONTHLY;BYDAY=6MO": a month has five of a weekday'],
  [
    "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=5",
    '"RRULE:FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=5": BYDAY and BYMONTHDAY together are not read',
  ],
];

pureTest("duty: a rule is refused that is not read, too frequent, too long, or without a time", () => {
  for (const [rule, why] of RULES) {
    assertEquals(refusalOf(calendarOf([`${START}RRULE:${rule}`])), `line 8: ${why}`, rule);
  }
});

/** Lines of an event, and why it is refused. */
const EVENTS: readonly (readonly [event: string, why: RegExp])[] = [
  ["SUMMARY:alice", /^line 4: the event has no DTSTART$/],
  ["DTSTART:00010101T000000Z\nSUMMARY:a", /^line 5: DTSTART is not in the years 1970 to 2099: /],
  ["DTSTART:21000101T000000Z\nSUMMARY:a", /^line 5: DTSTART is not in the years 1970 to 2099: /],
  ["DTSTART:20260230T000000Z\nSUMMARY:a", /^line 5: DTSTART is no date or time: /],
  ["DTSTART:garbage\nSUMMARY:a", /^line 5: DTSTART is no date or time: "DTSTART:garbage"$/],
  ["DTSTART:20260105T090000\nDURATION:PT1H\nSUMMARY:a", /^line 5: DTSTART has no time zone: give it a TZID/],
  [
    "DTSTART;TZID=W. Europe Standard Time:20260105T090000\nSUMMARY:a",
    /^line 5: TZID "W\. Europe Standard Time" is no time zone that is known, such as Europe\/Berlin, and no VTIMEZONE/,
  ],
  ["DTSTART;TZID=+01:00:20260105T090000\nSUMMARY:a", /^line 5: /],
  [
    "DTSTART:20260105T090000Z\nSUMMARY:a",
    /^line 4: the event has no length: it ends when or before it starts$/,
  ],
  ["DTSTART:20260105T090000Z\nDTEND:20260105T090000Z\nSUMMARY:a", /^line 6: the event has no length/],
  ["DTSTART:20260105T090000Z\nDTEND:20260105T080000Z\nSUMMARY:a", /^line 6: the event has no length/],
  [
    "DTSTART:20260105T090000Z\nDURATION:-PT1H\nSUMMARY:a",
    /^line 6: "DURATION:-PT1H" is no length of an event$/,
  ],
  ["DTSTART:20260105T090000Z\nDURATION:P999999W\nSUMMARY:a", /^line 6: the event ends too late$/],
  [
    "DTSTART:20260105T090000Z\nDTEND;VALUE=DATE:20260106\nSUMMARY:a",
    /^line 6: DTEND and DTSTART are both days/,
  ],
  ["DTSTART:20260105T090000Z\nDURATION:PT1H", /^line 4: the event has no SUMMARY/],
  ["DTSTART:20260105T090000Z\nDURATION:PT1H\nSUMMARY: , ", /^line 7: the event has no SUMMARY/],
  [
    "DTSTART:20260105T090000Z\nDURATION:PT1H\nSUMMARY:a b",
    /^line 7: SUMMARY is to be an account, .* "a b" is no/,
  ],
  [
    "DTSTART:20260105T090000Z\nDURATION:PT1H\nSUMMARY:a,b,c,d,e,f,g,h,i,j,k",
    /^line 7: SUMMARY has more than 10 /,
  ],
  ["DTSTART:20260105T090000Z\nDTSTART:20260105T090000Z\nSUMMARY:a", /^line 6: a second DTSTART$/],
  [`${START}RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY`, /^line 9: EXRULE is not read: use EXDATE$/],
  [`${START}RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY`, /^line 9: a second RRULE$/],
  [`${START}RDATE;VALUE=PERIOD:20260105T090000Z/PT1H`, /^line 8: RDATE with periods is not read$/],
  [`${START}RRULE:FREQ`, /^line 8: "RRULE:FREQ" cannot be read \(/],
  [`${START}RRULE:FREQ=WEEKLY;BYDAY=XX`, /^line 8: "RRULE:FREQ=WEEKLY;BYDAY=XX" cannot be read \(/],
  [
    "DTSTART:20260105T090000Z\nDURATION:P367D\nRRULE:FREQ=YEARLY\nSUMMARY:a",
    /^line 4: an event that is repeated is longer than 366 days$/,
  ],
];

pureTest(
  "duty: an event is refused that names no accounts, no time or no length, or too much of them",
  () => {
    for (const [event, why] of EVENTS) assertMatch(refusalOf(calendarOf([event])), why, event);
  },
);

const [FRAME, END] = ["BEGIN:VCALENDAR", "END:VCALENDAR"];

/** Whole files, and why they are refused. */
const FILES: readonly (readonly [what: string, text: string, why: string | RegExp])[] = [
  ["nothing", "", "the file has no VCALENDAR: no iCalendar file"],
  [
    "a web page",
    "<!doctype html>\n<title>Sign in</title>",
    'line 1: "<!doctype html>" is no line of an iCalendar file',
  ],
  ["a list", "a: b\n", 'line 1: "a: b" is not in a VCALENDAR: no iCalendar file'],
  ["a fold without a line", " x", "line 1: the file begins with a space"],
  ["no events", calendarOf([]), "line 1: the calendar has no events"],
  ["only cancelled events", calendarOf([`${START}STATUS:CANCELLED`]), /^the calendar has no duty/],
  [
    "two calendars",
    calendarOf([START]).repeat(2),
    "line 10: the file has a second VCALENDAR, and one is read",
  ],
  ["a file that was cut off", calendarOf([START]).slice(0, -30), 'line 4: "VEVENT" has no END'],
  [
    "an end of another component",
    `${FRAME}\nBEGIN:VEVENT\n${END}\n`,
    'line 3: END of "VCALENDAR" has no BEGIN',
  ],
  ["an event in no calendar", "BEGIN:VEVENT\nEND:VEVENT\n", 'line 1: "VEVENT" does not stand in a VCALENDAR'],
  [
    "components in each other",
    `${FRAME}\n${"BEGIN:X\n".repeat(5000)}`,
    "line 5: more than 4 components in each other",
  ],
  ["64 KiB and a byte", " ".repeat(65_537), "the file has 65537 bytes, and at most 65536 are read"],
  [
    "501 events",
    calendarOf(Array.from({ length: 501 }, () => "DTSTART:20260105T090000Z\nDURATION:PT1H\nSUMMARY:a")),
    "line 2504: the calendar has more than 500 events",
  ],
  [
    "a zone with a rule that never matches",
    calendarOf(
      ["DTSTART;TZID=X:20260105T090000\nDURATION:PT1H\nSUMMARY:a"],
      "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\n" +
        "TZOFFSETTO:+0100\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31\nEND:STANDARD\nEND:VTIMEZONE",
    ),
    "line 10: more than 40000 occurrences to look at",
  ],
  [
    "zones with a change each day",
    calendarOf(
      ["X", "Y", "Z"].map((zone) => `DTSTART;TZID=${zone}:20260105T090000\nDURATION:PT1H\nSUMMARY:a`),
      ["X", "Y", "Z"].map((zone) =>
        `BEGIN:VTIMEZONE\nTZID:${zone}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\n` +
        "TZOFFSETTO:+0100\nRRULE:FREQ=DAILY\nEND:STANDARD\nEND:VTIMEZONE"
      ).join("\n"),
    ),
    "line 10: more than 40000 occurrences to look at",
  ],
  [
    "many long series",
    calendarOf(
      Array.from(
        { length: 200 },
        (_, nth) => `DTSTART:20260105T090000Z\nDURATION:P300D\nRRULE:FREQ=DAILY\nSUMMARY:a${nth}`,
      ),
    ),
    /^line \d+: with this event there are more than 20000 occurrences to look at$/,
  ],
  [
    "many long counts",
    calendarOf(
      Array.from(
        { length: 20 },
        () => "DTSTART:20260105T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=20000\nSUMMARY:a",
      ),
    ),
    /^line \d+: RRULE has more than 40000 occurrences to look at$/,
  ],
];

pureTest("duty: a file is refused that is none of iCalendar, too large, or would take too many steps", () => {
  for (const [what, text, why] of FILES) {
    const refusal = refusalOf(text);
    if (typeof why === "string") assertEquals(refusal, why, what);
    else assertMatch(refusal, why, what);
  }
});

pureTest("duty: a question about the largest files takes no more than the counted occurrences", () => {
  const taken: number[] = [];
  const take = StepBudget.prototype.take;
  StepBudget.prototype.take = function () {
    taken[taken.length - 1]!++;
    take.call(this);
  };
  try {
    for (const text of largestFiles()) {
      const calendar = readDutyCalendar(text);
      for (let year = 2026; year < 2099; year += 18) {
        taken.push(0);
        dutyAt(calendar, Date.UTC(year, 6, 1));
        // Once for the names, and once more where a change of them was looked for in vain.
        assertEquals(taken.at(-1)! <= 2 * MAX_OCCURRENCES + 1, true, `${taken.at(-1)} in ${year}`);
      }
    }
  } finally {
    StepBudget.prototype.take = take;
  }
});

function* largestFiles(): Generator<string> {
  const rules = [
    "FREQ=DAILY;BYMONTH=1",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
    "FREQ=YEARLY",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2,-1",
  ];
  for (const rule of rules) {
    const event = (nth: number) =>
      `DTSTART;TZID=Europe/Berlin:20260105T0${nth % 10}0000\nDURATION:P2D\nRRULE:${rule}\nSUMMARY:a${nth}`;
    const texts = [500, 80, 8].map((count) =>
      calendarOf(Array.from({ length: count }, (_, nth) => event(nth)))
    );
    const text = texts.find((each) => refusalOf(each) === "read");
    assert(text !== undefined, rule);
    yield text;
  }
  const dates = Array.from({ length: 3800 }, (_, nth) => `20${10 + nth % 80}01${10 + nth % 20}T090000Z`).join(
    ",",
  );
  yield calendarOf([`DTSTART:20260105T090000Z\nDURATION:P9D\nRRULE:FREQ=DAILY\nEXDATE:${dates}\nSUMMARY:a`]);
  yield calendarOf([`DTSTART:20260105T090000Z\nDURATION:P9D\nRDATE:${dates}\nSUMMARY:a`]);
}
