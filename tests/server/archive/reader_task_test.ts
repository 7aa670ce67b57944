import { assertEquals } from "@std/assert";
import type { ArchiveQuery, RecordQuery, SearchQuery } from "../../../lib/log/archive.ts";
import type { ReaderReport, ReaderRequest } from "../../../lib/server/archive/reader_messages.ts";
import { PAGE_BOUNDS, ReaderTask, SEARCH_BOUNDS } from "../../../lib/server/archive/reader_task.ts";
import { pureTest } from "../../support/test.ts";
import { FakeWorker, FakeWorkers } from "./fake_worker.ts";

/** Answers when the test says so. */
class FakeReader extends FakeWorker<ReaderRequest, ReaderReport> {
  readonly asked: { id: number; query: ArchiveQuery }[] = [];

  override postMessage(request: ReaderRequest): void {
    super.postMessage(request);
    if (request.kind === "ask") this.asked.push(request);
  }

  /** Answers the oldest query that it has. */
  answer(): void {
    const { id, query } = this.asked.shift()!;
    const answer = query.kind === "search"
      ? { kind: "search", hits: [], isComplete: true, searchedFrom: 0 } as const
      : { kind: "record", record: undefined, conversations: [], archivedUntil: 7 } as const;
    this.report({ id, answer });
  }

  fail(why: string): void {
    this.report({ id: this.asked.shift()!.id, answer: undefined, why });
  }
}

class Reader {
  canSpawn = true;
  readonly #workers = new FakeWorkers(() => new FakeReader());
  readonly workers = this.#workers.all;
  readonly failures: string[] = [];
  readonly answered: string[] = [];
  readonly task: ReaderTask;

  constructor(bounds = PAGE_BOUNDS) {
    this.task = new ReaderTask({
      path: "archive.sqlite",
      bounds,
      canSpawn: () => this.canSpawn,
      onFailure: (why) => this.failures.push(why),
      onRecovery: () => this.failures.push("over"),
      spawn: this.#workers.spawn,
    });
  }

  get worker(): FakeReader {
    return this.#workers.last;
  }

  /** Searches for `requester`; `name` is noted when it is answered, with `-` if there is no answer. */
  search(requester: string, name: string): void {
    const query: SearchQuery = {
      kind: "search",
      conversations: [{ kind: "channel", name }],
      terms: [],
      excluded: [],
      from: [],
      hasLink: false,
      limit: 1,
    };
    this.#ask(query, requester, name);
  }

  /** The same for a record; the digits of `name` are its number. */
  read(requester: string, name: string): void {
    this.#ask({ kind: "record", seq: Number(/\d+/.exec(name)![0]) }, requester, name);
  }

  #ask(query: SearchQuery | RecordQuery, requester: string, name: string): void {
    void this.task.ask(query, requester).then((answer) => this.answered.push(answer ? name : `-${name}`));
  }

  /** What the worker is searching. */
  get searching(): string[] {
    return this.worker.asked.map(({ query }) => query.kind === "search" ? query.conversations[0]!.name : "");
  }

  /** Answers queries until there are no more. */
  async answerAll(): Promise<void> {
    for (; this.worker.asked.length > 0; await settle()) this.worker.answer();
  }
}

const RECORD: RecordQuery = { kind: "record", seq: 1 };
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

pureTest("few searches run at once, one of each account, and the accounts take turns", async () => {
  const reader = new Reader(SEARCH_BOUNDS);
  for (const name of ["a1", "a2", "a3"]) reader.search("alice", name);
  assertEquals(reader.searching, ["a1"]);
  for (const name of ["b1", "b2"]) reader.search("bob", name);
  for (const requester of ["carol", "dave"]) reader.search(requester, requester);
  assertEquals(reader.searching, ["a1", "b1", "carol"]);
  await reader.answerAll();
  assertEquals(reader.answered, ["a1", "b1", "carol", "a2", "b2", "dave", "a3"]);
});

pureTest("beyond the queue there is no answer: of an account, and of all", async () => {
  const reader = new Reader(SEARCH_BOUNDS);
  for (let at = 0; at < 6; at++) reader.search("alice", `a${at}`);
  await settle();
  assertEquals(reader.answered, ["-a5"], "one runs, four wait");
  for (let at = 0; at < 20; at++) reader.search(`user ${at}`, `u${at}`);
  await settle();
  assertEquals(reader.answered.slice(1, 4), ["-a4", "-a3", "-a2"], "the account that has most gives way");
  assertEquals(reader.answered.length, 1 + 4 + 20 - 2 - 16, "two more run, sixteen wait");
});

pureTest("a page waits for few of each other address, however many that asks for", async () => {
  const reader = new Reader();
  for (let at = 0; at < 90; at++) reader.read("192.0.2.1", `m${at}`);
  assertEquals(reader.worker.asked.length, 1, "one of each requester is in the worker");
  reader.read("alice", "a1");
  reader.read("bob", "b1");
  assertEquals(reader.worker.asked.length, 2);
  await reader.answerAll();
  assertEquals(reader.answered.slice(0, 4), ["m0", "a1", "m1", "b1"]);
  assertEquals([reader.answered.length, reader.answered.at(-1)], [92, "m89"]);
});

pureTest("beyond the queue a page is not read: of an address, and of all", async () => {
  const reader = new Reader();
  const { ofRequester, inAll } = PAGE_BOUNDS;
  for (const address of ["a", "b"]) {
    for (let at = 0; at < ofRequester + 2; at++) reader.read(address, `${address}${at}`);
  }
  await settle();
  assertEquals(reader.answered, [`-a${ofRequester + 1}`, `-b${ofRequester + 1}`], "one is read");
  const others = inAll - 2 * ofRequester;
  for (let at = 0; at <= others; at++) reader.read(`user ${at}`, `u${at}`);
  await settle();
  assertEquals(reader.answered.slice(2), [`-a${ofRequester}`], "the newest of the address with most");
});

pureTest("a worker that dies answers nothing more, the next query has another one, three times", async () => {
  const reader = new Reader();
  for (let death = 1; death <= 3; death++) {
    const answer = reader.task.ask(RECORD, "alice");
    reader.search("bob", `s${death}`);
    reader.worker.die();
    assertEquals(await answer, undefined);
    await settle();
  }
  assertEquals(await reader.task.ask(RECORD, "alice"), undefined);
  assertEquals([reader.workers.length, reader.answered], [3, ["-s1", "-s2", "-s3"]]);
  assertEquals(reader.failures, ["a bug"], "told once");
  reader.task.close();
});

pureTest("that the archive can't be read is told once, until it could be read again", async () => {
  const reader = new Reader();
  const ask = async (done: () => void) => {
    const answer = reader.task.ask(RECORD, "alice");
    done();
    return await answer;
  };
  assertEquals(await ask(() => reader.worker.fail("damaged")), undefined);
  assertEquals(await ask(() => reader.worker.fail("damaged")), undefined);
  assertEquals((await ask(() => reader.worker.answer()))?.kind, "record");
  assertEquals(await ask(() => reader.worker.fail("damaged again")), undefined);
  assertEquals(reader.failures, ["damaged", "over", "damaged again"]);
  reader.task.close();
});

pureTest("trouble is over when what failed can be read, not when something else can", async () => {
  const reader = new Reader();
  const failing = reader.task.ask({ ...RECORD, seq: 5 }, "alice");
  reader.worker.fail("damaged");
  await failing;
  const other = reader.task.ask(RECORD, "alice");
  reader.worker.answer();
  await other;
  assertEquals(reader.task.trouble, "damaged");
  reader.task.reopen();
  assertEquals(reader.worker.asked.map(({ query }) => query.kind === "record" && query.seq), [5]);
  reader.worker.answer();
  assertEquals([reader.task.trouble, reader.failures], [undefined, ["damaged", "over"]]);
});

pureTest("where no worker can be started there is no answer, until one can", async () => {
  const reader = new Reader();
  reader.canSpawn = false;
  assertEquals(await reader.task.ask(RECORD, "alice"), undefined);
  assertEquals([reader.workers.length, reader.failures], [0, []]);
  reader.canSpawn = true;
  const answer = reader.task.ask(RECORD, "alice");
  reader.worker.answer();
  assertEquals((await answer)?.kind, "record");
});

pureTest("after the end there is no answer, and no worker for one", async () => {
  const reader = new Reader();
  for (const name of ["a1", "a2"]) reader.search("alice", name);
  reader.task.close();
  await settle();
  assertEquals(await reader.task.ask(RECORD, "alice"), undefined);
  assertEquals([reader.answered.sort(), reader.workers.length], [["-a1", "-a2"], 1]);
});
