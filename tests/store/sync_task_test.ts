import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LogLock } from "../../lib/log/log_lock.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { DiskFile } from "../../lib/store/disk/disk_file.ts";
import { type OpenLog, openLog } from "../../lib/store/ring_file/open_log.ts";
import { readFactStore } from "../../lib/store/facts/fact_reader.ts";
import { loadRingFile } from "../../lib/store/ring_file/ring_file.ts";
import {
  startSync,
  type SyncFailure,
  type SyncOptions,
  type SyncOutcome,
} from "../../lib/store/sync/sync_task.ts";
import type { SyncReport, SyncRequest } from "../../lib/store/sync/sync_messages.ts";
import { appendSamples, range, readSamples } from "../log/samples.ts";
import { linesOf } from "../commands/program.ts";
import { comesTrue, endOf, inTime } from "../support/guard.ts";
import { tempDirTest } from "../support/test.ts";
import { RUNS_DENO, writer } from "./programs.ts";

/** Longer than any test: passes happen only when they are asked for. */
const NEVER_MS = 2 ** 31 - 1;

function open(dir: string): OpenLog {
  const outcome = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: 0 });
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  return outcome;
}

function optionsFor({ ring, path }: OpenLog, lockName: string, failures: SyncFailure[] = []): SyncOptions {
  return { ring, path, lockName, intervalMs: NEVER_MS, onError: (failure) => failures.push(failure) };
}

tempDirTest(
  "sync: what was appended is durable when syncNow says so, and the end in order is told",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const task = startSync(optionsFor(log, dir));
    for (const count of [1, 50, 3000, 0, 7]) {
      appendSamples(log.ring, count);
      assertEquals(await task.syncNow(), { durableSeq: log.ring.nextSeq, trouble: undefined });
      assertEquals(log.ring.durableSeq, log.ring.nextSeq);
    }
    appendSamples(log.ring, 5);
    const all = { durableSeq: log.ring.nextSeq, trouble: undefined };
    assertEquals(await task.stop(), all);
    assertEquals(await task.syncNow(), all, "there is nothing left to do");
    const again = open(dir);
    assertEquals(readSamples(again.ring), readSamples(log.ring));
    assertEquals([again.report.unclean, again.ring.nextSeq], [false, log.ring.nextSeq]);
  },
);

function realWorker(): Worker {
  return new Worker(new URL("../../lib/store/sync/sync_worker.ts", import.meta.url), { type: "module" });
}

tempDirTest("sync: those who wait share a pass", RUNS_DENO, async (dir) => {
  const log = open(dir);
  let asked = 0;
  const task = startSync({
    ...optionsFor(log, dir),
    spawn: () => {
      const worker = realWorker();
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { kind: string }) => {
        if (message.kind === "sync") asked++;
        post(message);
      };
      return worker;
    },
  });
  const waiting: Promise<SyncOutcome>[] = [];
  for (let i = 0; i < 1000; i++) {
    appendSamples(log.ring, 1);
    waiting.push(task.syncNow());
  }
  const durable = await Promise.all(waiting);
  assert(durable.every(({ durableSeq }, i) => durableSeq >= i + 2), "each has what it waited for");
  assertEquals(asked, 2, "the first, and one for all that came while it was at work");
  await task.stop();
});

tempDirTest(
  "sync: after every batch, in the thread that appends: on disk when syncNow says so; trouble, and its end, are told",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const failures: SyncFailure[] = [];
    let recovered = 0;
    const lock = new LogLock(log.ring, dir);
    const task = startSync({
      ...optionsFor(log, dir, failures),
      intervalMs: "always",
      lock,
      onRecovered: () => recovered++,
    });
    const batch = async (): Promise<SyncOutcome> => {
      await lock.runKeepingLock(() => appendSamples(log.ring, 10));
      return await task.syncNow();
    };
    for (let round = 0; round < 20; round++) {
      assertEquals(await batch(), { durableSeq: log.ring.nextSeq, trouble: undefined });
    }
    Deno.removeSync(log.path);
    Deno.mkdirSync(log.path); // nothing can be written there
    for (let round = 0; round < 3; round++) {
      assert((await batch()).trouble !== undefined, "not on disk, and why");
    }
    assert(failures.length > 0 && failures.every(({ kind }) => kind === "failed"), "told");
    Deno.removeSync(log.path);
    assertEquals(await batch(), { durableSeq: log.ring.nextSeq, trouble: undefined });
    assertEquals(recovered, 1);
    await lock.runKeepingLock(() => appendSamples(log.ring, 1));
    await task.stop();
    const again = open(dir);
    assertEquals([again.report.unclean, again.ring.nextSeq], [false, log.ring.nextSeq]);
  },
);

tempDirTest("sync: after every batch: a bug is told, and at last ends it", RUNS_DENO, async (dir) => {
  const log = open(dir);
  const failures: SyncFailure[] = [];
  const lock = new LogLock(log.ring, dir);
  lock.runKeepingLock = () => {
    throw new TypeError("a bug");
  };
  const task = startSync({ ...optionsFor(log, dir, failures), intervalMs: "always", lock });
  appendSamples(log.ring, 1);
  assertEquals(await task.syncNow(), { durableSeq: 1, trouble: "a bug" });
  assertEquals(failures, [
    { kind: "crashed", path: log.path, why: "a bug", ended: false },
    { kind: "crashed", path: log.path, why: "a bug", ended: true },
  ]);
});

for (const intervalMs of [5, "always"] as const) {
  tempDirTest(`sync: it syncs by itself: ${intervalMs}`, RUNS_DENO, async (dir) => {
    const log = open(dir);
    const task = startSync({ ...optionsFor(log, dir), intervalMs });
    for (let round = 1; round <= 3; round++) {
      appendSamples(log.ring, 10);
      log.ring.wakeReaders();
      await comesTrue("all is durable", () => log.ring.durableSeq >= log.ring.nextSeq);
    }
    await task.stop();
  });
}

tempDirTest(
  "sync: what comes after a quiet time is synced at once, long before the interval is over",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const task = startSync({ ...optionsFor(log, dir), intervalMs: NEVER_MS });
    appendSamples(log.ring, 1);
    log.ring.wakeReaders();
    await comesTrue("all is durable", () => log.ring.durableSeq >= log.ring.nextSeq);
    await task.stop();
  },
);

tempDirTest(
  "sync: an eighth of the ring does not wait for the interval, also when no saved passes are left",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const { ring } = log;
    const task = startSync({ ...optionsFor(log, dir), intervalMs: NEVER_MS });
    for (let round = 1; round <= 20; round++) {
      const end = ring.position + RING_MIN_BYTES / 8;
      while (ring.position < end) appendSamples(ring, 1);
      ring.wakeReaders();
      await comesTrue(`all of round ${round} is durable`, () => ring.durableSeq >= ring.nextSeq);
    }
    await task.stop();
  },
);

/** Lets the event loop go round once. */
function turn(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

tempDirTest("sync: trouble is told, once, and so is its end", RUNS_DENO, async (dir) => {
  const log = open(dir);
  const failures: SyncFailure[] = [];
  let recovered = 0;
  const task = startSync({ ...optionsFor(log, dir, failures), onRecovered: () => recovered++ });
  appendSamples(log.ring, 10);
  await task.syncNow();
  Deno.removeSync(log.path);
  Deno.mkdirSync(log.path); // nothing can be written there
  appendSamples(log.ring, 10);
  const outcomes = [await task.syncNow(), await task.syncNow()];
  const seen = failures.length;
  outcomes.push(await task.syncNow());
  for (const { durableSeq, trouble } of outcomes) {
    assert(durableSeq < log.ring.nextSeq && trouble !== undefined, "not durable, and why");
    assert(failures.some(({ why }) => why === trouble), "told");
  }
  assertEquals(task.trouble, outcomes.at(-1)!.trouble);
  assertEquals(failures.length, seen, "the same trouble is not told again");
  assert(seen >= 1 && failures.every(({ kind, path }) => kind === "failed" && path === log.path), "told");
  assertEquals(recovered, 0);
  Deno.removeSync(log.path);
  assertEquals(await task.syncNow(), { durableSeq: log.ring.nextSeq, trouble: undefined });
  assertEquals([recovered, failures.length, task.trouble], [1, seen, undefined]);
  await task.stop();
  assertEquals(readSamples(open(dir).ring), range(1, 21));
});

tempDirTest(
  "sync: a pass that failed is tried again by itself, though nothing more is said",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const failed = Promise.withResolvers<void>();
    const recovered = Promise.withResolvers<void>();
    const task = startSync({
      ...optionsFor(log, dir),
      intervalMs: 5,
      onError: () => failed.resolve(),
      onRecovered: () => recovered.resolve(),
    });
    appendSamples(log.ring, 1);
    await task.syncNow();
    Deno.removeSync(log.path);
    Deno.mkdirSync(log.path); // nothing can be written there
    appendSamples(log.ring, 10);
    log.ring.wakeReaders();
    await inTime("trouble", failed.promise);
    Deno.removeSync(log.path);
    await inTime("the end of it", recovered.promise);
    assertEquals(log.ring.durableSeq, log.ring.nextSeq);
    await task.stop();
  },
);

tempDirTest("sync: a folder that was removed is trouble to the last", RUNS_DENO, async (dir) => {
  const log = open(dir);
  const failures: SyncFailure[] = [];
  const task = startSync(optionsFor(log, dir, failures));
  appendSamples(log.ring, 10);
  await task.syncNow();
  Deno.removeSync(dir, { recursive: true });
  appendSamples(log.ring, 10);
  const { durableSeq, trouble } = await task.stop();
  assert(durableSeq < log.ring.nextSeq && trouble !== undefined, "not durable, and why");
  assert(failures.length > 0, "and told");
});

/** A worker that dies of the first message. Deno would print each death of a real one. */
function dyingWorker(): Worker {
  const worker = {
    onerror: (_event: ErrorEvent) => {},
    postMessage: () => queueMicrotask(() => worker.onerror(new ErrorEvent("error", { message: "bang" }))),
    terminate: () => {},
  };
  return worker as unknown as Worker;
}

tempDirTest("sync: a worker that dies is replaced", RUNS_DENO, async (dir) => {
  const log = open(dir);
  const failures: SyncFailure[] = [];
  let spawned = 0;
  const spawn = () => spawned++ === 0 ? dyingWorker() : realWorker();
  const task = startSync({ ...optionsFor(log, dir, failures), spawn });
  appendSamples(log.ring, 10);
  assertEquals((await task.syncNow()).durableSeq, 11);
  assertEquals(failures, [{ kind: "crashed", path: log.path, why: "bang", ended: false }]);
  await task.stop();
});

tempDirTest(
  "sync: a worker that dies is replaced three times; then it is the end, and told",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const failures: SyncFailure[] = [];
    let spawned = 0;
    const spawn = () => {
      spawned++;
      return dyingWorker();
    };
    const task = startSync({ ...optionsFor(log, dir, failures), spawn });
    appendSamples(log.ring, 10);
    const unsaved = { durableSeq: 1, trouble: "bang" };
    assertEquals(await task.syncNow(), unsaved);
    assertEquals(spawned, 4);
    assertEquals(failures.map((failure) => failure.kind === "crashed" && failure.ended), [false, true]);
    assertEquals(await task.syncNow(), unsaved);
    assertEquals(await task.stop(), unsaved);
  },
);

/** A worker that says what it is told to; it never touches a disk. */
class PuppetWorker {
  onmessage = (_event: { data: SyncReport }) => {};
  onerror = (_event: ErrorEvent) => {};
  readonly heard: SyncRequest[] = [];
  postMessage(message: SyncRequest): void {
    this.heard.push(message);
  }
  say(data: SyncReport): void {
    this.onmessage({ data });
  }
  terminate(): void {}
}

tempDirTest(
  "sync: a good pass forgives the deaths before it: only those in a row end it",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const failures: SyncFailure[] = [];
    const workers: PuppetWorker[] = [];
    const spawn = () => (workers.push(new PuppetWorker()), workers.at(-1) as unknown as Worker);
    const task = startSync({ ...optionsFor(log, dir, failures), spawn });
    const dies = (times: number) => {
      for (let time = 0; time < times; time++) {
        workers.at(-1)!.onerror(new ErrorEvent("error", { message: "bang" }));
      }
    };
    const ended = () => failures.some((failure) => failure.kind === "crashed" && failure.ended);
    for (let round = 0; round < 3; round++) {
      dies(3);
      workers.at(-1)!.say({ kind: "synced", asked: false, saved: 0 });
    }
    assertEquals([workers.length, ended()], [10, false]);
    dies(4);
    assertEquals([workers.length, ended()], [13, true]);
    await task.stop();
  },
);

tempDirTest(
  "sync: reasons that take turns are told once each, and again after it was well meanwhile",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const told: string[] = [];
    const worker = new PuppetWorker();
    const task = startSync({
      ...optionsFor(log, dir),
      onError: ({ why }) => told.push(why),
      onRecovered: () => told.push("well"),
      spawn: () => worker as unknown as Worker,
    });
    for (const why of ["full", "broken", "full", "broken"]) worker.say({ kind: "failed", asked: false, why });
    assertEquals([told, task.trouble], [["full", "broken"], "broken"]);
    worker.say({ kind: "synced", asked: false, saved: 0 });
    worker.say({ kind: "failed", asked: false, why: "full" });
    assertEquals(told, ["full", "broken", "well", "full"]);
    for (let i = 0; i < 100; i++) worker.say({ kind: "failed", asked: false, why: `disk error ${i}` });
    assertEquals(told.length, 3 + 8);
    const stopped = task.stop();
    worker.say({ kind: "stopped", why: "full" });
    await stopped;
  },
);

tempDirTest(
  "sync: facts: whoever waits for them is told when they are on disk, or why they are not",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const worker = new PuppetWorker();
    const state = { path: `${dir}/state.sqlite`, logId: "log1" };
    const task = startSync({ ...optionsFor(log, dir), state, spawn: () => worker as unknown as Worker });
    const fact = (key: string) => ({ kind: "account", key, value: "{}", seq: 0 });
    task.saveFacts([fact("alice")]);
    const first = task.syncFacts();
    const rest = worker.heard.slice(1);
    assertEquals(rest, [{ kind: "facts", facts: [fact("alice")], number: 1 }, { kind: "sync" }]);
    worker.say({ kind: "failed", asked: true, why: "full" });
    assertEquals(await first, "full");
    const second = task.syncFacts();
    worker.say({ kind: "synced", asked: true, saved: 1 });
    assertEquals(await second, undefined);
    const stopped = task.stop();
    worker.say({ kind: "stopped" });
    await stopped;
    assertEquals(await task.syncFacts(), "the log is closed");
  },
);

tempDirTest(
  "sync: facts: one that stands for what is on disk is saved before the log is, which may overwrite what it keeps",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const state = { path: `${dir}/state.sqlite`, logId: "log1" };
    const task = startSync({ ...optionsFor(log, dir), state });
    await task.syncNow();
    Deno.removeSync(log.path);
    Deno.mkdirSync(log.path); // no pass can succeed
    appendSamples(log.ring, 3);
    task.saveFacts([{ kind: "retained", key: "0", value: "{}", seq: 0 }]);
    assert((await task.syncFacts()) !== undefined, "the log cannot be written");
    const saved = readFactStore(state.path);
    assertEquals(saved.kind === "ok" && saved.facts.map(({ key }) => key), ["0"]);
    await task.stop();
  },
);

tempDirTest("sync: facts: what could not be saved is tried once more at the end", RUNS_DENO, async (dir) => {
  const log = open(dir);
  const state = { path: `${dir}/state.sqlite`, logId: "log1" };
  Deno.mkdirSync(state.path); // no database can be there
  const task = startSync({ ...optionsFor(log, dir), state });
  task.saveFacts([{ kind: "account", key: "alice", value: "{}", seq: 0 }]);
  assert((await task.syncFacts()) !== undefined, "told");
  Deno.removeSync(state.path);
  assertEquals((await task.stop()).trouble, undefined);
  const saved = readFactStore(state.path);
  assertEquals(saved.kind === "ok" && saved.facts.map(({ key }) => key), ["alice"]);
});

tempDirTest(
  "sync: at the end nobody is left waiting who came while the worker was at work",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const worker = new PuppetWorker();
    const state = { path: `${dir}/state.sqlite`, logId: "log1" };
    const task = startSync({ ...optionsFor(log, dir), state, spawn: () => worker as unknown as Worker });
    const outcomes = [task.syncFacts(), task.syncFacts()];
    void task.stop();
    worker.say({ kind: "stopped" });
    const all = await inTime("the end is told to both", Promise.all(outcomes));
    assertEquals(all, ["the log is closed", "the log is closed"]);
  },
);

tempDirTest(
  "sync: facts: a worker that takes over gets those that the last one did not save",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const workers: PuppetWorker[] = [];
    const state = { path: `${dir}/state.sqlite`, logId: "log1" };
    const spawn = () => (workers.push(new PuppetWorker()), workers.at(-1) as unknown as Worker);
    const task = startSync({ ...optionsFor(log, dir), state, spawn });
    const fact = (key: string) => ({ kind: "ban", key, value: "1", seq: 0 });
    task.saveFacts([fact("a"), fact("b")]);
    task.saveFacts([fact("b"), fact("c")]);
    workers[0]!.say({ kind: "synced", asked: false, saved: 1 });
    workers[0]!.onerror(new ErrorEvent("error", { message: "bang" }));
    assertEquals(workers[1]!.heard.slice(1), [{ kind: "facts", facts: [fact("b"), fact("c")], number: 2 }]);
    const stopped = task.stop();
    workers[1]!.say({ kind: "stopped" });
    await stopped;
  },
);

tempDirTest(
  "sync: under load a pass comes once an interval: what was saved up of them is used up",
  RUNS_DENO,
  async (dir) => {
    const log = open(dir);
    const task = startSync({ ...optionsFor(log, dir), intervalMs: NEVER_MS });
    const passes = () => {
      const file = DiskFile.open(log.path, "read");
      const loaded = loadRingFile(file);
      file.close();
      assert(loaded.kind === "ok", "loads");
      return loaded.header!.generation - 1; // each pass writes the header
    };
    const say = () => {
      appendSamples(log.ring, 1);
      log.ring.wakeReaders();
    };
    for (let saved = 8; saved > 0; saved--) {
      say();
      await comesTrue("all is durable", () => log.ring.durableSeq >= log.ring.nextSeq);
    }
    // The pass at the start may take the first message in, so that one saved pass is left.
    const quiet = passes();
    assert(quiet === 8 || quiet === 9, `${quiet} passes for eight messages in a quiet time`);
    for (let i = 0; i < 30; i++) {
      say();
      await turn();
    }
    await task.syncNow();
    const since = passes() - quiet;
    assert(
      since === 1 || since === 2,
      `${since} passes for all that was said since: one because it was asked for`,
    );
    await task.stop();
  },
);

tempDirTest(
  "sync: a process killed in the middle of syncing: what was durable is there, and the next one goes on",
  RUNS_DENO,
  async (dir) => {
    let highest = 0; // of the numbers that anybody has seen
    for (const lines of [5, 40, 200]) {
      const child = writer(dir);
      let first = 0, durable = 0, left = lines;
      for await (const line of linesOf(child.stdout)) {
        const [word, number] = line.split(" ");
        const seq = Number(number);
        if (word === "first") first = seq;
        else if (word === "durable") durable = seq;
        else assertEquals(word, "next");
        assert(seq > highest, `${line}: a new number, after ${highest}`);
        highest = Math.max(highest, seq - 1);
        if (--left === 0) child.kill("SIGKILL");
      }
      await endOf(child);
      const log = openLog({ dir, capacityBytes: 256 * 1024, now: 0 });
      assert(log.kind === "ok", "recovers");
      const list = readSamples(log.ring);
      const promised = list.filter((seq) => seq >= first && seq < durable);
      assertEquals(promised, range(Math.max(first, list[0]!), durable), "none missing");
      assertEquals(log.report.newlyDamaged, 0, log.reportLine);
    }
  },
);
