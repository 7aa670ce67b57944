/** Two nodes with one name, as processes. */
import { assertEquals, assertMatch } from "@std/assert";
import { frontsTest } from "../front/fronts_process.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { NodeProcess, say } from "./node_process.ts";

frontsTest("a node with the name of one that runs ends, its keeper with it", async (home) => {
  await using rig = await EtcdRig.start();
  const a = await NodeProcess.start(home, rig, "a");
  const alice = await a.enter("alice");
  const other = await NodeProcess.start(`${home}/elsewhere`, rig, "a");
  const ended = other.serve.ended();
  const again = other.nextHub().then((): number => -1, () => ended);
  const code = await Promise.race([ended, again]);
  if (code === -1) await other.killAll();
  assertEquals(code, 73);
  assertMatch(await other.serve.stderr, /another node named a runs in this cluster/);
  await say(alice, "the first one goes on", alice);
  assertEquals(await a.serve.end(), 0);
});
