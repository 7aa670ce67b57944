/** Rates as people write them: `5/60s` is a bucket of 5 tokens that fills again within a minute. */
import type { Rate } from "../token_bucket.ts";
import { UNLIMITED_RATE } from "../token_bucket.ts";
import { parseDuration } from "./duration.ts";

/** Largest count. A larger one would be no limit; that is written `off`. */
const MAX_COUNT = 1_000_000_000;

/** The rate in `text`: `N/DURATION`, or `off` for no limit; undefined if it is neither. */
export function parseRate(text: string): Rate | undefined {
  if (text === "off") return UNLIMITED_RATE;
  const [, digits = "", duration = ""] = /^(\d{1,10})\/(.+)$/s.exec(text) ?? [];
  const count = Number(digits);
  const ms = parseDuration(/^\D/.test(duration) ? `1${duration}` : duration); // 50/s
  return count >= 1 && count <= MAX_COUNT && ms !== undefined && ms > 0 ? { count, ms } : undefined;
}
