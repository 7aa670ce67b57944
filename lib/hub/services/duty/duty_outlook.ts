/** Reads a calendar of duties for a stretch of time. It may take seconds: the server does it in another thread. */
import type { CalendarReading, DutyOutlook } from "../../model/duty_outlook.ts";
import { describeExtent, findState, MAX_LOOK_AHEAD_MS, namesOf, readDutyCalendar } from "./duty_calendar.ts";
import type { DutyCalendar } from "./duty_calendar.ts";

/** Duties that are looked for, one after another. */
export const MAX_OUTLOOK_DUTIES = 200;

/** The calendar of the text of an iCalendar file from `at` on. `isOver`: no further duty is to be looked for. */
export function readDutyOutlook(
  text: string,
  at: number,
  isOver: () => boolean = () => false,
): CalendarReading {
  try {
    const calendar = readDutyCalendar(text);
    const words = describeExtent(calendar);
    const { events } = calendar;
    const outlook = { events, words, names: namesOf(calendar), ...listDuties(calendar, at, isOver) };
    return { kind: "read", outlook };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: "invalid", why: error.message };
  }
}

function listDuties(
  calendar: DutyCalendar,
  at: number,
  isOver: () => boolean,
): Pick<DutyOutlook, "duties" | "before"> {
  const duties: DutyOutlook["duties"][number][] = [];
  let from = at;
  while (true) {
    const { state: { names, until }, before } = findState(calendar, from);
    duties.push({ from, names, until });
    const isLast = until === undefined || before >= at + MAX_LOOK_AHEAD_MS;
    if (isLast || duties.length >= MAX_OUTLOOK_DUTIES || isOver()) return { duties, before };
    from = before;
  }
}
