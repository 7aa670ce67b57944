/** What is told of records that the archive does not get: in the server's log, to operators, and as a count. */
import type { ArchiveLoss } from "../../log/archive.ts";
import { makeMissingRecords } from "../../log/read_outcome.ts";
import type { ServerLog } from "../server_log.ts";
import type { ArchiverEvent } from "./archiver_task.ts";

/** Time between the report of a first loss and that of the sum of those that followed: under load, many do. */
const FIRST_SUM_MS = 5000;
/** Least time between later reports. */
const SUM_MS = 60_000;

/** Why records are missing: as the archive says, or they were overwritten before the server's start. */
type Cause = ArchiveLoss["why"] | "early";

export interface LossReportsOptions {
  /** The oldest record of the log when the server started: what was before it is no loss of this run. */
  readonly oldestAtStart: number;
  readonly log: ServerLog;
  readonly tellOperators: (text: string) => void;
  /** Calls `act` after `ms`; returns what prevents that. Left out: by `setTimeout`. */
  readonly schedule?: (act: () => void, ms: number) => () => void;
}

export class LossReports {
  readonly #options: LossReportsOptions;
  #count = 0;
  /** Losses that were not told yet. */
  readonly #untold = new Map<Cause, number>();
  /** Causes that were told since there was last a pause. */
  readonly #told = new Set<Cause>();
  /** Ends the pause after a report; undefined: there is none. */
  #endPause: (() => void) | undefined;

  constructor(options: LossReportsOptions) {
    this.#options = options;
  }

  /** Records lost since the start of the server. */
  get count(): number {
    return this.#count;
  }

  /** Tells the first loss at once, and what follows as sums. */
  note({ loss: { from, until, why }, count }: ArchiverEvent & { kind: "lost" }): void {
    const { oldestAtStart } = this.#options;
    const isEarly = why === "overwritten" && from < oldestAtStart;
    const early = isEarly
      ? Math.min(count, makeMissingRecords(from, Math.min(until, oldestAtStart), why).lost)
      : 0;
    this.#add("early", early);
    this.#add(why, count - early);
    this.#count += count - early;
    if (this.#endPause !== undefined) return;
    this.#tellAll();
    this.#pause(FIRST_SUM_MS);
  }

  /** Tells what was not told yet; the last call. */
  close(): void {
    this.#endPause?.();
    this.#tellAll();
  }

  #add(cause: Cause, count: number): void {
    if (count > 0) this.#untold.set(cause, (this.#untold.get(cause) ?? 0) + count);
  }

  #pause(ms: number): void {
    this.#endPause = (this.#options.schedule ?? scheduleByTimer)(() => {
      this.#endPause = undefined;
      if (this.#tellAll() || ms < SUM_MS) this.#pause(SUM_MS);
      else this.#told.clear();
    }, ms);
  }

  /** Returns whether there was anything to tell. */
  #tellAll(): boolean {
    const untold = [...this.#untold];
    this.#untold.clear();
    for (const [cause, count] of untold) this.#tell(cause, count);
    return untold.length > 0;
  }

  #tell(cause: Cause, count: number): void {
    const { log, tellOperators } = this.#options;
    const more = this.#told.has(cause) ? "more " : "";
    this.#told.add(cause);
    const what = describe(cause, `${count} ${more}${count === 1 ? "record" : "records"}`);
    log.warning("archive", what, { count, why: cause });
    tellOperators(`Archive: ${what}`);
  }
}

function describe(cause: Cause, records: string): string {
  switch (cause) {
    case "early":
      return `${records} from before this start not archived: overwritten while the archive was off or could not be written`;
    case "overwritten":
      return `${records} overwritten before the archive had them; a larger --buffer gives it more time`;
    case "damaged":
    case "pruned":
      return `${records} of the log damaged, and missing from the archive`;
  }
}

function scheduleByTimer(act: () => void, ms: number): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}
