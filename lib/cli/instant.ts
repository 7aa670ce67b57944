/** Points in time as people write them: `10m` (ago), `2026-01-31`, `2026-01-31T10:00:00Z`, `now`. */
import { parseDuration } from "./duration.ts";

/** RFC 3339 date-time; the offset may be left out (then local time), and so may the time of day (then its midnight). */
const RFC3339 = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$/;

/** Milliseconds since the epoch that `text` means at the time `now`, or undefined. */
export function parseInstant(text: string, now: number): number | undefined {
  if (text === "now") return now;
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  if (!RFC3339.test(text)) return undefined;
  const time = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(" ", "T").toUpperCase());
  return Number.isNaN(time) ? undefined : time;
}
