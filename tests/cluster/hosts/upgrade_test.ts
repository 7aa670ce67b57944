/** A rolling upgrade of three nodes, with clients at each: in place, where clients stay, and by a restart of a node. */
import { assertEquals } from "@std/assert";
import { frontsTest } from "../../front/fronts_process.ts";
import { EtcdRig } from "../etcd_rig.ts";
import { NodeProcess, readLobby, whenWhole } from "../node_process.ts";
import { changeVersion, copyProgram } from "../program_copy.ts";
import { checkTalkers, goOn, startTalkers, Talker } from "../talkers.ts";

const NEXT = "9.9.9";

frontsTest("a rolling upgrade of three nodes, nothing of which clients see", async (home) => {
  await using rig = await EtcdRig.start();
  const program = await copyProgram(`${home}/copy`);
  const start = (name: string) => NodeProcess.start(home, rig, name, [], { program });
  const [a, b, c] = [await start("a"), await start("b"), await start("c")];
  const talkers = await startTalkers([a, b, c]);
  await goOn(talkers);

  // In place, the leader last.
  await changeVersion(`${home}/copy`, NEXT);
  for (const node of [c, b, a]) {
    await node.signalHub("USR2");
    await node.nextHub();
    await whenWhole([a, b, c]);
    await goOn(talkers);
  }
  const { leader, nodes: upgraded } = await a.status();
  assertEquals(upgraded.map(({ version }) => version), [NEXT, NEXT, NEXT]);

  // By a restart, a standby and then the leader: those who are elsewhere see nothing but that.
  const nodes: NodeProcess[] = [a, b, c];
  for (const at of leader === "b" ? [2, 1] : [1, 2]) {
    talkers[at]!.mayBeLost = true;
    assertEquals(await nodes[at]!.serve.end(), 0);
    await talkers[at]!.done;
    nodes[at] = await start(nodes[at]!.name);
    await whenWhole(nodes);
    await goOn(talkers.slice(0, 1));
  }
  await Talker.stop(talkers.slice(0, 1));
  checkTalkers(talkers);
  for (const node of nodes) {
    const reader = await node.enter(`${node.name}reader`);
    assertEquals(await readLobby(reader), talkers[0]!.texts.slice(-50));
  }
  for (const node of nodes.reverse()) assertEquals(await node.serve.end(), 0);
});
