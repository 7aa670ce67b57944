/** iCalendar files for tests. */
import { readDutyCalendar } from "../../../lib/hub/services/duty/duty_calendar.ts";

/** A calendar of events, each the lines of a VEVENT without its frame. */
export function calendarOf(events: readonly string[], head = ""): string {
  const framed = events.map((event) => `BEGIN:VEVENT\n${event.trim()}\nEND:VEVENT\n`).join("");
  return `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n${head && `${head.trim()}\n`}${framed}END:VCALENDAR\n`;
}

export function readEvents(...events: string[]) {
  return readDutyCalendar(calendarOf(events));
}

/** Why the text is refused; `read`: it is not. */
export function refusalOf(text: string): string {
  try {
    readDutyCalendar(text);
    return "read";
  } catch (error) {
    if (error instanceof TypeError && error.constructor === TypeError) return error.message;
    throw error;
  }
}

/** `20260102T090000` for a local time. */
export function basicTime(local: number): string {
  return new Date(local).toISOString().replace(/[-:]|\.000Z$/g, "");
}
