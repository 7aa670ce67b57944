/** A lease is certainly alive by this machine's clock, or it is not relied on. */
import { assert, assertEquals } from "@std/assert";
import { LEASE_MARGIN_MS, LeaseKeeper } from "../../lib/cluster/lease_keeper.ts";
import { pureTest } from "../support/test.ts";
import { SimEtcd } from "./sim/sim_etcd.ts";
import { SimProcess } from "./sim/sim_process.ts";
import { SimScheduler } from "./sim/sim_scheduler.ts";

async function kept(clockRate = 1, latencyMs: [number, number] = [1, 3]) {
  const scheduler = new SimScheduler(1);
  const etcd = new SimEtcd(scheduler);
  const process = new SimProcess(scheduler, "a", clockRate);
  const client = etcd.client(process, { latencyMs });
  const abort = new AbortController();
  const lease = (await scheduler.run(LeaseKeeper.grant(client, process.timers, 3, abort.signal)))!;
  let isLost = false;
  void lease.lost.then(() => isLost = true);
  return { scheduler, etcd, process, client, lease, isLost: () => isLost };
}

pureTest("lease: it is renewed for as long as the store answers", async () => {
  const { scheduler, etcd, lease } = await kept();
  for (let second = 0; second < 60; second++) {
    await scheduler.runFor(1000);
    assert(lease.isAlive);
  }
  assert(etcd.data.hasLease(lease.id));
});

pureTest(
  "lease: it is not relied on a margin before the store can end it, whatever the latency",
  async () => {
    for (const latencyMs of [[1, 3], [400, 900]] as [number, number][]) {
      const { scheduler, etcd, client, lease } = await kept(1, latencyMs);
      await scheduler.runFor(10_000);
      assert(lease.isAlive);
      client.isCut = true;
      for (let ms = 0; lease.isAlive; ms++) {
        await scheduler.runFor(1);
        assert(ms < 3000);
      }
      const endedAt = scheduler.now;
      while (etcd.data.hasLease(lease.id)) await scheduler.runFor(1);
      assert(scheduler.now - endedAt >= LEASE_MARGIN_MS - 2, `${scheduler.now - endedAt}`);
    }
  },
);

pureTest("lease: a clock that is slow by a tenth is within the margin", async () => {
  const { scheduler, etcd, client, lease } = await kept(0.91);
  await scheduler.runFor(5000);
  client.isCut = true;
  while (lease.isAlive) await scheduler.runFor(1);
  assert(etcd.data.hasLease(lease.id));
});

pureTest("lease: a process that was paused does not rely on it, and learns that it has ended", async () => {
  const { scheduler, process, lease, isLost } = await kept();
  await scheduler.runFor(500);
  process.pause();
  await scheduler.runFor(10_000);
  process.resume();
  assertEquals(lease.isAlive, false);
  await scheduler.runFor(5000);
  assertEquals([lease.isAlive, isLost()], [false, true]);
});

pureTest("lease: answers that are later than the next renewal do not end it", async () => {
  const { scheduler, lease } = await kept(1, [500, 800]);
  for (let second = 0; second < 30; second++) {
    await scheduler.runFor(1000);
    assert(lease.isAlive);
  }
});
