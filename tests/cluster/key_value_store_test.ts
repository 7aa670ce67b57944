import { systemTimers } from "../../lib/cluster/timers.ts";
import { inTime } from "../support/guard.ts";
import { pureTest } from "../support/test.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { SimEtcd } from "./sim/sim_etcd.ts";
import { SimProcess } from "./sim/sim_process.ts";
import { SimScheduler } from "./sim/sim_scheduler.ts";
import { STORE_CASES, StoreCase } from "./store_cases.ts";

const cases = Object.entries(STORE_CASES);

for (const [name, run] of cases) {
  pureTest(`simulated store: ${name}`, async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const scheduler = new SimScheduler(seed);
      const process = new SimProcess(scheduler, "test");
      const store = new SimEtcd(scheduler).client(process);
      await scheduler.run(run(new StoreCase(store, process.timers, "/case/")));
    }
  });
}

let rig: EtcdRig | undefined;
Deno.test.beforeAll(async () => void (rig = await EtcdRig.start()));
Deno.test.afterAll(async () => await rig?.[Symbol.asyncDispose]());

for (const [n, [name, run]] of cases.entries()) {
  Deno.test(`etcd: ${name}`, async () => {
    using store = rig!.client();
    await inTime(name, run(new StoreCase(store, systemTimers, `/case${n}/`)));
  });
}
