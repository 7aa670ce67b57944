/** When to ping a silent server, and when to take the connection for dead. Pure. */

/** Interval of the checks. */
export const KEEPALIVE_CHECK_MS = 5_000;
/** After this much silence the client sends a PING … */
export const PING_AFTER_MS = 20_000;
/** … and if nothing at all comes for this long after it, the connection is dead. */
export const PONG_TIMEOUT_MS = 15_000;
/**
 * A check that is late by more than this follows a suspend of the machine or the process, or a change of the
 * clock.
 */
const SUSPEND_THRESHOLD_MS = 5_000;

/**
 * Silence is counted in checks, not by the clock, so that the time of a suspend does not count. After a
 * suspend the connection is often dead without notice; therefore the client sends a PING at once, however
 * short the silence was.
 */
export class Keepalive {
  #silentMs = 0;
  /** Time since the PING; undefined: none is unanswered. */
  #sincePingMs: number | undefined;
  #checkedAt: number;

  /** `now`: in milliseconds, here and below. */
  constructor(now: number) {
    this.#checkedAt = now;
  }

  /** The silence up to the last check. */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** Records that something has come from the server. */
  recordActivity(): void {
    this.#silentMs = 0;
    this.#sincePingMs = undefined;
  }

  /** After a request that was not answered in time. True: send a PING; false: one is unanswered already. */
  requestPing(): boolean {
    if (this.#sincePingMs !== undefined) return false;
    this.#sincePingMs = 0;
    return true;
  }

  /** To be called every {@link KEEPALIVE_CHECK_MS}. `ask`: send a PING; `lost`: the connection is dead. */
  check(now: number): "fine" | "ask" | "lost" {
    const late = Math.abs(now - this.#checkedAt - KEEPALIVE_CHECK_MS);
    this.#checkedAt = now;
    this.#silentMs += KEEPALIVE_CHECK_MS;
    if (late > SUSPEND_THRESHOLD_MS) {
      this.#sincePingMs = 0;
      return "ask";
    }
    if (this.#sincePingMs !== undefined) {
      this.#sincePingMs += KEEPALIVE_CHECK_MS;
      return this.#sincePingMs >= PONG_TIMEOUT_MS ? "lost" : "fine";
    }
    if (this.#silentMs < PING_AFTER_MS) return "fine";
    this.#sincePingMs = 0;
    return "ask";
  }
}
