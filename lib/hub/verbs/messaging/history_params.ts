/** Parameters that CHATHISTORY and HistServ share. */
import { parseTimestamp } from "../../../base/values/timestamp.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../../model/config.ts";

export function parseLimit(text: string): number | undefined {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) return undefined;
  return Math.min(Number(text), CHATHISTORY_MAX_MESSAGES);
}

/** The time (milliseconds since the epoch) in `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`; undefined for anything else. */
export function parseTimestampParam(text: string): number | undefined {
  const [, stamp] = /^timestamp=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)$/.exec(text) ?? [];
  return stamp === undefined ? undefined : parseTimestamp(stamp);
}
