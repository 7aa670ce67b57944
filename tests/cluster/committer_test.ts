/** Commits: exactly once, fenced, in order, bounded; nothing is reported that is not stored. */
import { assert, assertEquals } from "@std/assert";
import { MAX_COMMIT_OPERATIONS } from "../../lib/cluster/commit_content.ts";
import { decodeFact } from "../../lib/cluster/cluster_values.ts";
import type { Transaction } from "../../lib/cluster/key_value_store.ts";
import { StoreUnavailable } from "../../lib/cluster/key_value_store.ts";
import { decodeBatch } from "../../lib/cluster/log_batch.ts";
import { pureTest } from "../support/test.ts";
import { World } from "./world.ts";
import type { TestNode } from "./world.ts";

async function leader(): Promise<[World, TestNode]> {
  const world = new World();
  const a = world.node("a");
  await world.until(() => a.term !== undefined, "a leads");
  return [world, a];
}

function batches(world: World): string[][] {
  return world.etcd.data.range(world.keys.logRange()).entries.map(({ key, value }) => {
    const { records } = decodeBatch(key, parseInt(key.slice(-16), 16), value);
    return records.map(({ payload }) => new TextDecoder().decode(payload));
  });
}

/** Facts in etcd, as `key=value@seq`. */
function facts(world: World): string[] {
  return world.etcd.data.range(world.keys.facts).entries.map(({ key, value }) => {
    const read = world.keys.read(key);
    if (read?.kind !== "fact") throw new Error(key);
    const fact = decodeFact(read.factKind, read.factKey, value);
    return `${fact.key}=${fact.value}@${fact.seq}`;
  });
}

function fact(key: string, value: string | undefined, seq = 0) {
  return { kind: "topic", key, value, seq };
}

/** Records the transactions of `node` that write, and does with each what `act` says. */
function intercept(
  { client }: TestNode,
  act: (
    nth: number,
    pass: () => ReturnType<typeof client.transact>,
    transaction: Transaction,
  ) => ReturnType<typeof client.transact>,
): Transaction[] {
  const seen: Transaction[] = [];
  const transact = client.transact.bind(client);
  client.transact = (transaction) => {
    const isCommit = transaction.success.some(({ key }) => key.endsWith("/tail"));
    if (!isCommit || transaction.compare.length === 0) return transact(transaction);
    seen.push(transaction);
    return act(seen.length, () => transact(transaction), transaction);
  };
  return seen;
}

pureTest("committer: what gathers while a commit is in flight is the next one", async () => {
  const [world, a] = await leader();
  const first = a.append("1");
  const [second, third] = [a.append("2"), a.append("3", "4")];
  await world.until(() => third.isCommitted, "all is committed");
  assertEquals([first.isCommitted, second.isCommitted], [true, true]);
  assertEquals(batches(world), [["1"], ["2", "3", "4"]]);
  assertEquals(a.term!.committedSeq, 5);
});

pureTest("committer: an attempt without an answer is not stored twice", async () => {
  const [world, a] = await leader();
  const seen = intercept(a, async (nth, pass) => {
    const result = await pass();
    if (nth === 1) throw new StoreUnavailable("lost");
    return result;
  });
  const done = a.append("1");
  await world.until(() => done.isCommitted, "it is committed");
  const more = a.append("2");
  await world.until(() => more.isCommitted, "it is committed");
  assertEquals(batches(world), [["1"], ["2"]]);
  assertEquals(seen.length, 3);
  assertEquals(seen[1], seen[0]);
});

pureTest("committer: an attempt that arrives late changes nothing, also of facts", async () => {
  const [world, a] = await leader();
  let late: (() => Promise<unknown>) | undefined;
  intercept(a, (nth, pass) => {
    if (nth > 1) return pass();
    late = pass;
    return Promise.reject(new StoreUnavailable("lost"));
  });
  a.term!.saveFacts([fact("#tea", "green")]);
  let isCommitted = false;
  void a.term!.commit().then(() => isCommitted = true);
  await world.until(() => isCommitted, "it is committed");
  a.term!.saveFacts([fact("#tea", "black")]);
  const done = a.append("1");
  await world.until(() => done.isCommitted, "it is committed");
  world.etcd.data.transact({
    compare: [],
    success: [{ kind: "delete", ...world.keys.logRange() }],
  }); // trimmed
  const arrived = late!();
  await world.scheduler.run(arrived);
  assertEquals(facts(world), ["#tea=black@0"]);
  assertEquals(batches(world), []);
});

pureTest(
  "committer: facts come with their record or after it, newest value alone, deletions too",
  async () => {
    const [world, a] = await leader();
    const first = a.append("1"); // in flight
    a.term!.saveFacts([fact("#tea", "a", 1), fact("#ice", "x", 1)]);
    a.term!.saveFacts([fact("#tea", "b", 1)]);
    const seen = intercept(a, (_, pass) => pass());
    const done = a.append("2");
    await world.until(() => done.isCommitted, "it is committed");
    assertEquals([first.isCommitted, facts(world)], [true, ["#ice=x@1", "#tea=b@1"]]);
    assertEquals(seen.length, 1);
    a.term!.saveFacts([fact("#ice", undefined, 2)]);
    let isCommitted = false;
    void a.term!.commit().then(() => isCommitted = true);
    await world.until(() => isCommitted, "it is committed");
    assertEquals(facts(world), ["#tea=b@1"]);
    assertEquals([...a.local.facts.values()], [fact("#tea", "b", 1)]);
  },
);

pureTest(
  "committer: more than one commit may have is split, in order, no fact before its record",
  async () => {
    const [world, a] = await leader();
    const large = "x".repeat(7000);
    const seen = intercept(a, (_, pass) => pass());
    a.local.ring.append(1, new TextEncoder().encode("1"));
    a.term!.saveFacts([fact("first", "1", 1)]);
    a.term!.saveFacts(Array.from({ length: 250 }, (_, n) => fact(`f${n}`, large, 1)));
    a.term!.saveFacts([fact("last", "1", 1)]);
    const done = a.append();
    await world.until(() => done.isCommitted, "it is committed");
    assertEquals(facts(world).length, 252);
    for (const { success } of seen) {
      assert(success.length <= MAX_COMMIT_OPERATIONS);
      const bytes = success.reduce((sum, each) => sum + (each.kind === "put" ? each.value.length : 0), 0);
      assert(bytes <= 1024 * 1024 + 100);
    }
    assertEquals(seen.length, 3);
  },
);

pureTest(
  "committer: the store is full: nothing is reported, it is told, and goes on when there is space",
  async () => {
    const [world, a] = await leader();
    world.etcd.setNoSpace(true);
    const done = a.append("1");
    await world.scheduler.runFor(30_000);
    assertEquals([done.isCommitted, a.troubles.map((each) => each?.kind)], [false, ["no_space"]]);
    assertEquals(a.term!.trouble?.kind, "no_space");
    world.etcd.setNoSpace(false);
    await world.until(() => done.isCommitted, "it is committed");
    assertEquals(a.troubles.map((each) => each?.kind), ["no_space", undefined]);
    assertEquals([world.stored(), a.end], [["1"], undefined]);
  },
);

pureTest("committer: no majority: lines and answers wait, it is told, nothing is stored twice", async () => {
  const [world, a] = await leader();
  world.etcd.loseMajority();
  await world.scheduler.runFor(4000); // the lease is not certainly alive
  const [record, answer] = [a.append("1"), a.append()];
  await world.scheduler.runFor(60_000);
  assertEquals([record.isCommitted, answer.isCommitted], [false, false]);
  assertEquals(a.troubles.map((each) => each?.kind), ["unavailable"]);
  world.etcd.regainMajority();
  await world.until(() => record.isCommitted && answer.isCommitted, "it is committed");
  assertEquals([world.stored(), a.end], [["1"], undefined]);
  assertEquals(a.troubles.at(-1), undefined);
});

pureTest(
  "committer: an answer without a record is told at once while the lease is alive, else after a renewal",
  async () => {
    const [world, a] = await leader();
    const answer = a.append();
    await world.scheduler.runFor(0);
    assertEquals(answer.isCommitted, true);
    a.client.isCut = true;
    await world.scheduler.runFor(2700);
    const early = a.append();
    await world.scheduler.runFor(0);
    a.client.isCut = false;
    assertEquals(early.isCommitted, false);
    await world.until(() => early.isCommitted || a.end !== undefined, "its lease is renewed, or has ended");
  },
);

pureTest("committer: a turn waits while half of the ring is not committed, or too many facts", async () => {
  const [world, a] = await leader();
  assertEquals(a.term!.whenRoom(), undefined);
  a.client.isCut = true;
  a.append(...Array.from({ length: 5 }, () => "x".repeat(8000)));
  let hasRoom = false;
  void a.term!.whenRoom()!.then(() => hasRoom = true);
  await world.scheduler.runFor(1000);
  assertEquals(hasRoom, false);
  a.client.isCut = false;
  await world.until(() => hasRoom, "there is room");
  assertEquals(a.term!.whenRoom(), undefined);
  a.term!.saveFacts(Array.from({ length: 10_001 }, (_, nth) => fact(`f${nth}`, "x")));
  assert(a.term!.whenRoom() !== undefined);
  const done = a.append();
  await world.until(() => done.isCommitted, "they are committed");
  assertEquals(a.term!.whenRoom(), undefined);
});

pureTest("committer: a record that is overwritten before it is stored ends the node", async () => {
  const [world, a] = await leader();
  a.client.isCut = true;
  a.append("first");
  for (let nth = 0; nth < 20; nth++) a.append("x".repeat(8000));
  a.client.isCut = false;
  await world.until(() => a.end !== undefined, "it has ended");
  assertEquals(a.end?.kind, "fault");
});

pureTest(
  "committer: a commit proves nothing for an answer that is asked for after it was sent",
  async () => {
    const [world, a] = await leader();
    a.client.keepAlive = () => Promise.reject(new StoreUnavailable("lost"));
    const watch = a.client.watch.bind(a.client);
    a.client.watch = (range, _, signal) => watch(range, 1_000_000, signal); // it is brought nothing
    a.client.cutWatches();
    await world.scheduler.runFor(1500);
    intercept(a, async (_, pass) => {
      const result = await pass();
      await a.process.timers.sleep(1500); // the answer is late
      return result;
    });
    const before = a.append("1");
    await world.scheduler.runFor(10);
    world.etcd.data.transact({ compare: [], success: [{ kind: "delete", key: world.keys.leader }] });
    const after = a.append();
    await world.until(() => before.isCommitted, "it is committed");
    await world.scheduler.runFor(60_000);
    assertEquals([world.stored(), after.isCommitted], [["1"], false]);
  },
);
