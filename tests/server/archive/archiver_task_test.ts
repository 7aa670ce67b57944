import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import type { ArchiveOrder } from "../../../lib/log/archive.ts";
import { Ring } from "../../../lib/log/ring.ts";
import type { ArchiverReport, ArchiverRequest } from "../../../lib/server/archive/archiver_messages.ts";
import { ArchiverTask } from "../../../lib/server/archive/archiver_task.ts";
import type { ArchiverEvent } from "../../../lib/server/archive/archiver_task.ts";
import { pureTest } from "../../support/test.ts";

class FakeWorker {
  onmessage: ((event: { data: ArchiverReport }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault: () => void }) => void) | null = null;
  readonly requests: ArchiverRequest[] = [];

  postMessage(request: ArchiverRequest): void {
    this.requests.push(request);
  }

  report(data: ArchiverReport): void {
    this.onmessage!({ data });
  }

  progress(cursor: number): void {
    this.report({ kind: "progress", cursor, size: { bytes: 4096, oldestAt: 0 } });
  }

  die(message = "a bug"): void {
    this.onerror!({ message, preventDefault: () => {} });
  }

  terminate(): void {}
}

class Task {
  readonly workers: FakeWorker[] = [];
  readonly events: ArchiverEvent[] = [];
  readonly task = new ArchiverTask({
    ring: Ring.create(1 << 16),
    path: "archive.sqlite",
    logId: "testlog",
    bounds: { maxBytes: Infinity, maxAgeMs: Infinity },
    logEnd: 5,
    orders: [],
    onEvent: (event) => this.events.push(event),
    spawn: () => {
      const worker = new FakeWorker();
      this.workers.push(worker);
      return worker as unknown as Worker;
    },
  });

  get worker(): FakeWorker {
    return this.workers.at(-1)!;
  }

  kinds(): string[] {
    return this.events.map((event) => event.kind === "failed" && event.isOver ? "over" : event.kind);
  }
}

const TRUST: ArchiveOrder = { kind: "trust", trust: { completeFrom: 0, knownFrom: 0 }, seq: 0 };
const retire = (name: string) => ({ kind: "retire", name, seq: 5 }) as const;

pureTest(
  "an archiver that dies is replaced three times, as long as it gets no further; then it is told that it is over",
  async () => {
    const test = new Task();
    test.worker.die();
    test.worker.die();
    test.worker.progress(7); // it could be opened, no more
    test.worker.report({ kind: "recovered" }); // forgiven
    for (let death = 0; death < 4; death++) test.worker.die();
    assertEquals(test.workers.length, 6);
    assertEquals(test.kinds(), ["failed", "progress", "recovered", "failed", "over"]);
    assertEquals([test.task.trouble, test.task.cursor], ["a bug", 7]);
    test.task.order(retire("#tea"));
    await test.task.stop();
  },
);

pureTest("what was ordered of an archiver that died, the next one does, each once", () => {
  const test = new Task();
  for (const name of ["#a", "#b"]) test.task.order(retire(name));
  test.worker.report({ kind: "ordered", order: retire("#a") });
  test.worker.die();
  assertEquals(test.worker.requests.map((request) => request.kind === "start" && request.orders), [[
    TRUST,
    retire("#b"),
  ]]);
  test.worker.report({ kind: "ordered", order: retire("#b") });
  const done = test.events.map((event) =>
    event.kind === "ordered" && event.order.kind === "retire" && event.order.name
  );
  assertEquals(done.filter((name) => name !== false), ["#a", "#b"]);
});

pureTest("for how long rooms are kept, each new archiver is told again", () => {
  const test = new Task();
  const keep = (name: string, ms: number | undefined, seq: number) =>
    ({ kind: "keep", name, ms, seq }) as const;
  const orders = [keep("#a", 1000, 5), keep("#b", 1000, 5), keep("#a", 2000, 6), keep("#b", undefined, 7)];
  for (const order of orders) test.task.order(order);
  for (const order of orders) test.worker.report({ kind: "ordered", order });
  test.worker.die();
  const [start] = test.worker.requests;
  assertEquals(start?.kind === "start" && start.orders, [TRUST, keep("#a", 2000, 6)]);
});

pureTest("where the log ended at the start counts until the archive has been open", () => {
  const test = new Task();
  test.worker.die();
  test.worker.report({ kind: "opened", isNew: false, setAside: undefined });
  test.worker.die();
  const ends = test.workers.map(({ requests: [start] }) => start?.kind === "start" && start.logEnd);
  assertEquals(ends, [5, 5, Infinity]);
});

pureTest("trouble is told once for each reason, and its end once", () => {
  const test = new Task();
  for (const why of ["full", "full", "read-only", "full"]) {
    test.worker.report({ kind: "failed", why, isDamaged: false });
  }
  assertEquals(test.task.trouble, "full");
  test.worker.progress(2);
  assertEquals(test.task.trouble, "full", "the archive is open, but not written yet");
  test.worker.report({ kind: "recovered" });
  test.worker.progress(3);
  assertEquals(test.kinds(), ["failed", "failed", "progress", "recovered", "progress"]);
  assertEquals(test.task.trouble, undefined);
});

pureTest("a stop waits for the archiver, and one that dies then is not replaced", async () => {
  const test = new Task();
  let isOver = false;
  const stopped = test.task.stop().then(() => isOver = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(!isOver, "it waits");
  assertEquals(test.worker.requests.at(-1), { kind: "stop" });
  test.worker.die();
  await stopped;
  assertEquals(test.workers.length, 1);
});
