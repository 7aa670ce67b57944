/**
 * The reader of the archive as the server uses it: a worker, started with the first query. Few searches run at a time,
 * one for each requester; the others wait in turn, and what does not fit the queue is not answered.
 */
import type { AnswerTo, ArchiveAnswer, ArchiveQuery, SearchQuery } from "../../log/archive.ts";
import { FairQueue } from "../fair_queue.ts";
import type { ReaderReport, ReaderRequest } from "./reader_messages.ts";

/** Searches that share the worker; each has as much time as it would have alone, so more of them find less. */
const MAX_SEARCHES_AT_ONCE = 3;
const MAX_WAITING_SEARCHES_OF_REQUESTER = 4;
/** The last of them waits some ten seconds, if all take as long as a search may. */
const MAX_WAITING_SEARCHES = 16;
/** Other queries, each some milliseconds. */
const MAX_WAITING_QUERIES = 256;
/** Workers that die one after another, without an answer in between, before there are no more. */
const MAX_CRASHES = 3;

export interface ReaderTaskOptions {
  /** Of the archive. */
  readonly path: string;
  /** Called with the reason when the archive cannot be read, at the first query that fails after one that did not. */
  readonly onFailure: (why: string) => void;
  /** Whether a worker can be started now. */
  readonly canSpawn: () => boolean;
  /** Creates the worker. */
  readonly spawn?: () => Worker;
}

type Answer = ArchiveAnswer | undefined;

interface WaitingSearch {
  readonly requester: string;
  readonly query: SearchQuery;
  readonly resolve: (answer: Answer) => void;
}

export class ReaderTask {
  readonly #options: ReaderTaskOptions;
  #worker: Worker | undefined;
  #crashes = 0;
  #isFailing = false;
  #nextId = 1;
  /** Queries that the worker has. */
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #waiting = new FairQueue<WaitingSearch>(MAX_WAITING_SEARCHES_OF_REQUESTER, MAX_WAITING_SEARCHES);
  /** Requesters of the running searches. */
  readonly #searching = new Set<string>();

  constructor(options: ReaderTaskOptions) {
    this.#options = options;
  }

  /** The answer to `query`; undefined: there is none now. Searches of one `requester` run one after another. */
  async ask<Query extends ArchiveQuery>(
    query: Query,
    requester: string,
  ): Promise<AnswerTo<Query> | undefined> {
    const answer = await (query.kind === "search" ? this.#search(query, requester) : this.#askAtOnce(query));
    return answer as AnswerTo<Query> | undefined;
  }

  /** Another file may be in the place of the archive. */
  reopen(): void {
    this.#worker?.postMessage({ kind: "reopen" } satisfies ReaderRequest);
  }

  close(): void {
    this.#crashes = MAX_CRASHES;
    this.#end();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.resolve(undefined);
    }
  }

  #askAtOnce(query: ArchiveQuery): Promise<Answer> {
    return this.#asked.size >= MAX_WAITING_QUERIES ? Promise.resolve(undefined) : this.#post(query);
  }

  #search(query: SearchQuery, requester: string): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.push(requester, { requester, query, resolve })?.resolve(undefined);
    this.#startSearches();
    return promise;
  }

  #startSearches(): void {
    while (this.#searching.size < MAX_SEARCHES_AT_ONCE) {
      const next = this.#waiting.shift(this.#searching);
      if (next === undefined) return;
      const { requester, query, resolve } = next;
      this.#searching.add(requester);
      void this.#post(query).then((answer) => {
        this.#searching.delete(requester);
        resolve(answer);
        this.#startSearches();
      });
    }
  }

  #post(query: ArchiveQuery): Promise<Answer> {
    const worker = this.#worker ??= this.#spawn();
    if (worker === undefined) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const id = this.#nextId++;
    this.#asked.set(id, resolve);
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
      this.#tellFailure(event.message);
      this.#end();
    };
    worker.postMessage({ kind: "start", path } satisfies ReaderRequest);
    return worker;
  }

  #hear(report: ReaderReport): void {
    this.#crashes = 0;
    if (report.answer === undefined) this.#tellFailure(report.why);
    else this.#isFailing = false;
    this.#asked.get(report.id)?.(report.answer);
    this.#asked.delete(report.id);
  }

  #tellFailure(why: string): void {
    if (!this.#isFailing) this.#options.onFailure(why);
    this.#isFailing = true;
  }

  /** Ends the worker; what it was asked is not answered. */
  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const resolve of this.#asked.values()) resolve(undefined);
    this.#asked.clear();
  }
}

function spawnWorker(): Worker {
  return new Worker(new URL("./reader_worker.ts", import.meta.url), {
    type: "module",
    name: "archive reader",
  });
}
