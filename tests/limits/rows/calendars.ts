/** Limits of calendars of duties. */
import type { Limit } from "../limit.ts";

const DUTY = "lib/hub/services/duty";
const TEST = "hub/duty/duty_bounds_test.ts: duty";
const RULE = `${TEST}: a rule is refused that is not read, too frequent, too long, or without a time`;
const EVENT =
  `${TEST}: an event is refused that names no accounts, no time or no length, or too much of them`;
const TEXT = `${TEST}: a file is refused that is none of iCalendar, too large, or would take too many steps`;
const QUESTION = `${TEST}: a question about the largest files takes no more than the counted occurrences`;

export const CALENDARS: readonly Limit[] = [
  {
    what: "time for reading a file, in another thread",
    bound: "{CALENDAR_READ_MS}",
    beyond: "refused; of one that is stored: no person is on duty, and it is tried again after a minute",
    constants: { "lib/server/duty/calendar_reader.ts": ["CALENDAR_READ_MS"] },
    shownBy: ["server/duty/calendar_reader_test.ts: calendars: a file without an end is refused in time"],
  },
  {
    what: "duties that are known ahead of the time of reading",
    bound: "{MAX_OUTLOOK_DUTIES}",
    beyond: "the file is read again",
    constants: { [`${DUTY}/duty_outlook.ts`]: ["MAX_OUTLOOK_DUTIES"] },
    shownBy: [
      "hub/oncall/calendar_reading_test.ts: calendar: hand-overs that lie behind what was read are read in time",
    ],
  },
  {
    what: "the text of a file",
    bound: "{MAX_CALENDAR_BYTES}",
    beyond: "refused",
    constants: { "lib/irc/oncall.ts": ["MAX_CALENDAR_BYTES"] },
    shownBy: [TEXT],
  },
  {
    what: "components in each other",
    bound: "{MAX_COMPONENT_DEPTH}",
    beyond: "refused, with the line",
    constants: { [`${DUTY}/calendar_source.ts`]: ["MAX_COMPONENT_DEPTH"] },
    shownBy: [TEXT],
  },
  {
    what: "events; accounts in one event",
    bound: "{MAX_EVENTS}; {MAX_DUTY_NAMES}",
    beyond: "refused, with the line",
    constants: { [`${DUTY}/duty_events.ts`]: ["MAX_EVENTS", "MAX_DUTY_NAMES"] },
    shownBy: [TEXT, EVENT],
  },
  {
    what: "days that an event takes which is repeated",
    bound: "{MAX_REPEATED_DAYS}",
    beyond: "refused, with the line",
    constants: { [`${DUTY}/duty_events.ts`]: ["MAX_REPEATED_DAYS"] },
    shownBy: [EVENT],
  },
  {
    what: "INTERVAL of rules with FREQ DAILY; WEEKLY; MONTHLY; YEARLY (none is more frequent)",
    bound: "{MAX_INTERVAL.DAILY}; {MAX_INTERVAL.WEEKLY}; {MAX_INTERVAL.MONTHLY}; {MAX_INTERVAL.YEARLY}",
    beyond: "refused, with the line",
    constants: {
      [`${DUTY}/recurrence.ts`]: [
        "MAX_INTERVAL.DAILY",
        "MAX_INTERVAL.WEEKLY",
        "MAX_INTERVAL.MONTHLY",
        "MAX_INTERVAL.YEARLY",
      ],
    },
    shownBy: [RULE],
  },
  {
    what: "times of rules that are looked at for one question; while a file is read",
    bound: "{MAX_OCCURRENCES}; {MAX_READ_OCCURRENCES}",
    beyond: "refused when the file is read, with the line",
    constants: { [`${DUTY}/step_budget.ts`]: ["MAX_OCCURRENCES", "MAX_READ_OCCURRENCES"] },
    shownBy: [TEXT, QUESTION],
  },
  {
    what: "time ahead in which the end of a duty is looked for",
    bound: "{MAX_LOOK_AHEAD_MS}",
    beyond: "the duty has no end that is known",
    constants: { [`${DUTY}/duty_calendar.ts`]: ["MAX_LOOK_AHEAD_MS"] },
    shownBy: [
      "hub/duty/duty_files_test.ts: duty: one account for ever is found in a bounded time, and has no end",
    ],
  },
];
