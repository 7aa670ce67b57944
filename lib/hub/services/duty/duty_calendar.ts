/**
 * Calendars of on-call duties, from iCalendar files (RFC 5545): the SUMMARY of an event names the accounts on duty. All
 * times are milliseconds since the epoch. Loaded with the first calendar.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import { formatZonedTime } from "../../../base/values/zoned_time.ts";
import { readCalendarSource } from "./calendar_source.ts";
import { type Duty, dutyFrom, type DutySeries, isExcluded, readEvents } from "./duty_events.ts";
import { LAST_LOCAL, toLocal } from "./calendar_time.ts";
import { DAY_MS, listStarts } from "./recurrence.ts";
import { MAX_READ_OCCURRENCES, OutOfSteps, StepBudget } from "./step_budget.ts";

/** Time ahead in which a change of duty is looked for. */
export const MAX_LOOK_AHEAD_MS = 366 * DAY_MS;
/** Time that is looked at first; four times as much next. */
const FIRST_LOOK_AHEAD_MS = 8 * DAY_MS;

export interface DutyCalendar {
  /** Events in the file. */
  readonly events: number;
  /** The earliest duty. */
  readonly first: Duty;
  /** End of the latest duty; undefined: an event is repeated without an end. */
  readonly end: number | undefined;
  readonly duties: readonly Duty[];
  readonly series: readonly DutySeries[];
  latest?: LatestState;
}

/** What was found last, which holds for all times in [from, before). */
interface LatestState {
  readonly state: DutyState;
  readonly from: number;
  readonly before: number;
}

export interface DutyState {
  /** Accounts on duty, in the order of their duties; there may be none. */
  readonly names: readonly string[];
  /**
   * When the names change next; undefined: not within {@link MAX_LOOK_AHEAD_MS}, or not within what may be looked at.
   */
  readonly until: number | undefined;
}

/**
 * The calendar of the text of an iCalendar file.
 *
 * @throws {TypeError} The text is no calendar of duties, or beyond a bound: what is wrong, with the line.
 */
export function readDutyCalendar(text: string): DutyCalendar {
  const { count, duties, series } = readEvents(readCalendarSource(text));
  const steps = new StepBudget(MAX_READ_OCCURRENCES);
  const found = [...duties];
  let end: number | undefined = Math.max(...duties.map((duty) => duty.end));
  try {
    for (const each of series) {
      found.push(...listFirst(each, steps));
      if (each.before === LAST_LOCAL) end = undefined;
      else if (end !== undefined) end = Math.max(end, ...listLast(each, steps).map((duty) => duty.end));
    }
  } catch (error) {
    if (!(error instanceof OutOfSteps)) throw error;
    throw new TypeError(`the calendar has ${error.message}`, { cause: error });
  }
  const [first, ...others] = found;
  if (first === undefined) throw new TypeError("the calendar has no duty: all its events are cancelled");
  const earliest = others.reduce((least, duty) => duty.start < least.start ? duty : least, first);
  return { events: count, first: earliest, end, duties, series };
}

/** The accounts on duty at a time, and until when they are. */
export function dutyAt(calendar: DutyCalendar, at: number): DutyState {
  const { latest } = calendar;
  if (latest !== undefined && latest.from <= at && at < latest.before) return latest.state;
  const { state, before } = findState(calendar, at);
  calendar.latest = { state, from: at, before };
  return state;
}

/** The state at a time; `before`: it holds until then. */
export function findState(calendar: DutyCalendar, at: number): { state: DutyState; before: number } {
  const steps = new StepBudget();
  const end = at + MAX_LOOK_AHEAD_MS;
  let from = at;
  let names: string[] | undefined;
  try {
    for (let width = FIRST_LOOK_AHEAD_MS; from < end; width *= 4) {
      const to = Math.min(from + width, end);
      const duties = listDuties(calendar, from, to + 1, steps);
      names ??= namesAt(duties, at);
      const until = findChange(duties, from, to, new Set(names.map(casefold)));
      if (until !== undefined) return { state: { names, until }, before: until };
      from = to;
    }
  } catch (error) {
    if (!(error instanceof OutOfSteps)) throw error;
  }
  names ??= namesAt(listDuties(calendar, at, at + 1, new StepBudget()), at);
  return { state: { names, until: undefined }, before: Math.min(from, at + DAY_MS) };
}

/** When the names on duty change next, and what they are then; undefined: not within {@link MAX_LOOK_AHEAD_MS}. */
export function nextChange(
  calendar: DutyCalendar,
  after: number,
): { at: number; names: readonly string[] } | undefined {
  const { until } = dutyAt(calendar, after);
  return until === undefined ? undefined : { at: until, names: findState(calendar, until).state.names };
}

/** `alice until 2026-12-07 08:00 UTC, then bob`. */
export function describeDuty(calendar: DutyCalendar, at: number): string {
  const now = describeNames(dutyAt(calendar, at).names);
  const change = nextChange(calendar, at);
  return change === undefined
    ? `${now}, without a change within a year`
    : `${now} until ${formatZonedTime(change.at, "UTC")}, then ${describeNames(change.names)}`;
}

/** `first duty 2026-01-05 08:00 UTC (alice), last duty ends 2026-12-07 08:00 UTC`. */
export function describeExtent({ first, end }: DutyCalendar): string {
  const start = `first duty ${formatZonedTime(first.start, "UTC")} (${describeNames(first.names)})`;
  return end === undefined
    ? `${start}, repeated without an end`
    : `${start}, last duty ends ${formatZonedTime(end, "UTC")}`;
}

/** The names of all duties, each once. */
export function namesOf({ duties, series }: DutyCalendar): string[] {
  const named = [...duties, ...series.map(({ shape }) => shape)].flatMap(({ names }) => names);
  return [...new Map(named.map((name) => [casefold(name), name])).values()];
}

function describeNames(names: readonly string[]): string {
  return names.length === 0 ? "no account" : names.join(", ");
}

function namesAt(duties: readonly Duty[], at: number): string[] {
  const names = new Map<string, string>();
  for (const duty of duties) {
    if (duty.start > at || duty.end <= at) continue;
    for (const name of duty.names) if (!names.has(casefold(name))) names.set(casefold(name), name);
  }
  return [...names.values()];
}

/** The first time in (from, to] at which the accounts on duty are others than `now`, which are compared names. */
function findChange(
  duties: readonly Duty[],
  from: number,
  to: number,
  now: ReadonlySet<string>,
): number | undefined {
  const edges = duties.flatMap(({ start, end, names }) => {
    const compared = names.map(casefold);
    return [{ at: start, compared, change: 1 }, { at: end, compared, change: -1 }];
  }).sort((a, b) => a.at - b.at);
  const counts = new Map<string, number>();
  let others = 0;
  let missing = now.size;
  for (const [index, { at, compared, change }] of edges.entries()) {
    for (const name of compared) {
      const before = counts.get(name) ?? 0;
      counts.set(name, before + change);
      const difference = Number(before + change > 0) - Number(before > 0);
      if (now.has(name)) missing -= difference;
      else others += difference;
    }
    const isLast = edges[index + 1]?.at !== at;
    if (isLast && at > from && at <= to && (others > 0 || missing > 0)) return at;
  }
  return undefined;
}

/** All duties that have a time in [from, to), by start. @throws {OutOfSteps} */
function listDuties(calendar: DutyCalendar, from: number, to: number, steps: StepBudget): Duty[] {
  return [...calendar.duties, ...calendar.series.flatMap((series) => listRepeated(series, from, to, steps))]
    .filter(({ start, end }) => start < to && end > from)
    .sort((a, b) => a.start - b.start);
}

/** Duties of a series around [from, to), instants. A day more on both sides is for clocks that are set. */
function listRepeated(series: DutySeries, from: number, to: number, steps: StepBudget): Duty[] {
  const { zone, shift, localMs, exactMs } = series.shape;
  const [first, last] = [toLocal(zone, from) - shift - localMs - exactMs, toLocal(zone, to) - shift];
  return listBetween(series, first - DAY_MS, last + DAY_MS, steps);
}

/** Duties of a series, by its local times. */
function listBetween(series: DutySeries, from: number, before: number, steps: StepBudget): Duty[] {
  const { rule, shape } = series;
  return listStarts(rule, Math.max(from, series.from), Math.min(before, series.before), steps)
    .filter((time) => !isExcluded(series, time))
    .map((time) => dutyFrom(time, shape))
    .filter(({ start, end }) => end > start);
}

/** The first duty of a series, and some more. */
function listFirst(series: DutySeries, steps: StepBudget): Duty[] {
  let from = series.from;
  for (let width = 8 * DAY_MS; from < series.before; width *= 2) {
    const duties = listBetween(series, from, from + width, steps);
    if (duties.length > 0) return duties;
    from += width;
  }
  return [];
}

/** The last duty of a series, and some before it. */
function listLast(series: DutySeries, steps: StepBudget): Duty[] {
  let before = series.before;
  for (let width = 8 * DAY_MS; before > series.from; width *= 2) {
    const duties = listBetween(series, before - width, before, steps);
    if (duties.length > 0) return duties;
    before -= width;
  }
  return [];
}
