/** Asks an archive the queries of the bench, by the code of the worker that reads it. */
import { LatencyHistogram } from "../../../lib/bench/latency_histogram.ts";
import { type Latency, latencyFigures } from "../../../lib/bench/load/figures.ts";
import { rounded } from "../../../lib/bench/rounding.ts";
import type { ArchiveAnswer, ArchiveQuery } from "../../../lib/log/archive.ts";
import { QueryRunner } from "../../../lib/server/archive/query_runner.ts";
import { ArchiveReader } from "../../../lib/store/archive/archive_reader.ts";
import { Random } from "../../irc/property.ts";
import type { ArchiveRange, QueryKind } from "./queries.ts";

export interface QueryFigures extends Latency {
  readonly title: string;
  readonly queries: number;
  /** Records of an answer, on average. */
  readonly found: number;
  /** Searches that were answered with what they had found when the time was over. */
  readonly incomplete: number;
}

export class MeasuredArchive {
  readonly range: ArchiveRange;
  /** Time to open it and to read its state, after it was closed. */
  readonly openMs: number;
  readonly #runner: QueryRunner;
  readonly #reader: ArchiveReader;
  #hear: (answer: ArchiveAnswer) => void = () => {};

  constructor(path: string) {
    const began = performance.now();
    const reader = this.#reader = new ArchiveReader(path);
    const until = reader.archivedUntil;
    this.openMs = rounded(performance.now() - began);
    const timeOf = (seq: number): number =>
      reader.answer({ kind: "record", seq }).record?.time ?? (seq === 1 ? 0 : timeOf(seq - 1)); // it was redacted
    this.range = { until, lastTime: timeOf(until - 1), timeOf };
    this.#runner = new QueryRunner({
      open: () => reader,
      report: (report) => {
        if (report.answer === undefined) throw new Error(`${path}: ${report.why}`);
        this.#hear(report.answer);
      },
    });
  }

  /** Asks `queries` of each kind. */
  async measure(kinds: readonly QueryKind[], queries: number, seed: number): Promise<QueryFigures[]> {
    const figures: QueryFigures[] = [];
    for (const kind of kinds) figures.push(await this.#measureKind(kind, queries, new Random(seed)));
    return figures;
  }

  close(): void {
    this.#reader.close();
  }

  async #measureKind({ title, make }: QueryKind, queries: number, random: Random): Promise<QueryFigures> {
    const latency = new LatencyHistogram();
    let [found, incomplete] = [0, 0];
    for (let nth = 0; nth < queries; nth++) {
      const query = make(random, this.range);
      const began = performance.now();
      const answer = await this.#ask(query);
      latency.record(performance.now() - began);
      found += countRecords(answer);
      if (answer.kind === "search" && !answer.isComplete) incomplete++;
    }
    return { title, queries, ...latencyFigures(latency), found: rounded(found / queries), incomplete };
  }

  #ask(query: ArchiveQuery): Promise<ArchiveAnswer> {
    return new Promise((resolve) => {
      this.#hear = resolve;
      this.#runner.ask(0, query);
    });
  }
}

function countRecords(answer: ArchiveAnswer): number {
  switch (answer.kind) {
    case "page":
      return answer.records.length;
    case "targets":
      return answer.targets.length;
    case "record":
      return answer.record === undefined ? 0 : 1;
    case "search":
      return answer.hits.length;
  }
}
