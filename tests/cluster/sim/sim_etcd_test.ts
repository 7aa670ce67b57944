/** Faults of the simulated etcd: each is what etcd and a network may do, and no more. */
import { assertEquals, assertRejects } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import {
  type Operation,
  StoreRefusal,
  StoreUnavailable,
  WatchCompacted,
} from "../../../lib/cluster/key_value_store.ts";
import { pureTest } from "../../support/test.ts";
import { SimEtcd, type SimFaults } from "./sim_etcd.ts";
import { SimProcess } from "./sim_process.ts";
import { SimScheduler } from "./sim_scheduler.ts";

const SEEDS = Array.from({ length: 40 }, (_, n) => n + 1);

function setUp(seed: number, faults: Partial<SimFaults> = {}) {
  const scheduler = new SimScheduler(seed);
  const etcd = new SimEtcd(scheduler);
  const process = new SimProcess(scheduler, "p");
  return { scheduler, etcd, process, store: etcd.client(process, faults) };
}

function put(key: string, lease?: string) {
  const operation: Operation = {
    kind: "put",
    key,
    value: new Uint8Array(),
    ...(lease === undefined ? {} : { lease }),
  };
  return { compare: [], success: [operation] };
}

pureTest(
  "simulated etcd: a lost request is not carried out, one with a lost answer is; neither is told",
  async () => {
    for (const [faults, revision] of [[{ loseRequest: 1 }, 1], [{ loseAnswer: 1 }, 2]] as const) {
      const { scheduler, etcd, store } = setUp(1, faults);
      await scheduler.run(assertRejects(() => store.transact(put("k")), StoreUnavailable));
      assertEquals([etcd.data.revision, scheduler.now], [revision, 2000]);
    }
  },
);

pureTest("simulated etcd: a late request is carried out after its client has given up", async () => {
  const { scheduler, etcd, store } = setUp(1, { slow: 1, slowMs: [3000, 3000] });
  await scheduler.run(assertRejects(() => store.transact(put("k")), StoreUnavailable));
  assertEquals(etcd.data.get("k"), undefined);
  await scheduler.runUntilIdle();
  assertEquals(
    [etcd.data.get("k")?.modRevision, scheduler.now],
    [2, 6000],
    "an answer that is too late says nothing",
  );
});

pureTest("simulated etcd: without a majority a request is lost, or carried out when it is back", async () => {
  const outcomes = new Set<boolean>();
  for (const seed of SEEDS) {
    const { scheduler, etcd, store } = setUp(seed);
    etcd.loseMajority();
    await scheduler.run(assertRejects(() => store.transact(put("k")), StoreUnavailable));
    assertEquals(etcd.data.revision, 1);
    etcd.regainMajority();
    outcomes.add(etcd.data.get("k") !== undefined);
  }
  assertEquals([...outcomes].sort(), [false, true]);
});

pureTest(
  "simulated etcd: a lease ends never early, a little late, and begins anew with each leader",
  async () => {
    const late = new Set<number>();
    for (const seed of SEEDS) {
      const { scheduler, etcd, store } = setUp(seed);
      const lease = await scheduler.run(store.grantLease(1));
      assertEquals(lease.ttlSeconds, 2, "the shortest that etcd grants");
      await scheduler.run(store.transact(put("k", lease.id)));
      scheduler.after(1000, () => etcd.loseMajority());
      scheduler.after(10_000, () => etcd.regainMajority());
      await scheduler.runFor(10_100);
      assert(etcd.data.get("k") !== undefined, "it ended without a majority");
      const start = scheduler.now - 100;
      etcd.onChange = () => late.add(scheduler.now - start - 3000); // 2 s, and the election timeout
      await scheduler.runUntilIdle();
      assertEquals(etcd.data.get("k"), undefined);
    }
    assert(Math.min(...late) >= 0 && Math.max(...late) <= 600 && late.size > 10, `${[...late]}`);
  },
);

pureTest(
  "simulated etcd: a watch that lags behind a compaction is over, as is one without a majority",
  async () => {
    const watchAll = async ({ store }: ReturnType<typeof setUp>) => {
      for await (const _ of store.watch({ key: "k", end: "l" }, 1, new AbortController().signal));
    };
    const lagging = setUp(1, { watchLagMs: [500, 500] });
    await lagging.scheduler.run(lagging.store.transact(put("k")));
    lagging.scheduler.after(100, () => lagging.etcd.data.compact(2));
    const compacted: Promise<WatchCompacted> = assertRejects(() => watchAll(lagging), WatchCompacted);
    assertEquals((await lagging.scheduler.run(compacted)).revision, 2);
    const alone = setUp(1);
    alone.scheduler.after(100, () => alone.etcd.loseMajority());
    await alone.scheduler.run(assertRejects(() => watchAll(alone), StoreUnavailable));
    const cut = setUp(1);
    cut.store.isCut = true;
    await cut.scheduler.run(assertRejects(() => watchAll(cut), StoreUnavailable));
  },
);

pureTest("simulated etcd: a watch that is cut misses nothing for a client that watches again", async () => {
  let cuts = 0;
  for (const seed of SEEDS) {
    const { scheduler, store } = setUp(seed, { cutWatch: 0.5, watchLagMs: [1, 300] });
    const seen: number[] = [];
    const follow = async () => {
      while (seen.length < 20) {
        const watch = store.watch({ key: "k", end: "l" }, 2 + seen.length, new AbortController().signal);
        try {
          for await (const { events } of watch) {
            seen.push(...events.map((event) => Number(event.kind === "put" && event.entry.modRevision)));
          }
        } catch (error) {
          assert(error instanceof StoreUnavailable, String(error));
          cuts++;
        }
      }
    };
    const write = async () => {
      for (let n = 0; n < 20; n++) {
        await store.transact(put(`k${n % 3}`));
        await scheduler.timers.sleep(20);
      }
    };
    // The last batch may come without a cut, and its watch goes on: so the test waits for what was seen.
    const all = (async () => {
      while (seen.length < 20) await scheduler.timers.sleep(100);
    })();
    void follow();
    await scheduler.run(Promise.all([write(), all]));
    assertEquals(seen, Array.from({ length: 20 }, (_, n) => n + 2));
  }
  assert(cuts > SEEDS.length, `cut ${cuts} times`);
});

pureTest("simulated etcd: full, it refuses what makes it larger", async () => {
  const { scheduler, etcd, store } = setUp(1);
  await scheduler.run(store.transact(put("k")));
  etcd.setNoSpace(true);
  for (const work of [() => store.transact(put("k")), () => store.grantLease(5)]) {
    const refused: Promise<StoreRefusal> = assertRejects(work, StoreRefusal);
    assertEquals((await scheduler.run(refused)).why, "no_space");
  }
  assertEquals((await scheduler.run(store.status())).alarms, ["NOSPACE"]);
  await scheduler.run(store.transact({ compare: [], success: [{ kind: "delete", key: "k" }] }));
  assertEquals(etcd.data.get("k"), undefined);
});
