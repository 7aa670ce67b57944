/**
 * Dates and times of an iCalendar file. A local time is a number here: milliseconds since 1970-01-01 00:00 of a clock of
 * its zone; an instant is milliseconds since the epoch.
 */
import { isTimeZone } from "../../../base/values/zoned_time.ts";
import { type Component, findProperty, findText, listProperties } from "./calendar_source.ts";
import { type Property, quote, refuse } from "./calendar_source.ts";
import { DAY_MS, listStarts, readRecurrence } from "./recurrence.ts";
import { OutOfSteps, type StepBudget } from "./step_budget.ts";

/** Years of dates that are read. */
export const FIRST_YEAR = 1970;
export const LAST_YEAR = 2099;
/** Local times of the first and of the day behind the last of them. */
export const FIRST_LOCAL = Date.UTC(FIRST_YEAR, 0, 1);
export const LAST_LOCAL = Date.UTC(LAST_YEAR + 1, 0, 1);

export interface Zone {
  readonly name: string;
  /** Milliseconds from UTC to local time at an instant. */
  offsetAt(instant: number): number;
}

export interface CalendarTime {
  readonly local: number;
  readonly zone: Zone;
  /** A day (VALUE=DATE); its local time is midnight. */
  readonly isDate: boolean;
}

const UTC: Zone = { name: "UTC", offsetAt: () => 0 };

/**
 * RFC 5545 §3.3.5: a local time that a clock which is set forward skips has the offset from before the gap; one that
 * exists twice is the first of the two.
 */
export function toInstant(zone: Zone, local: number): number {
  const before = zone.offsetAt(local - DAY_MS);
  const after = zone.offsetAt(local + DAY_MS);
  const exists = (offset: number) => zone.offsetAt(local - offset) === offset;
  return local - (exists(before) || !exists(after) ? before : after);
}

export function toLocal(zone: Zone, instant: number): number {
  return instant + zone.offsetAt(instant);
}

/** The local time of `time` in `zone`; days have none but their own. */
export function localIn(zone: Zone, time: CalendarTime): number {
  return time.isDate || time.zone === zone ? time.local : toLocal(zone, toInstant(time.zone, time.local));
}

/** The zones of a calendar, by TZID. */
export class CalendarZones {
  readonly #calendar: Component;
  readonly #zones = new Map<string, Zone>([["UTC", UTC]]);
  /** Line and name of X-WR-TIMEZONE. */
  readonly #own: { line: number; name: string } | undefined;

  readonly #steps: StepBudget;

  /** `steps`: those of reading the file. */
  constructor(calendar: Component, steps: StepBudget) {
    this.#steps = steps;
    this.#calendar = calendar;
    const name = findText(calendar, "X-WR-TIMEZONE");
    this.#own = name && { line: findProperty(calendar, "X-WR-TIMEZONE")!.line, name } || undefined;
  }

  /** The only time that a property such as DTSTART has. @throws {TypeError} */
  readTime(property: Property): CalendarTime {
    return this.readTimes(property)[0]!;
  }

  /** The times of a property such as EXDATE. @throws {TypeError} One is no time, or its zone is not known. */
  readTimes(property: Property): CalendarTime[] {
    return property.values.map((value) => this.readValue(property, value));
  }

  /** A value of the property, or one in its form: `2026-01-02T09:00:00`. @throws {TypeError} */
  readValue(property: Property, value: unknown): CalendarTime {
    const { line, name } = property;
    const text = String(value);
    const [, date = "", time, utc] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(Z?))?$/.exec(text) ?? [];
    const local = parseLocal(date, time ?? "00:00:00");
    if (local === undefined) refuse(line, `${name} is no date or time: ${quote(property.text)}`);
    if (local < FIRST_LOCAL || local >= LAST_LOCAL) {
      refuse(line, `${name} is not in the years ${FIRST_YEAR} to ${LAST_YEAR}: ${quote(property.text)}`);
    }
    const isDate = time === undefined;
    if (utc === "Z") return { local, zone: UTC, isDate };
    return { local, zone: isDate ? this.#dayZone() : this.#zoneOf(property), isDate };
  }

  /** The zone of days: that of the calendar, or UTC. */
  #dayZone(): Zone {
    return this.#own === undefined ? UTC : this.#find(this.#own.name, this.#own.line, "X-WR-TIMEZONE");
  }

  #zoneOf({ line, name, parameters: { tzid } }: Property): Zone {
    if (typeof tzid === "string") return this.#find(tzid, line, "TZID");
    if (this.#own !== undefined) return this.#dayZone();
    refuse(line, `${name} has no time zone: give it a TZID, or the calendar an X-WR-TIMEZONE`);
  }

  #find(name: string, line: number, property: string): Zone {
    const found = this.#zones.get(name) ?? ianaZone(name) ?? this.#definedZone(name);
    if (found === undefined) {
      refuse(
        line,
        `${property} ${quote(name)} is no time zone that is known, such as Europe/Berlin, and no VTIMEZONE ` +
          "of the file defines it",
      );
    }
    this.#zones.set(name, found);
    return found;
  }

  #definedZone(name: string): Zone | undefined {
    const component = this.#calendar.components.find((each) =>
      each.name === "VTIMEZONE" && findText(each, "TZID") === name
    );
    return component && readZone(component, name, this.#steps);
  }
}

function parseLocal(date: string, time: string): number | undefined {
  const local = Date.parse(`${date}T${time}Z`);
  // Date.parse takes 30 February for 2 March.
  return Number.isNaN(local) || !new Date(local).toISOString().startsWith(`${date}T${time}`)
    ? undefined
    : local;
}

/** From `at`, an instant, on local time is `offset` milliseconds ahead of UTC. */
interface Transition {
  readonly at: number;
  readonly offset: number;
}

/** A zone that is `first` milliseconds ahead of UTC before the earliest transition. */
function makeZone(name: string, first: number, transitions: readonly Transition[]): Zone {
  return {
    name,
    offsetAt(instant) {
      let [low, high] = [0, transitions.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (transitions[middle]!.at <= instant) low = middle + 1;
        else high = middle;
      }
      return transitions[low - 1]?.offset ?? first;
    },
  };
}

/** The zone of the time zone database; undefined: there is none of this name. */
function ianaZone(name: string): Zone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name) || !isTimeZone(name)) return undefined;
  const start = Temporal.Instant.fromEpochMilliseconds(FIRST_LOCAL - DAY_MS).toZonedDateTimeISO(name);
  const transitions: Transition[] = [];
  // Asking for the next change takes less than a microsecond, for an offset more than ten.
  let next = start.getTimeZoneTransition("next");
  while (next !== null && next.epochMilliseconds < LAST_LOCAL + DAY_MS) {
    transitions.push({ at: next.epochMilliseconds, offset: next.offsetNanoseconds / 1e6 });
    next = next.getTimeZoneTransition("next");
  }
  return makeZone(name, start.offsetNanoseconds / 1e6, transitions);
}

/** The zone that a VTIMEZONE (RFC 5545 §3.6.5) defines. @throws {TypeError} */
function readZone(component: Component, name: string, steps: StepBudget): Zone {
  const transitions = component.components
    .flatMap((observance) => readObservance(observance, steps))
    .sort((a, b) => a.at - b.at);
  const [first] = transitions;
  if (first === undefined) refuse(component.line, `VTIMEZONE ${quote(name)} has no STANDARD and no DAYLIGHT`);
  return makeZone(name, first.from, transitions);
}

/** When a STANDARD or DAYLIGHT begins, until {@link LAST_YEAR}. */
function readObservance(observance: Component, steps: StepBudget): (Transition & { from: number })[] {
  const [from, offset] = [readOffset(observance, "TZOFFSETFROM"), readOffset(observance, "TZOFFSETTO")];
  const start = findProperty(observance, "DTSTART");
  const local = start && parseOnset(start);
  if (local === undefined) {
    refuse(observance.line, `${quote(observance.name)} has no DTSTART that is a local time`);
  }
  const onsets = [local, ...listProperties(observance, "RDATE").flatMap(parseOnsets)];
  const rule = findProperty(observance, "RRULE");
  if (rule !== undefined) onsets.push(...readOnsets(rule, local, from, steps));
  return onsets.map((onset) => ({ at: onset - from, from, offset }));
}

function readOnsets(property: Property, start: number, from: number, steps: StepBudget): number[] {
  const rule = readRecurrence(property, start);
  const { until, count } = rule;
  if (count !== undefined) refuse(property.line, "RRULE of a VTIMEZONE has an UNTIL and no COUNT");
  const last = until === undefined ? undefined : Date.parse(until.endsWith("Z") ? until : `${until}Z`);
  // UNTIL is an instant here (RFC 5545 §3.6.5).
  const before = last === undefined || Number.isNaN(last) ? LAST_LOCAL : last + from + 1;
  try {
    return listStarts(rule, Math.max(start, FIRST_LOCAL), Math.min(before, LAST_LOCAL), steps);
  } catch (error) {
    if (!(error instanceof OutOfSteps)) throw error;
    refuse(property.line, error.message);
  }
}

function parseOnsets(property: Property): number[] {
  return property.values.map((value) =>
    parseOnset({ ...property, values: [value] }) ??
      refuse(property.line, `${quote(property.text)} is no local time`)
  );
}

function parseOnset({ values: [value] }: Property): number | undefined {
  const [, date = "", time = ""] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)$/.exec(String(value)) ?? [];
  return parseLocal(date, time);
}

function readOffset(observance: Component, name: string): number {
  const property = findProperty(observance, name);
  const [, sign, hours, minutes, seconds = 0] =
    /^([+-])([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(String(property?.values[0])) ?? [];
  if (sign === undefined) refuse(observance.line, `${quote(observance.name)} has no valid ${name}`);
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === "-" ? -ms : ms;
}
