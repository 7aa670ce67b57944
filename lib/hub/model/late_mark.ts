/** The mark of a scheduled message that is said long after its time. */
import { formatZonedTime } from "../../base/values/zoned_time.ts";
import { isMultiline, LINE_END } from "../../irc/multiline.ts";

/** `text` with the time at which it was due, `dueAt` in milliseconds since the epoch, as `zone` (an IANA name) has it. */
export function markLate(text: string, dueAt: number, zone: string): string {
  const mark = `(late: due ${formatZonedTime(dueAt, zone)})`;
  return isMultiline(text) ? text + LINE_END + mark : `${text} ${mark}`;
}
