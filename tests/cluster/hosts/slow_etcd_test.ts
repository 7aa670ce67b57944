/** An etcd that is slow, or stands still: answers are as late as it is, and nothing else happens. */
import { assertEquals } from "@std/assert";
import { frontsTest } from "../../front/fronts_process.ts";
import { FaultProxy } from "../../support/fault_proxy.ts";
import { comesTrue } from "../../support/guard.ts";
import { EtcdRig } from "../etcd_rig.ts";
import { leads, NodeProcess, whenWhole } from "../node_process.ts";
import { checkTalkers, goOn, startTalkers, Talker } from "../talkers.ts";

/** Of each way; the first is well within the lease, no request is answered in time with the second. */
const SLOW_MS = 250;
const HANGING_MS = 5_000;

frontsTest(
  "members of etcd that stand still in turns, and an etcd that is slow for the leader",
  async (home) => {
    await using rig = await EtcdRig.start({ members: 3, args: ["--pre-vote"] });
    const proxies = rig.members.map(({ host }) => new FaultProxy({ kind: "tcp", host, port: 2379 }));
    let delayMs = SLOW_MS;
    for (const proxy of proxies) proxy.planner = () => ({ kind: "delay", ms: delayMs });
    const slow = { members: proxies.map(({ address }) => ({ host: `127.0.0.1:${address.port}` })) };
    const a = await NodeProcess.start(home, slow, "a");
    const b = await NodeProcess.start(home, rig, "b");
    const talkers = await startTalkers([a, b]);
    await goOn(talkers);

    for (const member of rig.members) {
      member.pause();
      await goOn(talkers);
      member.resume();
      await rig.ready();
    }
    rig.members.forEach((member) => member.pause());
    await comesTrue("people are told", () => talkers.every(({ isTold }) => isTold));
    rig.members.forEach((member) => member.resume());
    await goOn(talkers);

    // For one node alone: the other one leads, and has the clients of both.
    await whenWhole([a, b]);
    if (await b.leads()) await b.stepDown();
    await comesTrue("a leads", () => leads(a));
    await goOn(talkers);
    delayMs = HANGING_MS;
    for (const proxy of proxies) proxy.cut();
    await comesTrue("b leads", () => leads(b));
    await goOn(talkers);
    delayMs = 0;
    for (const proxy of proxies) proxy.cut();
    await goOn(talkers);
    await whenWhole([a, b]);
    await Talker.stop(talkers);
    checkTalkers(talkers);
    assertEquals([await a.serve.end(), await b.serve.end()], [0, 0]);
    for (const proxy of proxies) proxy.close();
  },
);
