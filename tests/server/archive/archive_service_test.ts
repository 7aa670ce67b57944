/** The archive as the server has it, with both workers. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import type { PageQuery, SearchQuery } from "../../../lib/log/archive.ts";
import { RING_MIN_BYTES } from "../../../lib/log/ring.ts";
import { ArchiveService } from "../../../lib/server/archive/archive_service.ts";
import type { ArchiverReport, ArchiverRequest } from "../../../lib/server/archive/archiver_messages.ts";
import type { ReaderReport, ReaderRequest } from "../../../lib/server/archive/reader_messages.ts";
import { ServerLog } from "../../../lib/server/server_log.ts";
import { comesTrue } from "../../support/guard.ts";
import { START } from "../../support/hub.ts";
import { tempDirTest } from "../../support/test.ts";
import { ArchivedLog, TEA } from "./archived_log.ts";
import { FakeWorker, FakeWorkers } from "./fake_worker.ts";

const PERMISSIONS = { permissions: "inherit" } as const;

const PAGE: PageQuery = {
  kind: "page",
  conversation: TEA,
  shows: ["message"],
  anchors: [],
  before: 10,
  after: 0,
  maxBytes: 1 << 20,
};

function searchUntil(until: number): SearchQuery {
  return {
    kind: "search",
    conversations: [TEA],
    terms: [{ words: ["needle"], isPrefix: false }],
    excluded: [],
    from: [],
    hasLink: false,
    limit: 10,
    until,
  };
}

class Service {
  readonly log: ArchivedLog;
  readonly retired: string[] = [];
  /** How many new archives have begun. */
  readonly told: string[] = [];
  readonly lines: string[] = [];
  /** Brings the log to disk. */
  sync = () => {};
  readonly service: ArchiveService;

  constructor(
    dir: string,
    log = new ArchivedLog(dir),
    archiver?: Worker,
    spawnReader?: () => Worker,
    startDelayMs?: number,
  ) {
    this.log = log;
    const { ring, path } = this.log;
    this.service = new ArchiveService({
      ring,
      path,
      logId: "testlog",
      bounds: { maxBytes: Infinity, maxAgeMs: Infinity },
      log: new ServerLog("text", { now: () => START }, (line) => this.lines.push(line)),
      tellOperators: (text) => this.told.push(text),
      sync: () => Promise.resolve(this.sync()),
      onOrdered: (order) => order.kind === "retire" && this.retired.push(order.name),
      ...(archiver && { spawnArchiver: () => archiver }),
      ...(spawnReader && { spawnReader }),
      ...(startDelayMs !== undefined && { startDelayMs }),
    });
  }
}

tempDirTest("a query starts the archive, and waits until it is open", PERMISSIONS, async (dir) => {
  const { service, log, lines } = new Service(dir);
  log.say("a needle");
  log.sync();
  const answer = await service.ask(PAGE, "alice");
  assert(answer?.kind === "page", "a page");
  await service.close();
  assertEquals(log.texts(), ["a needle"], "the last batch came with the end");
  assertEquals(lines.length, 1, "where the archive is, the first time");
  assertEquals(await service.ask(PAGE, "alice"), undefined);
});

tempDirTest(
  "a search waits for the records that it is to know of, but not for ever",
  PERMISSIONS,
  async (dir) => {
    const { service, log } = new Service(dir);
    service.start();
    const seq = log.say("a needle");
    const answering = service.ask(searchUntil(seq + 1), "alice");
    log.sync();
    const answer = await answering;
    assert(answer?.kind === "search" && answer.isComplete, "complete");
    assertEquals(answer.hits.map((hit) => hit.seq), [seq]);
    const never = log.say("not on disk");
    assertEquals(await service.ask(searchUntil(never + 1), "alice"), undefined);
    await service.close();
  },
);

tempDirTest(
  "a search has the log synced and the archiver begin at once, before it looks itself",
  async (dir) => {
    const archiver = new FakeWorker<ArchiverRequest, ArchiverReport>();
    const reader = new FakeWorker<ReaderRequest, ReaderReport>();
    const test = new Service(
      dir,
      undefined,
      archiver as unknown as Worker,
      () => reader as unknown as Worker,
    );
    const { service, log } = test;
    const seq = log.say("a needle");
    test.sync = () => log.sync();
    void service.ask(searchUntil(seq + 1), "alice");
    archiver.report({ kind: "opened", isNew: true, setAside: undefined });
    await comesTrue("it is to begin", () => archiver.requests.at(-1)!.kind === "archive");
    assertEquals([log.ring.durableSeq, reader.requests], [seq + 1, []]);
    archiver.report({ kind: "progress", cursor: seq + 1, size: { bytes: 4096, oldestAt: 0 } });
    await comesTrue("it is searched", () => reader.requests.some(({ kind }) => kind === "ask"));
    const closed = service.close();
    archiver.report({ kind: "stopped" });
    await closed;
  },
);

tempDirTest(
  "a page waits for the records that it is to know of, too, and is answered without them in the end",
  PERMISSIONS,
  async (dir) => {
    const { service, log } = new Service(dir);
    service.start();
    const seq = log.say("early");
    const answering = service.ask({ ...PAGE, until: seq + 1 }, "alice");
    log.sync();
    const answer = await answering;
    assert(answer?.kind === "page", "a page");
    assertEquals(answer.records.map((record) => record.seq), [seq]);
    const never = log.say("not on disk");
    const late = await service.ask({ ...PAGE, until: never + 1 }, "alice");
    assert(late?.kind === "page", "a page");
    assertEquals(late.records.map((record) => record.seq), [seq]);
    await service.close();
  },
);

tempDirTest("a search in a damaged archive has no answer", PERMISSIONS, async (dir) => {
  const { service, log, told } = new Service(dir);
  Deno.writeTextFileSync(log.path, "no archive ".repeat(1000));
  const seq = log.say("a needle");
  log.sync();
  assertEquals(await service.ask(searchUntil(seq + 1), "alice"), undefined);
  assertEquals(told.length, 1, "operators are told");
  await service.close();
});

tempDirTest(
  "orders from before the start are carried out, too, and that of a room is confirmed",
  PERMISSIONS,
  async (dir) => {
    const { service, log, retired } = new Service(dir);
    log.say("of a closed room");
    log.sync();
    service.order([{ kind: "retire", name: "#tea", seq: log.ring.nextSeq }]);
    service.start();
    await comesTrue("it is confirmed", () => retired.length > 0);
    service.order([{ kind: "forget", owner: "A", seq: log.ring.nextSeq }]);
    await service.close();
    assertEquals([retired, log.texts()], [["#tea"], []]);
  },
);

tempDirTest(
  "beside an older copy of the log a new archive begins, also if the log has grown before it is opened",
  PERMISSIONS,
  async (dir) => {
    const before = new Service(dir);
    before.log.say("a", "b");
    before.log.sync();
    before.service.start();
    await before.service.ask(PAGE, "alice");
    await before.service.close();
    const { service, log, lines } = new Service(dir, new ArchivedLog(dir));
    log.say("c", "d", "e", "f");
    log.sync();
    await service.ask(PAGE, "alice");
    await service.close();
    assertEquals(log.texts(), ["c", "d", "e", "f"]);
    assertEquals(lines.filter((line) => line.includes("archive-testlog-newer.sqlite")).length, 1);
  },
);

tempDirTest("damage that only a query meets is trouble, with what to do", PERMISSIONS, async (dir) => {
  const { service, log, lines, told } = new Service(dir);
  log.say(...Array.from({ length: 500 }, (_, at) => `a needle ${at}`));
  log.sync();
  service.order([{ kind: "retire", name: "#milk", seq: log.ring.nextSeq }]);
  service.start();
  await comesTrue("all is archived", () => service.cursor >= log.ring.nextSeq);
  for (const name of [log.path, `${log.path}-wal`]) {
    const { size } = Deno.statSync(name);
    Deno.writeFileSync(name, new Uint8Array(size).fill(7));
  }
  assertEquals([service.unreadable, service.trouble], [undefined, undefined]);
  assertEquals(await service.ask(PAGE, "alice"), undefined);
  assert(service.unreadable !== undefined, "the statistics say so");
  const advice = 'stop the server and run "chatterbox archive repair", or move the file away';
  assertEquals(lines.filter((line) => line.includes("cannot be read") && line.includes(advice)).length, 1);
  assertEquals(told.filter((text) => text.includes("cannot be read") && text.includes(advice)).length, 1);
  await service.close();
});

tempDirTest(
  "the first loss is told at once, what follows as a sum, and the statistics count",
  async (dir) => {
    const archiver = new FakeWorker<ArchiverRequest, ArchiverReport>();
    const { service, lines, told } = new Service(dir, undefined, archiver as unknown as Worker);
    void service.ask(PAGE, "alice");
    const loss = { from: 1, until: 1000, why: "overwritten" } as const;
    for (const count of [20, 300, 1]) archiver.report({ kind: "lost", loss, count });
    assertEquals(service.lostRecords, 321);
    assertEquals(told.map((text) => /[0-9]+/.exec(text)?.[0]), ["20"]);
    const closed = service.close();
    archiver.report({ kind: "stopped" });
    await closed;
    assertEquals(told.map((text) => /[0-9]+/.exec(text)?.[0]), ["20", "301"]);
    assertEquals(lines.length, 2);
  },
);

tempDirTest("a service that is not started makes no file", PERMISSIONS, async (dir) => {
  const { service } = new Service(dir);
  await service.close();
  assertEquals([...Deno.readDirSync(dir)], []);
});

tempDirTest("a page never waits for a search: they have workers of their own", PERMISSIONS, async (dir) => {
  const readers = new FakeWorkers(() => new FakeWorker<ReaderRequest, ReaderReport>());
  const asked = () =>
    readers.all.map(({ requests }) => requests.flatMap((each) => each.kind === "ask" ? each.query.kind : []));
  const { service } = new Service(dir, undefined, undefined, readers.spawn);
  void service.ask(searchUntil(0), "alice");
  await comesTrue("it is searched", () => asked().length === 1);
  void service.ask(PAGE, "alice");
  void service.ask(searchUntil(0), "bob");
  await comesTrue("all are asked", () => asked().flat().length === 3);
  assertEquals(asked(), [["search", "search"], ["page"]]);
  await service.close();
});

tempDirTest("each start says where the archive is, and how large", PERMISSIONS, async (dir) => {
  const said: string[] = [];
  for (let start = 0; start < 2; start++) {
    const { service, lines } = new Service(dir);
    await service.ask(PAGE, "alice");
    await service.close();
    said.push(...lines);
  }
  assertEquals(said.length, 2);
  assertMatch(said[0]!, /all history is archived in .*archive\.sqlite, without a bound \(--archive\)$/m);
  assertMatch(said[1]!, /the archive is .*archive\.sqlite: [0-9.]+ [KM]iB, without a bound \(--archive\)$/m);
});

tempDirTest("a quarter of the ring starts the archiver before its time", PERMISSIONS, async (dir) => {
  const { service, log } = new Service(
    dir,
    new ArchivedLog(dir, RING_MIN_BYTES),
    undefined,
    undefined,
    Infinity,
  );
  service.start();
  log.say("a");
  log.sync();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals([...Deno.readDirSync(dir)], []);
  log.say(...Array.from({ length: 60 }, () => "x".repeat(RING_MIN_BYTES / 4 / 60)));
  log.sync();
  await comesTrue("all is archived", () => service.cursor >= log.ring.nextSeq);
  await service.close();
});
