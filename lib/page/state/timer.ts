/** One call that is due later, until it is set anew. */
export class Timer {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls `run` in `ms` milliseconds, in place of what was due; undefined: nothing is. */
  set(ms: number | undefined, run: () => void): void {
    this.stop();
    if (ms !== undefined) this.#timer = setTimeout(run, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
