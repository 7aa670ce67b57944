/** The events of an iCalendar file (RFC 5545 §3.6.1) as duties: single ones, and rules that repeat one. */
import { nickFault } from "../../../irc/names/new_name_rules.ts";
import {
  type CalendarTime,
  CalendarZones,
  LAST_LOCAL,
  LAST_YEAR,
  localIn,
  toInstant,
} from "./calendar_time.ts";
import type { Zone } from "./calendar_time.ts";
import { type Component, findProperty, findText, listProperties } from "./calendar_source.ts";
import { type Property, quote, refuse } from "./calendar_source.ts";
import { countSteps, DAY_MS, listStarts, readRecurrence, type Recurrence } from "./recurrence.ts";
import { MAX_OCCURRENCES, MAX_READ_OCCURRENCES, OutOfSteps, StepBudget } from "./step_budget.ts";

export const MAX_EVENTS = 500;
/** Accounts on duty in one event. */
export const MAX_DUTY_NAMES = 10;
/** Days that an event takes which is repeated. */
export const MAX_REPEATED_DAYS = 366;

/** A duty: from an instant until before another. */
export interface Duty {
  readonly start: number;
  readonly end: number;
  readonly names: readonly string[];
}

/** Duties by a rule. */
export interface DutySeries {
  readonly rule: Recurrence;
  /** Times of the rule in [from, before) count, local times of the event's zone. */
  readonly from: number;
  readonly before: number;
  /** Those that are left out, and the midnights of days that are. */
  readonly excluded: ReadonlySet<number>;
  readonly excludedDays: ReadonlySet<number>;
  readonly shape: DutyShape;
}

/** What is made of a time of an event: zone, and length as in {@link endOf}. */
export interface DutyShape {
  readonly zone: Zone;
  /** Milliseconds from a time of the rule to the local start. */
  readonly shift: number;
  /** Length by the clock, and what is added to it by a stop-watch, in milliseconds. */
  readonly localMs: number;
  readonly exactMs: number;
  readonly names: readonly string[];
}

interface CalendarEvent {
  readonly component: Component;
  readonly start: CalendarTime;
  readonly shape: DutyShape;
  readonly isCancelled: boolean;
  /** RECURRENCE-ID: the time of the series that this event stands for. */
  readonly replaces: CalendarTime | undefined;
  /** It stands for all later times, too (RANGE=THISANDFUTURE). */
  readonly isRange: boolean;
}

/** A part of a series: from a time on its events have this shape; undefined: there are none. */
interface Segment {
  readonly from: number;
  readonly shape: DutyShape | undefined;
}

export interface DutyEvents {
  /** VEVENTs in the file. */
  readonly count: number;
  readonly duties: readonly Duty[];
  readonly series: readonly DutySeries[];
}

/** @throws {TypeError} An event is not valid, or beyond a bound: with its line. */
export function readEvents(calendar: Component): DutyEvents {
  const steps = new StepBudget(MAX_READ_OCCURRENCES);
  const zones = new CalendarZones(calendar, steps);
  const components = calendar.components.filter(({ name }) => name === "VEVENT");
  if (components.length === 0) refuse(calendar.line, "the calendar has no events");
  const beyond = components[MAX_EVENTS];
  if (beyond !== undefined) refuse(beyond.line, `the calendar has more than ${MAX_EVENTS} events`);
  const groups = Map.groupBy(
    components.map((component) => readEvent(component, zones)),
    ({ component }) => findText(component, "UID") ?? component,
  );
  const reader = new GroupReader(zones, steps);
  for (const events of groups.values()) reader.read(events);
  const { duties, series } = reader;
  return { count: components.length, duties: duties.sort((a, b) => a.start - b.start), series };
}

function readEvent(component: Component, zones: CalendarZones): CalendarEvent {
  const { line } = component;
  const dtstart = findProperty(component, "DTSTART") ?? refuse(line, "the event has no DTSTART");
  const start = zones.readTime(dtstart);
  const isCancelled = findText(component, "STATUS")?.toUpperCase() === "CANCELLED";
  const id = findProperty(component, "RECURRENCE-ID");
  return {
    component,
    start,
    shape: {
      zone: start.zone,
      shift: 0,
      ...isCancelled ? { localMs: 0, exactMs: 0 } : readLength(component, start, zones),
      names: isCancelled ? [] : readNames(component),
    },
    isCancelled,
    replaces: id && zones.readTime(id),
    isRange: String(id?.parameters.range).toUpperCase() === "THISANDFUTURE",
  };
}

/** The accounts in SUMMARY. */
function readNames(component: Component): string[] {
  const property = findProperty(component, "SUMMARY");
  const summary = property && String(property.values[0]);
  const names = summary?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  const { line } = property ?? component;
  if (names.length === 0) refuse(line, "the event has no SUMMARY, which names the accounts on duty");
  if (names.length > MAX_DUTY_NAMES) refuse(line, `SUMMARY has more than ${MAX_DUTY_NAMES} names`);
  const wrong = names.find((name) => nickFault(name) !== undefined);
  if (wrong !== undefined) {
    refuse(
      line,
      `SUMMARY is to be an account, or several with commas, and ${quote(wrong)} is no account's name`,
    );
  }
  return names;
}

/**
 * The length of an event. From DTSTART to DTEND, and days of a DURATION, are counted by the clock: a shift from 09:00
 * to 09:00 ends at 09:00, also where the clock was set. Hours of a DURATION are exact (RFC 5545 §3.3.6).
 */
function readLength(component: Component, start: CalendarTime, zones: CalendarZones) {
  const dtend = findProperty(component, "DTEND");
  const duration = findProperty(component, "DURATION");
  const length = { localMs: start.isDate ? DAY_MS : 0, exactMs: 0 };
  if (dtend !== undefined) {
    const end = zones.readTime(dtend);
    if (end.isDate !== start.isDate) refuse(dtend.line, "DTEND and DTSTART are both days or both times");
    length.localMs = localIn(start.zone, end) - start.local;
  } else if (duration !== undefined) {
    Object.assign(length, readDuration(duration));
  }
  const { line } = dtend ?? duration ?? component;
  const { localMs, exactMs } = length;
  if (localMs + exactMs <= 0) refuse(line, "the event has no length: it ends when or before it starts");
  if (start.local + localMs + exactMs > LAST_LOCAL) refuse(line, "the event ends too late");
  return length;
}

function readDuration({ line, text, values: [value] }: Property) {
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^\+?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?$/.exec(
      String(value),
    ) ??
      refuse(line, `${quote(text)} is no length of an event`);
  return {
    localMs: (Number(weeks) * 7 + Number(days)) * DAY_MS,
    exactMs: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000,
  };
}

/** The duty that begins at a time of the event. */
export function dutyFrom(time: number, { zone, shift, localMs, exactMs, names }: DutyShape): Duty {
  const start = time + shift;
  return { start: toInstant(zone, start), end: toInstant(zone, start + localMs) + exactMs, names };
}

/** Reads events of the same UID: an event, or a series and what is different at some of its times. */
class GroupReader {
  readonly duties: Duty[] = [];
  readonly series: DutySeries[] = [];
  #steps = 0;

  constructor(readonly zones: CalendarZones, readonly steps: StepBudget) {}

  read(events: readonly CalendarEvent[]): void {
    const changes = events.filter(({ replaces }) => replaces !== undefined);
    const masters = events.filter(({ replaces }) => replaces === undefined);
    for (const master of masters) this.#readMaster(master, changes);
    for (const { start, shape, isCancelled, isRange } of changes) {
      const inSegment = isRange && masters.length > 0;
      if (!isCancelled && !inSegment) this.#add(start.local, shape);
    }
  }

  #readMaster(master: CalendarEvent, changes: readonly CalendarEvent[]): void {
    if (master.isCancelled) return;
    const { component, start: { local, zone } } = master;
    const exceptions = listProperties(component, "EXDATE").flatMap((property) =>
      this.zones.readTimes(property)
    );
    const replaced = changes.filter(({ isRange }) => !isRange).map(({ replaces }) => replaces!);
    const left = { excluded: new Set<number>(), excludedDays: new Set<number>() };
    for (const time of [...exceptions, ...replaced]) {
      if (time.isDate) left.excludedDays.add(time.local);
      else left.excluded.add(localIn(zone, time));
    }
    const segments = makeSegments(master, changes);
    const recurrence = this.#readRule(master);
    const dates = listProperties(component, "RDATE").flatMap((property) => this.#readDates(property, zone));
    if (recurrence === undefined) dates.push(local);
    for (const date of new Set(dates)) {
      const shape = segments.findLast(({ from }) => from <= date)?.shape;
      if (shape !== undefined && !isExcluded(left, date)) this.#add(date, shape);
    }
    if (recurrence !== undefined) this.#addSeries(master, recurrence, segments, left);
  }

  #readDates(property: Property, zone: Zone): number[] {
    if (property.type === "period") refuse(property.line, "RDATE with periods is not read");
    return this.zones.readTimes(property).map((time) => localIn(zone, time));
  }

  #add(time: number, shape: DutyShape): void {
    const duty = dutyFrom(time, shape);
    if (duty.end > duty.start) this.duties.push(duty);
  }

  /** The rule of an event, and the local time before which its times are. */
  #readRule({ component, start }: CalendarEvent): { rule: Recurrence; before: number } | undefined {
    const exclusion = findProperty(component, "EXRULE");
    if (exclusion !== undefined) refuse(exclusion.line, "EXRULE is not read: use EXDATE");
    const property = findProperty(component, "RRULE");
    if (property === undefined) return undefined;
    const rule = readRecurrence(property, start.local);
    const list = (before: number, most: number) => {
      try {
        return listStarts(rule, start.local, before, this.steps, most);
      } catch (error) {
        if (!(error instanceof OutOfSteps)) throw error;
        refuse(property.line, `RRULE has ${error.message}`);
      }
    };
    if (list(start.local + 1, 1).length === 0) refuse(property.line, "DTSTART is no time of the RRULE");
    if (rule.count !== undefined) return { rule, before: list(LAST_LOCAL, rule.count).at(-1)! + 1 };
    if (rule.until === undefined || Number.parseInt(rule.until) > LAST_YEAR) {
      return { rule, before: LAST_LOCAL };
    }
    const until = this.zones.readValue(
      { ...property, name: "UNTIL", parameters: { tzid: start.zone.name } },
      rule.until,
    );
    const last = until.isDate ? until.local + DAY_MS - 1 : localIn(start.zone, until);
    return { rule, before: Math.min(last + 1, LAST_LOCAL) };
  }

  #addSeries(
    { component }: CalendarEvent,
    { rule, before }: { rule: Recurrence; before: number },
    segments: readonly Segment[],
    left: Pick<DutySeries, "excluded" | "excludedDays">,
  ): void {
    for (const [index, { from, shape }] of segments.entries()) {
      const end = Math.min(segments[index + 1]?.from ?? before, before);
      if (shape === undefined || end <= from) continue;
      const length = shape.localMs + shape.exactMs;
      const { line } = component;
      if (length > MAX_REPEATED_DAYS * DAY_MS) {
        refuse(line, `an event that is repeated is longer than ${MAX_REPEATED_DAYS} days`);
      }
      this.#steps += countSteps(rule, length);
      if (this.#steps > MAX_OCCURRENCES) {
        refuse(line, `with this event there are more than ${MAX_OCCURRENCES} occurrences to look at`);
      }
      this.series.push({ rule, from, before: end, shape, ...left });
    }
  }
}

export function isExcluded(left: Pick<DutySeries, "excluded" | "excludedDays">, time: number): boolean {
  return left.excluded.has(time) || left.excludedDays.has(Math.floor(time / DAY_MS) * DAY_MS);
}

/** RFC 5545 §3.8.4.4: a change of a time and all later ones moves them by as much as that one. */
function makeSegments(master: CalendarEvent, changes: readonly CalendarEvent[]): Segment[] {
  const ranges = changes.filter(({ isRange }) => isRange).map(({ replaces, start, shape, isCancelled }) => {
    const from = localIn(master.start.zone, replaces!);
    return { from, shape: isCancelled ? undefined : { ...shape, shift: start.local - from } };
  });
  return [{ from: master.start.local, shape: master.shape }, ...ranges.sort((a, b) => a.from - b.from)];
}
