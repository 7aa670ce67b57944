/** The log of a server without a cluster becomes that of a cluster, whole or not at all. */
import { assertEquals, assertRejects } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { StoreUnavailable } from "../../lib/cluster/key_value_store.ts";
import { importLog } from "../../lib/cluster/log_import.ts";
import { openMeta } from "../../lib/cluster/meta.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { pureTest } from "../support/test.ts";
import { SimProcess } from "./sim/sim_process.ts";
import { META, World } from "./world.ts";

const SEQS = [7, 8, 9 + SEQ_JUMP, 12 + SEQ_JUMP];

function source() {
  const log = Ring.create(RING_MIN_BYTES);
  for (const seq of SEQS) log.appendAt(seq, 1000, encodeUtf8(`text ${seq}`));
  const facts = Array.from(
    { length: 150 },
    (_, nth) => ({ kind: "topic", key: `#${nth}`, value: "x", seq: 8 }),
  );
  return { log, facts };
}

function importer(world: World) {
  const store = world.etcd.client(new SimProcess(world.scheduler, "importer"));
  return {
    store,
    run: () => world.scheduler.run(importLog({ store, keys: world.keys, meta: META, ...source() })),
  };
}

pureTest("import: nodes have the records at their numbers, with holes and jumps, and the facts", async () => {
  const world = new World();
  assertEquals(await importer(world).run(), { kind: "ok", records: 4, batches: 1 });
  const a = world.node("a");
  await world.until(() => a.term !== undefined, "a leads");
  assertEquals(a.texts(), SEQS.map((seq) => `text ${seq}`));
  assertEquals(a.local.facts.size, 150);
  const done = a.append("more");
  await world.until(() => done.isCommitted, "it is committed");
  assertEquals(a.local.ring.nextSeq, SEQS.at(-1)! + 2);
  const b = world.node("b");
  await world.until(() => b.running?.role === "standby", "b follows");
  assertEquals(b.texts(), a.texts());
});

pureTest("import: a cluster that exists is left alone", async () => {
  const world = new World();
  const a = world.node("a");
  await world.until(() => a.term !== undefined, "a leads");
  const done = a.append("one");
  await world.until(() => done.isCommitted, "it is committed");
  assertEquals(await importer(world).run(), { kind: "exists" });
  assertEquals(world.stored(), ["one"]);
});

pureTest("import: one that is interrupted is none, for another one and for a node", async () => {
  for (const isAgain of [true, false]) {
    const world = new World();
    const { store, run } = importer(world);
    const transact = store.transact.bind(store);
    let calls = 0;
    store.transact = (transaction) => {
      if (++calls === 3) return Promise.reject(new StoreUnavailable("lost"));
      return transact(transaction);
    };
    await assertRejects(run, StoreUnavailable);
    assertEquals(world.stored().length, 4);
    const { keys } = world;
    if (isAgain) assertEquals((await run()).kind, "ok");
    else {await world.scheduler.run(openMeta({
        store,
        keys,
        timers: world.scheduler.timers,
        make: () => META,
      }));}
    const a = world.node("a");
    await world.until(() => a.term !== undefined, "a leads");
    assertEquals([a.texts().length, a.local.facts.size], isAgain ? [4, 150] : [0, 0]);
  }
});
