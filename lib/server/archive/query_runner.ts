/**
 * Answers queries to the archive, in the worker that reads it. A page, targets and a record are answered at once, in
 * the order of the queries. Searches go on in steps of some milliseconds, one after another, while no other query
 * waits.
 */
import { nextLoopIteration } from "../../base/event_loop.ts";
import type { ArchiveQuery } from "../../log/archive.ts";
import { diskErrorText } from "../../store/disk/disk_file.ts";
import type { ArchiveReader, ImmediateQuery } from "../../store/archive/archive_reader.ts";
import type { ArchiveSearch } from "../../store/archive/archive_search.ts";
import type { ReaderReport } from "./reader_messages.ts";

/** A search that takes longer is answered with what it has found, after the step that is at work then. */
const MAX_SEARCH_MS = 2000;

/** Steps that together take less are made without a pause, which takes a millisecond. */
const STEPS_MS = 5;

interface RunningSearch {
  readonly id: number;
  readonly search: ArchiveSearch;
  readonly endsAt: number;
  /** Duration of its last step. */
  stepMs: number;
}

interface Asked<Query> {
  readonly id: number;
  readonly query: Query;
}

export interface QueryRunnerOptions {
  /** Opens the archive; throws if it cannot be read. */
  readonly open: () => ArchiveReader;
  readonly report: (report: ReaderReport) => void;
  /** Milliseconds, for {@link MAX_SEARCH_MS}. */
  readonly now?: () => number;
}

export class QueryRunner {
  readonly #options: QueryRunnerOptions;
  readonly #now: () => number;
  #reader: ArchiveReader | undefined;
  #immediate: Asked<ImmediateQuery>[] = [];
  readonly #searches: RunningSearch[] = [];
  #isRunning = false;

  constructor(options: QueryRunnerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  ask(id: number, query: ArchiveQuery): void {
    if (query.kind !== "search") this.#immediate.push({ id, query });
    else {
      this.#guard(id, (reader) => {
        const endsAt = this.#now() + MAX_SEARCH_MS;
        this.#searches.push({ id, search: reader.search(query), endsAt, stepMs: 0 });
      });
    }
    if (!this.#isRunning) void this.#run();
  }

  /** Opens the archive anew with the next query. Searches end with what they have found. */
  reopen(): void {
    for (const { id, search } of this.#searches.splice(0)) {
      this.#options.report({ id, answer: search.answer });
    }
    this.#reader?.close();
    this.#reader = undefined;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#immediate.length > 0 || this.#searches.length > 0) {
      await this.#letQueriesIn();
      for (const { id, query } of this.#immediate.splice(0)) {
        this.#guard(id, (reader) => this.#options.report({ id, answer: reader.answer(query) }));
      }
      const end = performance.now() + STEPS_MS;
      do this.#stepSearch(); while (this.#searches.length > 0 && performance.now() < end);
    }
    this.#isRunning = false;
  }

  /** While there are searches, by a timer: in a turn of the event loop that has more work, messages may not be read. */
  #letQueriesIn(): Promise<void> {
    return this.#searches.length === 0
      ? nextLoopIteration()
      : new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** One step of the search that has waited longest, unless one like its last would exceed its time. */
  #stepSearch(): void {
    const running = this.#searches.shift();
    if (running === undefined) return;
    const { id, search, endsAt, stepMs } = running;
    const began = this.#now();
    this.#guard(id, () => {
      const isOver = began + stepMs > endsAt || search.step();
      const now = this.#now();
      running.stepMs = now - began;
      if (isOver || now >= endsAt) this.#options.report({ id, answer: search.answer });
      else this.#searches.push(running);
    });
  }

  /** Runs `act` for the query `id`. If the archive fails, so do the running searches: they read what is closed then. */
  #guard(id: number, act: (reader: ArchiveReader) => void): void {
    try {
      act(this.#reader ??= this.#options.open());
    } catch (error) {
      const why = diskErrorText(error);
      const failed = [id, ...this.#searches.splice(0).map((search) => search.id)];
      for (const each of failed) this.#options.report({ id: each, answer: undefined, why });
      this.#reader?.close();
      this.#reader = undefined;
    }
  }
}
