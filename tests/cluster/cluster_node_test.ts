/** Nodes: election, following, deposal, step-down. */
import { assert, assertEquals } from "@std/assert";
import { endPredecessor } from "../../lib/cluster/node_entry.ts";
import { pureTest } from "../support/test.ts";
import { SimProcess } from "./sim/sim_process.ts";
import { World } from "./world.ts";
import type { TestNode } from "./world.ts";

/** A leader and a standby. */
async function pair(): Promise<[World, TestNode, TestNode]> {
  const world = new World();
  const a = world.node("a");
  await world.until(() => a.term !== undefined, "a leads");
  const b = world.node("b");
  await world.until(() => b.running?.role === "standby", "b follows");
  return [world, a, b];
}

pureTest("cluster node: the first one leads, the second one follows what it commits", async () => {
  const [world, a, b] = await pair();
  const done = a.append("one", "two");
  assertEquals(done.isCommitted, false);
  await world.until(() => done.isCommitted, "it is committed");
  assertEquals(world.stored(), ["one", "two"]);
  await world.until(() => b.running!.nextSeq === 3, "b has it");
  assertEquals(b.texts(), ["one", "two"]);
  assertEquals(b.local.position, { logId: "log1", nextSeq: 3 });
  assertEquals(b.running!.view.leader?.info?.node, "a");
  await world.scheduler.runFor(10_000);
  assertEquals(
    Array.from(b.running!.view.nodes, ([name, { role, nextSeq }]) => [name, role, nextSeq]),
    [["a", "leader", 3], ["b", "standby", 3]],
  );
  assertEquals([a.end, b.end, b.term], [undefined, undefined, undefined]);
});

pureTest(
  "cluster node: after the leader is killed the standby leads, with all that was committed",
  async () => {
    const [world, a, b] = await pair();
    const done = a.append("one");
    await world.until(() => done.isCommitted, "it is committed");
    a.client.isCut = true;
    a.append("two");
    a.process.kill();
    const killedAt = world.scheduler.now;
    await world.until(() => b.term !== undefined, "b leads");
    const tookMs = world.scheduler.now - killedAt;
    assert(tookMs < 3000 + 600 + 100, `${tookMs}`);
    assertEquals(b.texts(), ["one"]);
    const more = b.append("three");
    await world.until(() => more.isCommitted, "it is committed");
    assertEquals(world.stored(), ["one", "three"]);
    assert(b.term!.epoch > a.term!.epoch);
  },
);

pureTest("cluster node: a leader that was paused past its lease is deposed, and tells nothing", async () => {
  const [world, a, b] = await pair();
  a.process.pause();
  await world.until(() => b.term !== undefined, "b leads");
  const done = b.append("one");
  await world.until(() => done.isCommitted, "it is committed");
  a.process.resume();
  const late = a.append("late");
  await world.until(() => a.end !== undefined, "a is deposed");
  assertEquals(a.end, { kind: "deposed" });
  await world.scheduler.runFor(5000);
  assertEquals(late.isCommitted, false);
  assertEquals(world.stored(), ["one"]);
  // Its records were never committed: they are discarded, and numbers are given anew.
  a.process.kill();
  const again = world.node("a", {}, a.local);
  await world.until(() => again.running?.role === "standby", "a follows");
  assertEquals(again.texts(), ["one"]);
  assertEquals(again.loads[0]!.isRebuilt, true);
});

pureTest(
  "cluster node: a leader that steps down commits what is left, and the standby leads at once",
  async () => {
    const [world, a, b] = await pair();
    const begunAt = world.scheduler.now;
    const done = a.append("last");
    void a.term!.stepDown();
    await world.until(() => b.term !== undefined, "b leads");
    assert(world.scheduler.now - begunAt < 300);
    await world.until(() => a.end !== undefined, "a has ended");
    assertEquals([a.end, done.isCommitted], [{ kind: "stepped_down" }, true]);
    assertEquals(b.texts(), ["last"]);
    const afterwards = a.append();
    await world.scheduler.runFor(1000);
    assertEquals(afterwards.isCommitted, false);
  },
);

pureTest("cluster node: the fronts of a leader that leaves are not waited for by the next one", async () => {
  const [world, a, b] = await pair();
  const seen = () => b.running!.view.leader?.info?.node !== "a";
  void a.term!.stepDown(true);
  await world.until(seen, "a has stepped down");
  assertEquals([...b.running!.view.nodes.keys()], ["b"]);
  await world.until(() => b.term !== undefined, "b leads");
  assertEquals(a.end, { kind: "stepped_down" });
});

pureTest("cluster node: a node that comes back keeps the records that it has", async () => {
  const [world, a, b] = await pair();
  const one = a.append("one");
  await world.until(() => one.isCommitted && b.running!.nextSeq === 2, "b has it");
  b.process.kill();
  const two = a.append("two");
  await world.until(() => two.isCommitted, "it is committed");
  const again = world.node("b", {}, b.local);
  await world.until(() => again.running?.role === "standby", "b follows");
  assertEquals(again.texts(), ["one", "two"]);
  const [{ records, isRebuilt }] = again.loads as [typeof again.loads[0]];
  assertEquals([records, isRebuilt], [1, false]);
});

pureTest(
  "cluster node: two processes with one name: the second one ends, the first one goes on",
  async () => {
    const [world, a, b] = await pair();
    const other = world.node("b");
    await world.until(() => other.end !== undefined, "it has ended");
    assertEquals(other.end, { kind: "name_in_use" });
    assertEquals([a.end, b.end], [undefined, undefined]);
  },
);

pureTest("cluster node: a name is free again when its process was killed", async () => {
  const [world, , b] = await pair();
  b.process.kill();
  const again = world.node("b"); // of another data folder
  await world.scheduler.runFor(30_000);
  assertEquals([again.end, again.running!.role], [undefined, "standby"]);
  assertEquals([...world.etcd.data.range(world.keys.nodes).entries.map(({ key }) => key)].length, 2);
});

pureTest(
  "cluster node: the next process of a data folder does not wait for the lease of the one before",
  async () => {
    const world = new World();
    const a = world.node("a");
    await world.until(() => a.term !== undefined, "a leads");
    a.process.kill();
    const again = world.node("a", {}, a.local);
    const begunAt = world.scheduler.now;
    await world.until(() => again.term !== undefined, "it leads");
    assert(world.scheduler.now - begunAt < 1000);
  },
);

pureTest("cluster node: a lease that is lost while it follows is replaced", async () => {
  const [world, a, b] = await pair();
  b.client.isCut = true;
  await world.scheduler.runFor(10_000);
  assertEquals([...a.running!.view.nodes.keys()], ["a"]);
  b.client.isCut = false;
  const done = a.append("one");
  await world.until(() => b.running!.nextSeq === 2 && a.running!.view.nodes.size === 2, "b is back");
  assertEquals([done.isCommitted, b.end], [true, undefined]);
  a.process.kill();
  await world.until(() => b.term !== undefined, "b leads");
});

pureTest(
  "cluster node: a standby with a compacted watch loads anew, and keeps what it has",
  async () => {
    const [world, a, b] = await pair();
    b.client.isCut = true;
    const done = a.append("one");
    await world.until(() => done.isCommitted, "it is committed");
    await world.scheduler.runFor(8000);
    world.etcd.data.compact(world.etcd.data.revision);
    b.client.isCut = false;
    await world.until(() => b.running!.nextSeq === 2, "b has it");
    assertEquals(b.texts(), ["one"]);
    assertEquals(b.loads.length, 2);
  },
);

pureTest("cluster node: one that starts while the store is full follows", async () => {
  const [world, a, b] = await pair();
  const done = a.append("one");
  await world.until(() => done.isCommitted, "it is committed");
  b.process.kill();
  world.etcd.setNoSpace(true);
  const again = world.node("b");
  await world.until(() => again.running?.role === "standby", "b follows");
  assertEquals(again.texts(), ["one"]);
});

pureTest("cluster node: a leader is not brought what it has written", async () => {
  const [world, a] = await pair();
  const ranges: string[] = [];
  const watch = a.client.watch.bind(a.client);
  a.client.watch = (range, revision, signal) => {
    ranges.push(range.key);
    return watch(range, revision, signal);
  };
  const done = a.append("one");
  await world.until(() => done.isCommitted, "it is committed");
  a.client.cutWatches();
  await world.until(() => ranges.length > 0, "it watches again");
  assertEquals(ranges, [world.keys.leader]);
  world.etcd.data.transact({ compare: [], success: [{ kind: "delete", key: world.keys.leader }] });
  a.client.wakeWatches();
  await world.until(() => a.end !== undefined, "it is told");
  assertEquals(a.end, { kind: "deposed" });
});

pureTest(
  "cluster node: the lease of a process that has ended can be ended before the next one has its own",
  async () => {
    const world = new World();
    const a = world.node("a");
    await world.until(() => a.term !== undefined, "a leads");
    a.process.kill();
    const { keys } = world;
    const store = world.etcd.client(new SimProcess(world.scheduler, "next"));
    const leaders = () => world.etcd.data.range({ key: keys.leader }).entries.length;
    await world.scheduler.run(endPredecessor({ store, keys, node: "a", instance: "another" }));
    await world.scheduler.run(endPredecessor({ store, keys, node: "b", instance: a.local.id }));
    assertEquals(leaders(), 1);
    await world.scheduler.run(endPredecessor({ store, keys, node: "a", instance: a.local.id }));
    assertEquals(leaders(), 0);
  },
);
