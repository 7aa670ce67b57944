/** A slow model of duties: every day is looked at, by the sentences of RFC 5545 §3.3.10; zones are those of Temporal. */
import type { Random } from "../../irc/property.ts";

const DAY_MS = 86_400_000;
const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

export interface ModelRule {
  readonly freq: "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";
  readonly interval: number;
  readonly byDay?: readonly string[];
  readonly byMonthDay?: readonly number[];
  readonly byMonth?: readonly number[];
  readonly bySetPos?: readonly number[];
  readonly wkst?: string;
}

export function ruleText(rule: ModelRule): string {
  const lists = {
    BYDAY: rule.byDay,
    BYMONTHDAY: rule.byMonthDay,
    BYMONTH: rule.byMonth,
    BYSETPOS: rule.bySetPos,
    WKST: rule.wkst && [rule.wkst],
  };
  const named = Object.entries(lists).flatMap(([name, list]) => list ? [`${name}=${list.join(",")}`] : []);
  return [`FREQ=${rule.freq}`, `INTERVAL=${rule.interval}`, ...named].join(";");
}

/** The local times of a rule in [start, before). */
export function modelStarts(rule: ModelRule, start: number, before: number): number[] {
  const time = start - dayOf(start) * DAY_MS;
  const periods = Map.groupBy(
    Array.from(
      { length: dayOf(before) + 367 - firstDay(rule, start) },
      (_, index) => firstDay(rule, start) + index,
    ),
    (day) => periodOf(rule, day) - periodOf(rule, dayOf(start)),
  );
  return [...periods]
    .filter(([period]) => period % rule.interval === 0)
    .flatMap(([, days]) => selected(rule, days.filter((day) => fits(rule, day, dayOf(start)))))
    .map((day) => day * DAY_MS + time)
    .filter((local) => local >= start && local < before);
}

function selected({ bySetPos }: ModelRule, days: readonly number[]): readonly number[] {
  return bySetPos === undefined
    ? days
    : days.filter((_, index) => bySetPos.some((nth) => index === (nth > 0 ? nth - 1 : days.length + nth)));
}

/** A day before the start, at the beginning of its period. */
function firstDay({ freq }: ModelRule, start: number): number {
  const date = new Date(start);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (freq === "YEARLY") return dayOf(Date.UTC(year, 0, 1));
  return freq === "MONTHLY" ? dayOf(Date.UTC(year, month, 1)) : dayOf(start) - 7;
}

function periodOf({ freq, wkst = "MO" }: ModelRule, day: number): number {
  const date = new Date(day * DAY_MS);
  // 1 January 1970 is a Thursday.
  if (freq === "WEEKLY") return Math.floor((day + 4 - WEEKDAYS.indexOf(wkst)) / 7);
  if (freq === "YEARLY") return date.getUTCFullYear();
  return freq === "MONTHLY" ? date.getUTCFullYear() * 12 + date.getUTCMonth() : day;
}

function fits(rule: ModelRule, day: number, startDay: number): boolean {
  const [date, start] = [new Date(day * DAY_MS), new Date(startDay * DAY_MS)];
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const { freq, byDay, byMonthDay, byMonth } = rule;
  const isPlain = byDay === undefined && byMonthDay === undefined;
  const monthDays = byMonthDay ?? (isPlain && /MONTHLY|YEARLY/.test(freq) ? [start.getUTCDate()] : undefined);
  const months = byMonth ?? (isPlain && freq === "YEARLY" ? [start.getUTCMonth() + 1] : undefined);
  const days = byDay ?? (freq === "WEEKLY" ? [WEEKDAYS[start.getUTCDay()]!] : undefined);
  const monthDay = date.getUTCDate();
  return (months?.includes(date.getUTCMonth() + 1) ?? true) &&
    (monthDays?.some((each) => monthDay === (each < 0 ? last + 1 + each : each)) ?? true) &&
    (days?.some((each) => {
      const [, nth = "", name] = /^([+-]?\d*)(..)$/.exec(each)!;
      if (WEEKDAYS[date.getUTCDay()] !== name) return false;
      if (nth === "") return true;
      return Number(nth) > 0
        ? Math.ceil(monthDay / 7) === Number(nth)
        : -Math.ceil((last + 1 - monthDay) / 7) === Number(nth);
    }) ?? true);
}

function dayOf(local: number): number {
  return Math.floor(local / DAY_MS);
}

/** The instant of a local time; one that is skipped or exists twice has the offset from before the change. */
export function modelInstant(local: number, zone: string): number {
  return Temporal.PlainDateTime.from(new Date(local).toISOString().slice(0, -1))
    .toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
}

export interface ModelDuty {
  readonly start: number;
  readonly end: number;
  readonly names: readonly string[];
}

/** The accounts on duty at a time, in alphabetical order, and when that changes next. */
export function modelState(
  duties: readonly ModelDuty[],
  at: number,
): { names: string[]; until: number | undefined } {
  const names = namesAt(duties, at);
  const edges = duties.flatMap(({ start, end }) => [start, end]).filter((edge) => edge > at);
  const until = edges.sort((a, b) => a - b).find((edge) => namesAt(duties, edge).join() !== names.join());
  return { names, until };
}

function namesAt(duties: readonly ModelDuty[], at: number): string[] {
  const now = duties.filter(({ start, end }) => start <= at && at < end);
  return [...new Set(now.flatMap(({ names }) => names))].sort();
}

/** A rule of any kind that is read. */
export function randomRule(random: Random): ModelRule {
  const some = <T>(
    values: readonly T[],
    most: number,
  ): T[] => [...new Set(Array.from({ length: 1 + random.below(most) }, () => random.pick(values)))];
  const monthDays = () => some([1, 2, 13, 15, 28, 29, 30, 31, -1, -2, -31], 3);
  const months = () => some([1, 2, 3, 4, 6, 9, 10, 12], 3);
  const ordinals = () => some(["1MO", "2TU", "-1FR", "5WE", "-5SU", "3SA", "+4TH", "MO"], 3);
  const interval = random.pick([1, 1, 1, 2, 3, 5, 12]);
  switch (random.below(8)) {
    case 0:
      return { freq: "DAILY", interval, ...random.chance(2) ? { byDay: some(WEEKDAYS, 5) } : {} };
    case 1:
      return {
        freq: "DAILY",
        interval: random.pick([1, 2]),
        byMonthDay: some([1, 2, 13, 28, 31], 3),
        ...random.chance(2) ? { byMonth: months() } : {},
      };
    case 2:
      return { freq: "WEEKLY", interval, ...random.chance(2) ? { wkst: random.pick(WEEKDAYS) } : {} };
    case 3:
      return {
        freq: "WEEKLY",
        interval,
        byDay: some(WEEKDAYS, 7),
        ...random.chance(2) ? { wkst: random.pick(WEEKDAYS) } : {},
        ...random.chance(4) ? { byMonth: months() } : {},
      };
    case 4:
      return { freq: "MONTHLY", interval, ...random.chance(2) ? { byMonthDay: monthDays() } : {} };
    case 5:
      return { freq: "MONTHLY", interval: random.pick([1, 1, 2, 3]), byDay: ordinals() };
    case 6:
      return {
        freq: "MONTHLY",
        interval: random.pick([1, 2, 3]),
        byDay: some(WEEKDAYS, 7),
        bySetPos: some([1, 2, -1, -2], 2),
      };
    default:
      return {
        freq: "YEARLY",
        interval: random.pick([1, 1, 2]),
        ...random.pick([
          {},
          { byMonth: months() },
          { byMonthDay: monthDays() },
          { byMonth: months(), byMonthDay: monthDays() },
          { byMonth: months(), byDay: ordinals() },
          { byMonth: [random.pick([1, 2, 10])], byDay: some(WEEKDAYS, 7), bySetPos: [random.pick([1, -1])] },
        ]),
      };
  }
}
