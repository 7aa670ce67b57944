import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import type { SearchQuery } from "../../../lib/log/archive.ts";
import { QueryRunner } from "../../../lib/server/archive/query_runner.ts";
import type { ReaderReport } from "../../../lib/server/archive/reader_messages.ts";
import { ArchiveReader } from "../../../lib/store/archive/archive_reader.ts";
import { comesTrue } from "../../support/guard.ts";
import { tempDirTest } from "../../support/test.ts";
import { ArchivedLog, TEA } from "./archived_log.ts";

const SEARCH: SearchQuery = {
  kind: "search",
  conversations: [TEA],
  terms: [{ words: ["needle"], isPrefix: false }],
  excluded: [],
  from: [],
  hasLink: false,
  limit: 10,
};

async function archiveWith(dir: string, ...texts: string[]): Promise<string> {
  const log = new ArchivedLog(dir);
  log.say(...texts);
  log.sync();
  log.start();
  await log.caughtUp();
  await log.stop();
  return log.path;
}

class Runner {
  readonly reports: ReaderReport[] = [];
  now = 0;
  readonly runner: QueryRunner;

  constructor(path: string) {
    this.runner = new QueryRunner({
      open: () => new ArchiveReader(path),
      report: (report) => this.reports.push(report),
      now: () => this.now,
    });
  }

  async answered(count: number): Promise<void> {
    await comesTrue(`${count} answers`, () => this.reports.length >= count);
  }
}

tempDirTest(
  "a page that comes after a search is answered before it; several searches all end",
  async (dir) => {
    const path = await archiveWith(dir, "a needle", ...Array.from({ length: 2000 }, () => "hay"));
    const { runner, reports } = new Runner(path);
    runner.ask(1, SEARCH);
    runner.ask(2, SEARCH);
    runner.ask(3, { kind: "record", seq: 1 });
    await comesTrue("all", () => reports.length === 3);
    assertEquals(reports[0]!.id, 3);
    for (const { answer } of reports.slice(1)) {
      assert(answer?.kind === "search" && answer.isComplete, "complete");
      assertEquals(answer.hits.length, 1);
    }
    runner.reopen();
  },
);

tempDirTest("a search ends after its time with what it has found", async (dir) => {
  const path = await archiveWith(dir, "a needle");
  const test = new Runner(path);
  test.runner.ask(1, SEARCH);
  test.now = 2000;
  await test.answered(1);
  const [report] = test.reports;
  assertEquals(report!.answer?.kind === "search" && report!.answer.isComplete, false);
  test.runner.reopen();
});

tempDirTest("a search makes no step that would exceed its time", async (dir) => {
  const path = await archiveWith(dir, "a needle");
  const reports: ReaderReport[] = [];
  let now = 0;
  const runner = new QueryRunner({
    open: () => new ArchiveReader(path),
    report: (report) => reports.push(report),
    now: () => now += 600, // a step takes as long
  });
  runner.ask(1, SEARCH);
  await comesTrue("it is answered", () => reports.length === 1);
  const answer = reports[0]!.answer;
  assert(answer?.kind === "search" && !answer.isComplete && answer.hits.length === 0, "after one step");
  runner.reopen();
});

tempDirTest("a query that the archive fails at leaves no search without an answer", async (dir) => {
  const path = await archiveWith(dir, "a needle");
  for (const query of [SEARCH, { kind: "record", seq: 1 } as const]) {
    const reader = new ArchiveReader(path);
    const reports: ReaderReport[] = [];
    const runner = new QueryRunner({ open: () => reader, report: (report) => reports.push(report) });
    runner.ask(1, SEARCH);
    runner.ask(2, SEARCH);
    Object.defineProperty(reader, query.kind === "search" ? "search" : "answer", {
      value: () => {
        throw new Error("disk I/O error");
      },
    });
    runner.ask(3, query);
    await comesTrue("all are answered", () => reports.length === 3);
    assertEquals(reports.map((report) => "why" in report && report.why), Array(3).fill("disk I/O error"));
  }
});

tempDirTest(
  "without an archive each query is answered by the reason, and by the archive once it is there",
  async (dir) => {
    const test = new Runner(`${dir}/archive.sqlite`);
    test.runner.ask(1, SEARCH);
    test.runner.ask(2, { kind: "record", seq: 1 });
    await test.answered(2);
    for (const report of test.reports) assertMatch("why" in report ? report.why : "", /unable to open/);
    await archiveWith(dir, "a needle");
    test.runner.ask(3, { kind: "record", seq: 1 });
    await test.answered(3);
    const { answer } = test.reports[2]!;
    assertEquals(answer?.kind === "record" && answer.conversations, [TEA]);
    test.runner.reopen();
  },
);
