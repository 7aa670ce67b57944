/**
 * Cuts of the network between three hosts, as silence: no connection is closed by them. One server, one order, nothing
 * that was acknowledged is lost or there twice, and those that stay see no one come or go.
 */
import { assertEquals } from "@std/assert";
import { frontsTest } from "../../front/fronts_process.ts";
import { needsHosts } from "../../support/hosts.ts";
import { comesTrue } from "../../support/guard.ts";
import { checkTalkers, goOn, startTalkers, Talker } from "../talkers.ts";
import { HostsRig, type Machine } from "./hosts_rig.ts";

frontsTest("three hosts through cuts of the network between them", async (home) => {
  await using rig = await HostsRig.start(home);
  const talkers = await startTalkers(rig.machines.map(({ node }) => node));
  const talkersAt = (...machines: Machine[]) =>
    machines.map((machine) => talkers[rig.machines.indexOf(machine)]!);

  // The leader of etcd is cut off, together with a node that does not lead: clients notice nothing.
  const first = await rig.leader();
  const [second] = rig.others(first);
  await rig.moveEtcdLeader(second!);
  await rig.cut(second!, rig.others(second!), "store");
  await goOn(talkers);
  await rig.heal();
  await rig.whenWhole();

  // The leader's words reach no other host's etcd, but their nodes: its clients go with the next leader, while it is cut.
  const cut = await rig.leader();
  for (const other of rig.others(cut)) await rig.cutOneWay(cut, other, "store");
  const third = await rig.leader(rig.others(cut));
  await goOn(talkers);
  await rig.heal();
  await rig.whenWhole();

  // The leader is cut off from everything, then a node from the next leader, one way: their clients have to go elsewhere.
  const alone = third;
  for (const each of talkersAt(...rig.others())) each.mayBeLost = true;
  await rig.cut(alone, rig.others(alone));
  const last = await rig.leader(rig.others(alone));
  talkersAt(last)[0]!.mayBeLost = false;
  const [standby] = rig.others(alone, last);
  await goOn(talkersAt(last, standby!));
  await rig.cutOneWay(last, standby!, "relay");
  for (const each of talkersAt(alone, standby!)) await each.done;
  await goOn(talkersAt(last));
  const guest = await last.node.enter("guest");
  await rig.heal();
  await rig.whenWhole();

  await goOn(talkersAt(last));
  await Talker.stop(talkersAt(last));
  checkTalkers(talkers, ["guest"]);
  await guest.barrier();
  assertEquals(await rig.histories(), Array(3).fill(talkersAt(last)[0]!.texts.slice(-50)));
  // Each of the connections that were silent has ended on both sides.
  await comesTrue(
    "a relay from each standby to the leader, and no other",
    async () => (await rig.relays()).join() === rig.machines.map((each) => each === last ? 2 : 1).join(),
  );
}, needsHosts());
