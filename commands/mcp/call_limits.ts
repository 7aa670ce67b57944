/** How often each tool may be called. */
import { TokenBucket } from "../../lib/base/token_bucket.ts";
import type { Rate } from "../../lib/base/token_bucket.ts";
import { formatDuration } from "../../lib/base/values/duration.ts";
import { ToolRefusal } from "./tool_refusal.ts";

export type LimitedTool = "say" | "ask" | "read_since" | "wait_for" | "search" | "who";

/** Calls at once, and as many again within the time. Reading resources counts as `read_since`. */
export const CALL_RATES: Readonly<Record<LimitedTool, Rate>> = {
  say: { count: 10, ms: 60_000 },
  ask: { count: 5, ms: 900_000 },
  read_since: { count: 30, ms: 30_000 },
  wait_for: { count: 30, ms: 30_000 },
  search: { count: 10, ms: 30_000 },
  who: { count: 10, ms: 30_000 },
};

/** Calls of one tool that may be running at a time. */
export const MAX_RUNNING_CALLS: Readonly<Record<LimitedTool, number>> = {
  say: 5,
  ask: 5,
  read_since: 5,
  wait_for: 10,
  search: 5,
  who: 5,
};

export class CallLimits {
  readonly #buckets: ReadonlyMap<string, TokenBucket>;
  readonly #running = new Map<LimitedTool, number>();
  #onIdle: (() => void) | undefined;

  constructor(now: number) {
    this.#buckets = new Map(
      Object.entries(CALL_RATES).map(([tool, rate]) => [tool, new TokenBucket(rate, now)]),
    );
  }

  /**
   * Runs one call of `tool`.
   * @throws {ToolRefusal} There are too many; the text says when to try again.
   */
  async run<T>(tool: LimitedTool, now: number, call: () => Promise<T>): Promise<T> {
    const running = this.#running.get(tool) ?? 0;
    if (running >= MAX_RUNNING_CALLS[tool]) {
      throw new ToolRefusal(
        `${running} calls of ${tool} are running, which is the most at a time; try again when one of them has ended`,
      );
    }
    const bucket = this.#buckets.get(tool)!;
    if (bucket.take(1, now) === 0) {
      const wait = formatDuration(Math.ceil(bucket.msUntilTokens(1, now) / 1000) * 1000);
      const { count, ms } = CALL_RATES[tool];
      throw new ToolRefusal(
        `too many calls of ${tool}: ${count} in ${formatDuration(ms)} are the limit; try again in ${wait}`,
      );
    }
    this.#running.set(tool, running + 1);
    try {
      return await call();
    } finally {
      this.#running.set(tool, this.#running.get(tool)! - 1);
      if (this.#isIdle) this.#onIdle?.();
    }
  }

  /** Resolves when no call is running. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#isIdle) resolve();
    });
  }

  get #isIdle(): boolean {
    return [...this.#running.values()].every((count) => count === 0);
  }
}
