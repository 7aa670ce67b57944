/** Duties by random rules, against a model that looks at every day. */
import { assertEquals } from "@std/assert";
import { dutyAt, readDutyCalendar } from "../../../lib/hub/services/duty/duty_calendar.ts";
import { forAll, type Random } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";
import { basicTime, calendarOf } from "./files.ts";
import { modelInstant, modelStarts, modelState, randomRule, ruleText } from "./model.ts";
import type { ModelDuty } from "./model.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days of a rule that the model looks at. */
const MODEL_DAYS = 900;
const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "Africa/Casablanca",
  "America/Santiago",
  "Asia/Tokyo",
  "UTC",
];

/** An event of a random rule: its lines, and its duties in the first {@link MODEL_DAYS}; undefined: it never starts. */
function randomEvent(
  random: Random,
  name: string,
  base: number,
): { lines: string; duties: ModelDuty[] } | undefined {
  const rule = randomRule(random);
  const start = modelStarts(rule, base, base + 400 * DAY_MS)[0];
  if (start === undefined) return undefined;
  const before = base + MODEL_DAYS * DAY_MS;
  let starts = modelStarts(rule, start, before);
  // The phase of a rule is that of its first time.
  if (starts[0] !== start) return undefined;
  const zone = random.pick(ZONES);
  const length = random.pick([30 * 60_000, 12 * HOUR_MS, DAY_MS, 7 * DAY_MS, 40 * DAY_MS]);
  const last = random.pick(starts);
  let bound = "";
  if (random.chance(3)) {
    bound = random.chance(2)
      ? `;COUNT=${starts.indexOf(last) + 1}`
      : `;UNTIL=${basicTime(modelInstant(last, zone))}Z`;
    starts = starts.filter((each) => each <= last);
  }
  const excluded = random.chance(2) ? [random.pick(starts), random.pick(starts)] : [];
  const exact = random.chance(4);
  const duties = starts.filter((each) => !excluded.includes(each)).map((local) => {
    const begin = modelInstant(local, zone);
    return { start: begin, end: exact ? begin + length : modelInstant(local + length, zone), names: [name] };
  }).filter((duty) => duty.end > duty.start);
  const at = (local: number) => `;TZID=${zone}:${basicTime(local)}`;
  const lines = [
    `DTSTART${at(start)}`,
    exact ? `DURATION:PT${length / 1000}S` : `DTEND${at(start + length)}`,
    `RRULE:${ruleText(rule)}${bound}`,
    ...excluded.map((local) => `EXDATE${at(local)}`),
    `SUMMARY:${name}`,
  ].join("\n");
  return { lines, duties };
}

pureTest("duty: random rules of all zones mean what a walk over all days finds", () => {
  let tried = 0;
  forAll(60, (random) => {
    const base = Date.UTC(
      2020 + random.below(12),
      random.below(12),
      1 + random.below(28),
      random.below(24),
      30,
    );
    const events = ["alice", "bob", "carol"].flatMap((name) => randomEvent(random, name, base) ?? []);
    if (events.length === 0) return;
    const text = calendarOf(events.map(({ lines }) => lines));
    const duties = events.flatMap((event) => event.duties);
    const calendar = readDutyCalendar(text);
    for (let nth = 0; nth < 12; nth++) {
      const edge = random.pick([...duties, { start: base, end: base, names: [] }]);
      const time = random.pick([
        edge.start,
        edge.start - 1,
        edge.end,
        edge.end - 1,
        base + random.below(400) * DAY_MS + random.below(DAY_MS),
      ]);
      // Behind that the model has no duties.
      const at = Math.min(time, base + (MODEL_DAYS - 367 - 40) * DAY_MS);
      const { names, until } = dutyAt(calendar, at);
      const model = modelState(duties, at);
      // What was not found within a year may have come into it by less than a day.
      const isFar = model.until === undefined || model.until > at + 365 * DAY_MS;
      const expected = { names: model.names, until: until === undefined && isFar ? undefined : model.until };
      const message = `at ${new Date(at).toISOString()} of\n${text}`;
      assertEquals({ names: [...names].sort(), until }, expected, message);
      tried++;
    }
  });
  assertEquals(tried > 300, true, `only ${tried} times were tried`);
});
