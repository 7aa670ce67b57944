/** How often something may happen, as people write it: `5/60s` is 5 at once, and 5 again in a minute. */
import type { Rate } from "../../base/token_bucket.ts";
import { UNLIMITED_RATE } from "../../base/token_bucket.ts";
import { parseDuration } from "./duration.ts";

/** Most that makes sense as a bound; what is more is `off`. */
const MAX_COUNT = 1_000_000_000;

/** The rate that `text` (`N/DURATION`, or `off`: no bound) stands for, or undefined when it is none. */
export function parseRate(text: string): Rate | undefined {
  if (text === "off") return UNLIMITED_RATE;
  const [, digits = "", duration = ""] = /^(\d{1,10})\/(.+)$/s.exec(text) ?? [];
  const count = Number(digits);
  const ms = parseDuration(/^\D/.test(duration) ? `1${duration}` : duration); // 50/s
  return count >= 1 && count <= MAX_COUNT && ms !== undefined && ms > 0 ? { count, ms } : undefined;
}
