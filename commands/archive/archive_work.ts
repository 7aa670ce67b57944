/** What the actions of `chatterbox archive` have in common: progress on a terminal, and being stopped. */
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import type { Io } from "../../lib/cli/command.ts";
import { ProgressLine } from "../support/progress_line.ts";
import { ArchiveFault } from "./archive_fault.ts";

/** Steps between two pauses, in which signals arrive. */
const STEPS_PER_PAUSE = 8;

export class ArchiveWork {
  readonly #line: ProgressLine;
  /** Aborted when the work is to stop. */
  readonly signal: AbortSignal;
  #steps = 0;

  /** `signal`: that of the signals of the system. */
  constructor(readonly io: Io, signal: AbortSignal) {
    this.#line = new ProgressLine(io.stderr);
    this.signal = AbortSignal.any([signal, io.stdout.closedSignal]);
  }

  /** Called after each step: shows `progress` on a terminal. Throws an {@link ArchiveFault} once the work is to stop. */
  async step(progress: () => string): Promise<void> {
    if (this.#steps++ % STEPS_PER_PAUSE === 0) {
      if (this.io.stderr.isTerminal) this.#line.show(progress());
      await nextLoopIteration(); // signals
    }
    if (this.signal.aborted) throw new ArchiveFault("stopped", "interrupted");
  }

  /** Runs all steps of `work`, and returns what it returns. */
  async run<T>(work: Generator<unknown, T>, doing: string): Promise<T> {
    let count = 0;
    try {
      while (true) {
        const step = work.next();
        if (step.done) return step.value;
        count++;
        await this.step(() => `${doing}: step ${count}`);
      }
    } finally {
      work.return(undefined as T); // it closes what it has open
      this.end();
    }
  }

  /** Clears the progress. */
  end(): void {
    if (this.io.stderr.isTerminal) this.#line.clear();
  }
}

/** `1 record`, `7 records`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
