/**
 * Recurrence rules (RFC 5545 §3.3.10) by ical.js. Times are local here: milliseconds since 1970-01-01 00:00 of a clock
 * that knows neither zones nor summer time.
 *
 * ical.js walks a rule from its first time on, and without a bound where a rule has no further time. So a walk begins
 * shortly before the times in question, and its steps are counted. YEARLY rules are walked as MONTHLY ones with twelve
 * times the interval, for each month; parts of rules that ical.js does not follow as the RFC says are refused.
 */
import ICAL from "ical.js";
import { type Property, quote, refuse } from "./calendar_source.ts";
import { MAX_OCCURRENCES, type StepBudget } from "./step_budget.ts";

export const DAY_MS = 86_400_000;
/** The largest INTERVAL, by FREQ: ten years. */
export const MAX_INTERVAL = { DAILY: 3660, WEEKLY: 520, MONTHLY: 120, YEARLY: 10 };

const ALL_MONTHS = Array.from({ length: 12 }, (_, index) => index + 1);

type Frequency = keyof typeof MAX_INTERVAL;

export interface Recurrence {
  readonly walks: readonly Walk[];
  /** Number of times in all; undefined: no bound. */
  readonly count: number | undefined;
  /** In the form of jCal: a date, a local time, or one in UTC (`Z`); undefined: no bound. */
  readonly until: string | undefined;
}

/** A rule as ical.js is given it. */
interface Walk {
  readonly rule: CountedRule;
  readonly unit: "days" | "months";
  /** Days or months from one period to the next. */
  readonly interval: number;
  /** Local start of a period. */
  readonly phase: number;
  /** Times, and days that may be one, that are looked at in one period at most. */
  readonly times: number;
  /** Days of the month (negative: from its end) that count; undefined: all that ical.js finds. */
  readonly monthDays?: readonly number[];
}

interface Parts {
  BYDAY?: string[];
  BYMONTHDAY?: number[];
  BYMONTH?: number[];
  BYSETPOS?: number[];
}

/** Members of an RRULE that are read; BYHOUR and the like only where they name the time of DTSTART. */
const KNOWN = ["freq", "interval", "count", "until", "wkst", "byday", "bymonthday", "bymonth", "bysetpos"];

/**
 * The rule of an event that starts at the local time `start`.
 *
 * @throws {TypeError} The rule is not valid, or has a part that is not read.
 */
export function readRecurrence(property: Property, start: number): Recurrence {
  const { line, text, values: [value] } = property;
  const data = value as Record<string, unknown>;
  const known = new Set(KNOWN);
  for (const name of Object.keys(data)) {
    if (!known.has(name) && !namesTimeOf(start, name, data[name])) {
      refuse(line, `${quote(name.toUpperCase())} in RRULE is not read`);
    }
  }
  const frequency = String(data.freq);
  if (!Object.hasOwn(MAX_INTERVAL, frequency)) {
    refuse(line, `FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and not ${quote(frequency)}`);
  }
  const interval = readNumber(property, "INTERVAL", MAX_INTERVAL[frequency as Frequency]) ?? 1;
  const count = readNumber(property, "COUNT", MAX_OCCURRENCES);
  const until = data.until === undefined ? undefined : String(data.until);
  if (count !== undefined && until !== undefined) refuse(line, "RRULE has COUNT and UNTIL");
  const weekStart = data.wkst === undefined ? undefined : Number(data.wkst);
  const walks = makeWalks(frequency as Frequency, interval, readParts(data), start, weekStart);
  if (typeof walks === "string") refuse(line, `${quote(text)}: ${walks}`);
  return { walks, count, until };
}

/** A number of the rule, as it stands in the file: ical.js takes INTERVAL=0 for 1. */
function readNumber({ line, text }: Property, name: string, most: number): number | undefined {
  const [, digits] = new RegExp(`[:;]${name}=([^;]*)`, "i").exec(text) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (!/^\+?\d{1,9}$/.test(digits) || number < 1 || number > most) {
    refuse(line, `${name} is a number from 1 to ${most}, and not ${quote(digits)}`);
  }
  return number;
}

/** Whether a BYHOUR, BYMINUTE or BYSECOND names only the time of day at which the event starts anyway. */
function namesTimeOf(start: number, name: string, value: unknown): boolean {
  const time = new Date(start);
  const own = { byhour: time.getUTCHours(), byminute: time.getUTCMinutes(), bysecond: time.getUTCSeconds() };
  return Object.hasOwn(own, name) && value === own[name as keyof typeof own];
}

function readParts(data: Record<string, unknown>): Parts {
  const parts: Parts = {};
  for (const name of ["BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"] as const) {
    const value = data[name.toLowerCase()];
    if (value === undefined) continue;
    const values = Array.isArray(value) ? value : [value];
    if (name === "BYDAY") parts[name] = values.map(String);
    else parts[name] = values.map(Number).sort((a, b) => a - b);
  }
  return parts;
}

/** What ical.js has to walk; a text: why the rule is not read. */
function makeWalks(
  frequency: Frequency,
  interval: number,
  parts: Parts,
  start: number,
  weekStart: number | undefined,
): Walk[] | string {
  const why = describeUnread(frequency, interval, parts);
  if (why !== undefined) return why;
  if (frequency === "MONTHLY" || frequency === "YEARLY") {
    return makeMonthWalks(frequency, interval, parts, start);
  }
  const rule = new CountedRule({ freq: frequency, interval, ...weekStart && { wkst: weekStart } });
  rule.parts = parts;
  if (frequency === "DAILY") return [{ rule, unit: "days", interval, phase: start, times: 1 }];
  const days = parts.BYDAY ?? [weekdayOf(start)];
  rule.parts = { ...parts, BYDAY: days };
  return [{ rule, unit: "days", interval: interval * 7, phase: start, times: days.length }];
}

/** Why a rule is not read: it is not valid, or ical.js does not follow it; undefined: it is read. */
function describeUnread(frequency: Frequency, interval: number, parts: Parts): string | undefined {
  const { BYDAY: days, BYMONTHDAY: monthDays, BYMONTH: months, BYSETPOS: positions } = parts;
  const hasOrdinals = days?.some((day) => /\d/.test(day)) ?? false;
  if (frequency === "DAILY" || frequency === "WEEKLY") {
    if (hasOrdinals) return "numbers in BYDAY are for MONTHLY and YEARLY";
    if (positions !== undefined) return "BYSETPOS is for MONTHLY and YEARLY";
    if (frequency === "WEEKLY" && monthDays !== undefined) return "BYMONTHDAY is not for WEEKLY";
    return monthDays?.some((day) => day < 1) ? "a DAILY rule has no negative BYMONTHDAY" : undefined;
  }
  if (days !== undefined && monthDays !== undefined) return "BYDAY and BYMONTHDAY together are not read";
  if (days?.some((day) => Math.abs(Number.parseInt(day)) > 5)) return "a month has five of a weekday";
  if (positions !== undefined && (days === undefined || hasOrdinals)) {
    return "BYSETPOS is read with a BYDAY without numbers only";
  }
  if (frequency === "MONTHLY") {
    return months !== undefined && interval > 1 ? "BYMONTH with an INTERVAL is read for YEARLY" : undefined;
  }
  if (days !== undefined && months === undefined) return "BYDAY of a YEARLY rule is read with BYMONTH only";
  return positions !== undefined && months!.length > 1
    ? "BYSETPOS of a YEARLY rule is read with one BYMONTH only"
    : undefined;
}

/** A walk for each month of a YEARLY rule, and for each day of BYDAY: ical.js waits for each of these to occur. */
function makeMonthWalks(
  frequency: "MONTHLY" | "YEARLY",
  interval: number,
  parts: Parts,
  start: number,
): Walk[] | string {
  const { BYDAY: days, BYMONTHDAY: monthDays, BYSETPOS: positions } = parts;
  const date = new Date(start);
  const own = days === undefined ? { monthDays: monthDays ?? [date.getUTCDate()] } : {};
  // ical.js gives up where a few months in turn have none of the days, so the first is looked at, too.
  const inMonth: Parts[] = days === undefined
    ? [{ BYMONTHDAY: [1, ...own.monthDays!] }]
    : positions === undefined
    ? days.map((day) => ({ BYDAY: [day] }))
    : [{ BYDAY: days, BYSETPOS: positions }];
  const times = days === undefined ? inMonth[0]!.BYMONTHDAY!.length : 35 + 65 * (positions?.length ?? 0);
  const walks = (month: number, months: number): Walk[] =>
    inMonth.map((part) => {
      const rule = new CountedRule({ freq: "MONTHLY", interval: months });
      rule.parts = part;
      const phase = Date.UTC(date.getUTCFullYear(), month, 1) + (start - Math.floor(start / DAY_MS) * DAY_MS);
      return { rule, unit: "months", interval: months, phase, times, ...own };
    });
  if (frequency === "MONTHLY" && parts.BYMONTH === undefined) return walks(date.getUTCMonth(), interval);
  const plain = monthDays === undefined ? [date.getUTCMonth() + 1] : ALL_MONTHS;
  return (parts.BYMONTH ?? plain).flatMap((month) =>
    walks(month - 1, 12 * (frequency === "YEARLY" ? interval : 1))
  );
}

/** `MO` for the day of a local time. */
function weekdayOf(local: number): string {
  return ["SU", "MO", "TU", "WE", "TH", "FR", "SA"][new Date(local).getUTCDay()]!;
}

/** Times of the rule that are looked at for those of `lengthMs`, at most. */
export function countSteps({ walks }: Recurrence, lengthMs: number): number {
  const steps = ({ unit, interval, times }: Walk) =>
    (Math.ceil(lengthMs / DAY_MS / (interval * (unit === "days" ? 1 : 28))) + 6) * (times + 2);
  return walks.reduce((sum, walk) => sum + steps(walk), 0);
}

/** The times of the rule, without its COUNT and UNTIL, in [from, before), earliest first. @throws {OutOfSteps} */
export function listStarts(
  { walks }: Recurrence,
  from: number,
  before: number,
  steps: StepBudget,
  most = Infinity,
): number[] {
  const starts = new Set(walks.flatMap((walk) => [...walkBetween(walk, from, before, steps, most)]));
  return [...starts].sort((a, b) => a - b).slice(0, most);
}

function* walkBetween(
  walk: Walk,
  from: number,
  before: number,
  steps: StepBudget,
  most: number,
): Generator<number> {
  if (from >= before) return;
  const { rule } = walk;
  rule.steps = steps;
  rule.lastDay = dayKey(ICAL.Time.fromJSDate(new Date(before), true));
  try {
    const start = ICAL.Time.fromJSDate(new Date(findWalkStart(walk, from)), true);
    const iterator = new CountedIterator({ rule, dtstart: start });
    for (let left = most; left > 0;) {
      const next = iterator.next() as ICAL.Time | null;
      const local = next === null ? before : next.toUnixTime() * 1000;
      if (local >= before) return;
      if (local < from || !isNamedDay(walk, local)) continue;
      left--;
      yield local;
    }
  } catch (error) {
    if (error !== BEYOND) throw error;
  }
}

function isNamedDay({ monthDays }: Walk, local: number): boolean {
  const date = new Date(local);
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const day = date.getUTCDate();
  return monthDays?.some((each) => each === day || each === day - length - 1) ?? true;
}

/** Local start of a period before the one that `from` is in: what ical.js finds first need not fit the rule. */
function findWalkStart({ unit, interval, phase }: Walk, from: number): number {
  if (unit === "days") {
    const period = interval * DAY_MS;
    return phase + (Math.floor((from - phase) / period) - 1) * period;
  }
  const date = new Date(phase);
  const periods = Math.floor((monthOf(from) - monthOf(phase)) / interval) - 1;
  return date.setUTCMonth(date.getUTCMonth() + periods * interval);
}

/** Months since January of the year 0. */
function monthOf(local: number): number {
  const date = new Date(local);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Ends a walk that has come beyond the times in question. */
const BEYOND = new Error("beyond the times in question");

/** A rule with the bounds of a walk. The iterator walks already in its constructor, so they are here. */
class CountedRule extends ICAL.Recur {
  steps: StepBudget | undefined;
  /** Day behind which no time is looked for, as {@link dayKey} has it. */
  lastDay = Infinity;

  /** Whether parts of the rule leave out some of its periods (RFC 5545 §3.3.10: Limit). */
  get isLimited(): boolean {
    return this.freq === "DAILY" && Object.keys(this.parts).length > 0 || this.parts.BYMONTH !== undefined;
  }

  takeStep(at: ICAL.Time): void {
    this.steps?.take();
    if (dayKey(at) > this.lastDay) throw BEYOND;
  }
}

/** A number that is larger for later days. */
function dayKey({ year, month, day }: ICAL.Time): number {
  return (year * 12 + month) * 31 + day;
}

/** Counts what it does in loops, and goes on by many days at once. */
class CountedIterator extends ICAL.RecurIterator {
  override check_contracting_rules(): boolean {
    const rule = this.rule as CountedRule;
    rule.takeStep(this.last);
    return !rule.isLimited || super.check_contracting_rules();
  }

  override increment_month(): void {
    (this.rule as CountedRule).takeStep(this.last);
    super.increment_month();
  }

  /** Asked for each day of a month. */
  override is_day_in_byday(day: ICAL.Time): 0 | 1 {
    (this.rule as CountedRule).steps?.take();
    return super.is_day_in_byday(day);
  }

  override increment_monthday(days: number): void {
    this.last.day += days;
  }
}
