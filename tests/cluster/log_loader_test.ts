/** Copies: a node that is empty, late, or has what was never committed; trimming; what cannot be read. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { ClusterView } from "../../lib/cluster/cluster_view.ts";
import { loadCopy } from "../../lib/cluster/log_loader.ts";
import { describeQuota } from "../../lib/cluster/store_quota.ts";
import { pureTest } from "../support/test.ts";
import { SimLocalCopy } from "./sim_local_copy.ts";
import { World } from "./world.ts";
import type { TestNode } from "./world.ts";

async function leader(): Promise<[World, TestNode]> {
  const world = new World();
  const a = world.node("a");
  await world.until(() => a.term !== undefined, "a leads");
  return [world, a];
}

async function commit(world: World, node: TestNode, ...texts: string[]): Promise<void> {
  const done = node.append(...texts);
  await world.until(() => done.isCommitted, "it is committed");
}

async function load(world: World, local: SimLocalCopy, logId = "log1") {
  const store = world.node("reader").client;
  const { keys } = world;
  return await world.scheduler.run(loadCopy({ store, keys, view: new ClusterView(keys), local, logId }));
}

pureTest("copy: an empty one gets all facts and records, in pages, of one revision", async () => {
  const [world, a] = await leader();
  for (let nth = 0; nth < 100; nth++) {
    a.term!.saveFacts([{ kind: "topic", key: `#${nth}`, value: `${nth}`, seq: nth }]);
    await commit(world, a, `text ${nth}`);
  }
  const local = new SimLocalCopy();
  const { records, facts, isRebuilt } = await load(world, local);
  assertEquals([records, facts, isRebuilt], [100, 100, true]);
  assertEquals(local.ring.nextSeq, a.local.ring.nextSeq);
  assertEquals([...local.facts.entries()].sort(), [...a.local.facts.entries()].sort());
  for (let seq = 1; seq <= 100; seq++) assertEquals(local.read(seq), a.local.read(seq));
});

pureTest("copy: one with other records in the same places is rebuilt", async () => {
  const [world, a] = await leader();
  await commit(world, a, "one", "two");
  for (const [text, logId] of [["two!", "log1"], ["two", "log2"]] as const) {
    const local = new SimLocalCopy();
    for (const each of ["one", text]) local.ring.append(1000, encodeUtf8(each));
    local.confirm({ logId, nextSeq: 3 });
    assertEquals((await load(world, local)).isRebuilt, true, text);
    assertEquals(local.position, { logId: "log1", nextSeq: 3 });
  }
});

pureTest("copy: one that goes further than the store, or was being changed, is rebuilt", async () => {
  const [world, a] = await leader();
  await commit(world, a, "one");
  const ahead = new SimLocalCopy();
  for (const each of ["one", "two"]) ahead.ring.append(1000, encodeUtf8(each));
  ahead.confirm({ logId: "log1", nextSeq: 3 });
  const changed = new SimLocalCopy();
  changed.ring.append(1000, encodeUtf8("one"));
  for (const local of [ahead, changed]) {
    assertEquals((await load(world, local)).isRebuilt, true);
    assertEquals(local.ring.nextSeq, 2);
  }
});

pureTest(
  "trim: what the ring has overwritten is removed; a node that comes then has what the leader has",
  async () => {
    const [world, a] = await leader();
    for (let nth = 0; nth < 40; nth++) await commit(world, a, `${nth} ${"x".repeat(4000)}`);
    assert(a.local.ring.oldestSeq > 20);
    assertEquals(world.stored().length, 40);
    await world.scheduler.runFor(11_000);
    const kept = world.stored();
    assertEquals(kept.length, 41 - a.local.ring.oldestSeq);
    const b = world.node("b");
    await world.until(() => b.running?.role === "standby", "b follows");
    assertEquals(b.local.ring.nextSeq, a.local.ring.nextSeq);
    assertEquals(b.texts(), kept.slice(-b.texts().length));
    assert(b.texts().length >= kept.length - 1);
    await world.scheduler.runFor(130_000);
    assert(world.etcd.data.compacted > 0);
    assertEquals(a.statuses.map(describeQuota), [undefined, undefined]);
  },
);

pureTest("trim: it goes on while the store is full, and that is told", async () => {
  const [world, a] = await leader();
  for (let nth = 0; nth < 40; nth++) await commit(world, a, `${nth} ${"x".repeat(4000)}`);
  world.etcd.setNoSpace(true);
  await world.scheduler.runFor(70_000);
  assertEquals(world.stored().length, 41 - a.local.ring.oldestSeq);
  assertMatch(describeQuota(a.statuses.at(-1)!) ?? "", /^etcd is full/);
});

pureTest("copy: a batch that is damaged ends a node that loads it, with its key", async () => {
  const [world, a] = await leader();
  await commit(world, a, "one");
  world.etcd.data.transact({
    compare: [],
    success: [{ kind: "put", key: world.keys.log(1), value: encodeUtf8("damaged") }],
  });
  const b = world.node("b");
  await world.until(() => b.end !== undefined, "it has ended");
  const why = `${world.keys.log(1)} in etcd cannot be used: it is too short for a batch of records`;
  assertEquals(b.end, { kind: "fault", why });
});

pureTest("copy: batches that are missing within the log end a node that loads it", async () => {
  const [world, a] = await leader();
  for (const text of ["one", "two", "three"]) await commit(world, a, text);
  world.etcd.data.transact({ compare: [], success: [{ kind: "delete", key: world.keys.log(2) }] });
  const b = world.node("b");
  await world.until(() => b.end !== undefined, "it has ended");
  assertEquals(b.end?.kind, "fault");
});
