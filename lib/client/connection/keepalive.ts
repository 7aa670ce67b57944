/** Whether a silent server is still there: when to ask it, and when to take the connection for dead. Pure. */

/** How often the silence of the server is looked at. */
export const KEEPALIVE_CHECK_MS = 5_000;
/** After this much silence we ask … */
export const PING_AFTER_MS = 20_000;
/** … and when nothing at all has come this long after that, the connection is dead. */
export const PONG_TIMEOUT_MS = 15_000;
/** A look that is late by more than this follows a sleep of the machine, or a stop of the process (or its clock was set). */
const SUSPEND_THRESHOLD_MS = 5_000;

/**
 * Silence is counted in looks, not by the clock: while the machine sleeps nobody is silent. But after a sleep the connection is
 * often dead without anybody having said so; therefore we ask at once, however short the silence was.
 */
export class Keepalive {
  #silentMs = 0;
  /** Since we asked; undefined: we have not, or were answered. */
  #askedMs: number | undefined;
  #lookedAt: number;

  /** `now` in milliseconds, here and below. */
  constructor(now: number) {
    this.#lookedAt = now;
  }

  /** The silence so far, to the next look. */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** Something came from the server. */
  recordActivity(): void {
    this.#silentMs = 0;
    this.#askedMs = undefined;
  }

  /** A request was not answered in time. True: the server is to be asked whether it is there; false: it has been. */
  requestPing(): boolean {
    if (this.#askedMs !== undefined) return false;
    this.#askedMs = 0;
    return true;
  }

  /** To be called every {@link KEEPALIVE_CHECK_MS}: what there is to do now. */
  check(now: number): "fine" | "ask" | "lost" {
    const late = Math.abs(now - this.#lookedAt - KEEPALIVE_CHECK_MS);
    this.#lookedAt = now;
    this.#silentMs += KEEPALIVE_CHECK_MS;
    if (late > SUSPEND_THRESHOLD_MS) {
      this.#askedMs = 0;
      return "ask";
    }
    if (this.#askedMs !== undefined) {
      this.#askedMs += KEEPALIVE_CHECK_MS;
      return this.#askedMs >= PONG_TIMEOUT_MS ? "lost" : "fine";
    }
    if (this.#silentMs < PING_AFTER_MS) return "fine";
    this.#askedMs = 0;
    return "ask";
  }
}
