/** Calendars of duties: whatever text comes is read or refused in words for one line, and what is read answers. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { dutyAt, nextChange, readDutyCalendar } from "../../lib/hub/services/duty/duty_calendar.ts";
import { randomRule, ruleText } from "../hub/duty/model.ts";
import { APPLE, GOOGLE, OPSGENIE, OUTLOOK, PAGERDUTY } from "../hub/duty/samples.ts";
import type { Random } from "../irc/property.ts";
import { damaged, type Target } from "./target.ts";

/** An error goes into a line of 512 bytes. */
const MAX_REFUSAL_CHARS = 350;
const QUESTIONS_A_CASE = 4;
const YEAR_MS = 366 * 86_400_000;
const SAMPLES = [APPLE, GOOGLE, OPSGENIE.replace("alice@example.org", "alice"), OUTLOOK, PAGERDUTY];
const LINES = [
  "BEGIN:VEVENT",
  "END:VEVENT",
  "BEGIN:VALARM",
  "END:VALARM",
  "SUMMARY:bob",
  "DTSTART;VALUE=DATE:20260301",
  "DTSTART:20991231T235959Z",
  "DTEND:20260309T090000Z",
  "DURATION:P9DT9H9M9S",
  "RDATE;VALUE=DATE:20260301,20260302",
  "EXDATE:20260309T090000",
  "RECURRENCE-ID;RANGE=THISANDFUTURE:20260316T130000Z",
  "STATUS:CANCELLED",
  "UID:1abc@google.com",
  "RRULE:FREQ=DAILY;UNTIL=20260301;BYMONTHDAY=31;BYMONTH=2",
  "DTSTART;constructor=1;__proto__=2;VALUE=constructor:20260301T000000Z",
  " folded",
  "X-WR-TIMEZONE:Europe/Berlin",
];

export const CALENDARS: Target = {
  name: "calendars",
  run(random, note) {
    const text = someText(random);
    note(text);
    const calendar = read(text);
    if (calendar === undefined) return;
    for (let left = QUESTIONS_A_CASE; left > 0; left--) {
      const at = random.pick([calendar.first.start, Date.UTC(1960 + random.below(150), random.below(12))]) +
        random.below(YEAR_MS);
      const state = dutyAt(calendar, at);
      if (state.until === undefined) continue;
      assert(state.until > at && state.until <= at + YEAR_MS, `from ${at} until ${state.until}`);
      assertEquals(dutyAt(calendar, state.until - 1).names, state.names, "before the change");
      const { names = [] } = nextChange(calendar, at) ?? {};
      assert([...names].sort().join() !== [...state.names].sort().join(), `no change at ${state.until}`);
    }
  },
};

function read(text: string): ReturnType<typeof readDutyCalendar> | undefined {
  try {
    return readDutyCalendar(text);
  } catch (error) {
    assert(error instanceof TypeError && error.constructor === TypeError, `not refused: ${error}`);
    const { message, stack } = error;
    assert(/^(line \d+: |the (file|calendar) has )/.test(message), `no words of ours: ${stack}`);
    assert(message.length <= MAX_REFUSAL_CHARS && !/[\0-\x1f]/.test(message), `no line: ${message}`);
    return undefined;
  }
}

function someText(random: Random): string {
  const lines = random.pick(SAMPLES).split("\n");
  for (let left = random.below(5); left > 0; left--) {
    const [at, to] = [random.below(lines.length), random.below(lines.length)];
    const change = random.below(4);
    if (change === 0) lines.splice(at, random.below(3));
    else if (change === 1) lines.splice(at, 0, random.pick(LINES));
    else if (change === 2) lines.splice(at, 0, ...lines.slice(to, to + random.below(20)));
    else lines.splice(at, 0, `RRULE:${ruleText(randomRule(random))}`);
  }
  if (random.chance(2)) {
    const index = lines.findIndex((line) => line.startsWith("RRULE:"));
    if (index >= 0) lines[index] = `RRULE:${ruleText(randomRule(random))}`;
  }
  const text = lines.join(random.pick(["\n", "\r\n"]));
  return random.chance(3) ? new TextDecoder().decode(damaged(encodeUtf8(text), random).bytes) : text;
}
