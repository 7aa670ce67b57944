import { assertEquals } from "@std/assert";
import type { ArchiveQuery, RecordQuery, SearchQuery } from "../../../lib/log/archive.ts";
import type { ReaderReport, ReaderRequest } from "../../../lib/server/archive/reader_messages.ts";
import { ReaderTask } from "../../../lib/server/archive/reader_task.ts";
import { pureTest } from "../../support/test.ts";

/** A worker that answers when the test says so. */
class FakeWorker {
  onmessage: ((event: { data: ReaderReport }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault: () => void }) => void) | null = null;
  readonly asked: { id: number; query: ArchiveQuery }[] = [];
  readonly requests: string[] = [];

  postMessage(request: ReaderRequest): void {
    this.requests.push(request.kind);
    if (request.kind === "ask") this.asked.push(request);
  }

  /** Answers the oldest query that it has. */
  answer(): void {
    const { id, query } = this.asked.shift()!;
    const answer = query.kind === "search"
      ? { kind: "search", hits: [], isComplete: true, searchedFrom: 0 } as const
      : { kind: "record", record: undefined, conversations: [], archivedUntil: 7 } as const;
    this.onmessage!({ data: { id, answer } });
  }

  fail(why: string): void {
    this.onmessage!({ data: { id: this.asked.shift()!.id, answer: undefined, why } });
  }

  die(message: string): void {
    this.onerror!({ message, preventDefault: () => {} });
  }

  terminate(): void {}
}

class Reader {
  canSpawn = true;
  readonly workers: FakeWorker[] = [];
  readonly failures: string[] = [];
  readonly answered: string[] = [];
  readonly task = new ReaderTask({
    path: "archive.sqlite",
    canSpawn: () => this.canSpawn,
    onFailure: (why) => this.failures.push(why),
    onRecovery: () => this.failures.push("over"),
    spawn: () => {
      const worker = new FakeWorker();
      this.workers.push(worker);
      return worker as unknown as Worker;
    },
  });

  get worker(): FakeWorker {
    return this.workers.at(-1)!;
  }

  /** Asks for `requester`; `name` is noted when it is answered, with `-` if there is no answer. */
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
    void this.task.ask(query, requester).then((answer) => this.answered.push(answer ? name : `-${name}`));
  }

  /** What the worker is searching. */
  get searching(): string[] {
    return this.worker.asked.map(({ query }) => query.kind === "search" ? query.conversations[0]!.name : "");
  }
}

const RECORD: RecordQuery = { kind: "record", seq: 1 };
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

pureTest("few searches run at once, one of each account, and the accounts take turns", async () => {
  const reader = new Reader();
  for (const name of ["a1", "a2", "a3"]) reader.search("alice", name);
  assertEquals(reader.searching, ["a1"]);
  for (const name of ["b1", "b2"]) reader.search("bob", name);
  for (const requester of ["carol", "dave"]) reader.search(requester, requester);
  assertEquals(reader.searching, ["a1", "b1", "carol"]);
  for (let left = 7; left > 0; left--) {
    reader.worker.answer();
    await settle();
  }
  assertEquals(reader.answered, ["a1", "b1", "carol", "a2", "b2", "dave", "a3"]);
});

pureTest("beyond the queue there is no answer: of an account, and of all", async () => {
  const reader = new Reader();
  for (let at = 0; at < 6; at++) reader.search("alice", `a${at}`);
  await settle();
  assertEquals(reader.answered, ["-a5"], "one runs, four wait");
  for (let at = 0; at < 20; at++) reader.search(`user ${at}`, `u${at}`);
  await settle();
  assertEquals(reader.answered.slice(1, 4), ["-a4", "-a3", "-a2"], "the account that has most gives way");
  assertEquals(reader.answered.length, 1 + 4 + 20 - 2 - 16, "two more run, sixteen wait");
});

pureTest("other queries pass by the searches that wait, up to a bound", async () => {
  const reader = new Reader();
  for (let at = 0; at < 5; at++) reader.search(`user ${at}`, `u${at}`);
  const answers = Array.from({ length: 256 }, () => reader.task.ask(RECORD, "alice"));
  assertEquals(await answers.at(-1), undefined, "beyond");
  assertEquals(reader.worker.asked.length, 256);
  for (let left = 256; left > 0; left--) reader.worker.answer();
  const answered = (await Promise.all(answers)).filter((answer) => answer?.archivedUntil === 7);
  assertEquals(answered.length, 253);
});

pureTest("a worker that dies answers nothing more, the next query has another one, three times", async () => {
  const reader = new Reader();
  for (let death = 1; death <= 3; death++) {
    const answer = reader.task.ask(RECORD, "alice");
    reader.search("alice", `s${death}`);
    reader.worker.die("a bug");
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
