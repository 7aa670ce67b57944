import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { AssertionFailure } from "../../../lib/base/assert.ts";
import { StoreUnavailable } from "../../../lib/cluster/key_value_store.ts";
import { pureTest } from "../../support/test.ts";
import { SimEtcd } from "./sim_etcd.ts";
import { SimProcess } from "./sim_process.ts";
import { SimScheduler } from "./sim_scheduler.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

pureTest(
  "scheduler: time passes only in sleeps, and what is due at one time happens in the order of entry",
  async () => {
    const scheduler = new SimScheduler(1);
    const seen: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      for (let n = 0; n < 2; n++) {
        await scheduler.timers.sleep(ms);
        seen.push(`${name} ${scheduler.timers.now()}`);
      }
    };
    await scheduler.run(Promise.all([sleeper("a", 2000), sleeper("b", 1000), sleeper("c", 2000)]));
    assertEquals(seen, ["b 1000", "a 2000", "c 2000", "b 2000", "a 4000", "c 4000"]);
  },
);

pureTest(
  "scheduler: an aborted sleep is over at once; a wait for what can't happen is a failure",
  async () => {
    const scheduler = new SimScheduler(1);
    const abort = new AbortController();
    scheduler.after(10, () => abort.abort());
    await scheduler.run(scheduler.timers.sleep(1_000_000, abort.signal));
    assertEquals(scheduler.now, 10);
    await assertRejects(() => scheduler.run(new Promise(() => {})), AssertionFailure, "nothing is left");
  },
);

pureTest(
  "process: paused, it gets everything later and in order; killed, nothing; its clock has a rate",
  async () => {
    const scheduler = new SimScheduler(1);
    const process = new SimProcess(scheduler, "p", 1.5);
    const seen: string[] = [];
    const start = process.timers.now();
    const sleepTwice = async () => {
      await process.timers.sleep(1500);
      seen.push(`first ${scheduler.now}`);
      await process.timers.sleep(1500);
      seen.push(`second ${scheduler.now} ${process.timers.now() - start}`);
    };
    scheduler.after(500, () => process.pause());
    process.after(700, () => seen.push(`given ${scheduler.now}`));
    scheduler.after(5000, () => process.resume());
    await scheduler.run(sleepTwice());
    assertEquals(seen, ["given 5000", "first 5000", "second 6000 9000"]);
    void process.timers.sleep(10).then(() => seen.push("after death"));
    process.kill();
    await scheduler.runUntilIdle();
    assertEquals(seen.length, 3);
  },
);

/** Three clients that write, watch and hold a lease over an unreliable etcd. */
async function simulate(seed: number): Promise<readonly string[]> {
  const scheduler = new SimScheduler(seed);
  const etcd = new SimEtcd(scheduler);
  const end = new AbortController();
  const write = async (name: string) => {
    const process = new SimProcess(scheduler, name, 1 + scheduler.between(-5, 5) / 1000);
    const store = etcd.client(process, { loseRequest: 0.05, loseAnswer: 0.05, slow: 0.1, cutWatch: 0.1 });
    void (async () => {
      for await (const { revision } of store.watch({ key: "k", end: "l" }, 1, end.signal)) {
        scheduler.note(`${name} has seen ${revision}`);
      }
    })().catch((error) => scheduler.note(`${name}: ${error.message}`));
    for (let n = 0; n < 30; n++) {
      const put = { kind: "put", key: `k${scheduler.random.below(5)}`, value: bytes(name) } as const;
      await store.transact({ compare: [], success: [put] }).catch((error) => {
        if (!(error instanceof StoreUnavailable)) throw error;
      });
      await process.timers.sleep(scheduler.between(1, 200));
    }
  };
  scheduler.after(2000, () => etcd.loseMajority());
  scheduler.after(5000, () => etcd.regainMajority());
  await scheduler.run(Promise.all(["a", "b", "c"].map(write)));
  end.abort();
  return scheduler.trace;
}

pureTest("the same seed gives the same trace, another one another", async () => {
  const first = await simulate(7);
  assertEquals(await simulate(7), first);
  assertNotEquals(await simulate(8), first);
  assertEquals(first.some((line) => line.includes("no answer")), true, "nothing went wrong in it");
});
