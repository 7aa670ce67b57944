/**
 * A reader of the archive as the server uses it: a worker, started with the first query. Few queries are in the worker
 * at a time, one for each requester; the others wait in turn, and what does not fit the queue is not answered. One
 * reader answers pages, another one searches.
 */
import type { AnswerTo, ArchiveAnswer, ArchiveQuery } from "../../log/archive.ts";
import { FairQueue } from "../fair_queue.ts";
import type { ReaderReport, ReaderRequest } from "./reader_messages.ts";

/** One at work, and one at hand when that is answered. With more of them, a query waits for more of others. */
const MAX_PAGES_AT_ONCE = 2;
/** As many as an address may have connections by default (`settings/limit_flags.ts`): each waits for one page. */
const MAX_WAITING_PAGES_OF_REQUESTER = 100;
/** Each takes some milliseconds. */
const MAX_WAITING_PAGES = 256;

/** Searches that share the worker; each has as much time as it would have alone, so more of them find less. */
const MAX_SEARCHES_AT_ONCE = 3;
const MAX_WAITING_SEARCHES_OF_REQUESTER = 4;
/** The last of them waits some ten seconds, if all take as long as a search may. */
const MAX_WAITING_SEARCHES = 16;

/** How many queries a reader takes. */
export interface ReaderBounds {
  /** In the worker, each of another requester. */
  readonly atOnce: number;
  /** Waiting. */
  readonly ofRequester: number;
  readonly inAll: number;
}

/** Of the reader of pages, targets and records. */
export const PAGE_BOUNDS: ReaderBounds = {
  atOnce: MAX_PAGES_AT_ONCE,
  ofRequester: MAX_WAITING_PAGES_OF_REQUESTER,
  inAll: MAX_WAITING_PAGES,
};

export const SEARCH_BOUNDS: ReaderBounds = {
  atOnce: MAX_SEARCHES_AT_ONCE,
  ofRequester: MAX_WAITING_SEARCHES_OF_REQUESTER,
  inAll: MAX_WAITING_SEARCHES,
};

/** Time between two attempts to read again what could not be read. */
const RETRY_MS = 60_000;
/** Workers that die one after another, without an answer in between, before there are no more. */
const MAX_CRASHES = 3;

export interface ReaderTaskOptions {
  /** Of the archive. */
  readonly path: string;
  readonly bounds: ReaderBounds;
  /** Called with the reason at the first query that fails. */
  readonly onFailure: (why: string) => void;
  /** Called when that query has been answered after all. */
  readonly onRecovery: () => void;
  /** Whether a worker can be started now. */
  readonly canSpawn: () => boolean;
  /** Creates the worker. */
  readonly spawn?: () => Worker;
}

type Answer = ArchiveAnswer | undefined;

/** A query that the worker has. */
interface AskedQuery {
  readonly query: ArchiveQuery;
  readonly resolve: (answer: Answer) => void;
}

interface WaitingQuery extends AskedQuery {
  readonly requester: string;
}

export class ReaderTask {
  readonly #options: ReaderTaskOptions;
  #worker: Worker | undefined;
  #crashes = 0;
  /**
   * Why the archive cannot be read, and the query that says so. It is asked again from time to time: other parts of a
   * damaged archive may well be readable.
   */
  #failure: { readonly why: string; readonly query: ArchiveQuery } | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #nextId = 1;
  /** By the number that the worker knows it by. */
  readonly #asked = new Map<number, AskedQuery>();
  readonly #waiting: FairQueue<WaitingQuery>;
  /** Requesters of the queries in the worker. */
  readonly #served = new Set<string>();

  constructor(options: ReaderTaskOptions) {
    this.#options = options;
    this.#waiting = new FairQueue(options.bounds.ofRequester, options.bounds.inAll);
  }

  /** The answer to `query`; undefined: there is none now. Those of one `requester` are answered one after another. */
  async ask<Query extends ArchiveQuery>(
    query: Query,
    requester: string,
  ): Promise<AnswerTo<Query> | undefined> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.push(requester, { requester, query, resolve })?.resolve(undefined);
    this.#postNext();
    return await promise as AnswerTo<Query> | undefined;
  }

  /** Why the archive, or part of it, cannot be read; undefined: it can, as far as is known. */
  get trouble(): string | undefined {
    return this.#failure?.why;
  }

  /** Another file may be in the place of the archive. */
  reopen(): void {
    this.#worker?.postMessage({ kind: "reopen" } satisfies ReaderRequest);
    this.#askAgain();
  }

  close(): void {
    this.#crashes = MAX_CRASHES;
    clearTimeout(this.#retry);
    this.#end();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.resolve(undefined);
    }
  }

  #postNext(): void {
    while (this.#served.size < this.#options.bounds.atOnce) {
      const next = this.#waiting.shift(this.#served);
      if (next === undefined) return;
      const { requester, query, resolve } = next;
      this.#served.add(requester);
      void this.#post(query).then((answer) => {
        this.#served.delete(requester);
        resolve(answer);
        this.#postNext();
      });
    }
  }

  #post(query: ArchiveQuery): Promise<Answer> {
    const worker = this.#worker ??= this.#spawn();
    if (worker === undefined) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const id = this.#nextId++;
    this.#asked.set(id, { query, resolve });
    worker.postMessage({ kind: "ask", id, query } satisfies ReaderRequest);
    return promise;
  }

  #spawn(): Worker | undefined {
    const { path, canSpawn, spawn = spawnWorker } = this.#options;
    if (this.#crashes >= MAX_CRASHES || !canSpawn()) return undefined;
    const worker = spawn();
    worker.onmessage = (event: MessageEvent<ReaderReport>) => this.#hear(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker !== this.#worker) return;
      this.#crashes++;
      const [first] = this.#asked.values();
      if (first !== undefined) this.#noteFailure(event.message, first.query);
      this.#end();
    };
    worker.postMessage({ kind: "start", path } satisfies ReaderRequest);
    return worker;
  }

  #hear(report: ReaderReport): void {
    this.#crashes = 0;
    const asked = this.#asked.get(report.id);
    if (asked === undefined) return;
    this.#asked.delete(report.id);
    if (report.answer === undefined) this.#noteFailure(report.why, asked.query);
    else if (asked.query === this.#failure?.query && isWhole(report.answer)) this.#endFailure();
    asked.resolve(report.answer);
  }

  #noteFailure(why: string, query: ArchiveQuery): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#askAgain(), RETRY_MS);
    if (this.#failure !== undefined) return;
    this.#failure = { why, query };
    this.#options.onFailure(why);
  }

  #endFailure(): void {
    clearTimeout(this.#retry);
    this.#failure = undefined;
    this.#options.onRecovery();
  }

  #askAgain(): void {
    if (this.#failure !== undefined) void this.#post(this.#failure.query);
  }

  /** Ends the worker; what it was asked is not answered. */
  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { resolve } of this.#asked.values()) resolve(undefined);
    this.#asked.clear();
  }
}

/** Whether all that was to be read was read. */
function isWhole(answer: ArchiveAnswer): boolean {
  return answer.kind !== "search" || answer.isComplete;
}

function spawnWorker(): Worker {
  return new Worker(new URL("./reader_worker.ts", import.meta.url), {
    type: "module",
    name: "archive reader",
  });
}
