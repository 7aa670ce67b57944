/**
 * Cron expressions, by croner (https://croner.56k.guru): loaded with the first message that is repeated.
 *
 * Where a clock is set forward, a time that does not exist is the first one behind the gap; where it is set back, a
 * fixed time that exists twice is the first of the two, and `*` and steps name both.
 */
import { Cron } from "croner";

/**
 * First time after `after` that `expression` (minute, hour, day of the month, month, day of the week) names in `zone`,
 * an IANA name; undefined: there is none. Times in milliseconds since the epoch. Throws for an expression or a zone that
 * is none.
 */
export function findNextTime(expression: string, zone: string, after: number): number | undefined {
  const cron = new Cron(expression, { mode: "5-part", timezone: zone, paused: true });
  return cron.nextRun(new Date(after))?.getTime();
}
