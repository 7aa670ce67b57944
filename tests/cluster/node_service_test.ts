/** A node under a service manager: it reports that it is ready, alive, reloading and stopping, and lives without etcd. */
import { assertEquals } from "@std/assert";
import { frontsTest } from "../front/fronts_process.ts";
import { Serve } from "../server/serve_process.ts";
import { NotifySocket } from "../support/notify_socket.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { flagsOf, NodeProcess } from "./node_process.ts";

frontsTest("a node reports to the service manager, also while it waits for etcd", async (home) => {
  await using rig = await EtcdRig.start();
  using socket = new NotifySocket(`${home}/notify`);
  const before = `export NOTIFY_SOCKET=${socket.name} WATCHDOG_USEC=300000;`;
  const ping = async (status: string) => {
    while ((await socket.nextOf("WATCHDOG=1"))[1] !== `STATUS=${status}`);
  };
  const [node] = await Promise.all([
    NodeProcess.start(home, rig, "a", [], { before }),
    socket.nextOf("READY=1"), // a queue that is full would hold back the node
  ]);
  const alice = await node.enter("alice");
  await ping("node a, which leads; 1 online in the cluster");

  node.serve.child.kill("SIGHUP");
  await socket.nextOf("RELOADING=1");
  await socket.nextOf("READY=1");

  await rig.members[0]!.kill();
  await alice.send("JOIN #tea");
  await node.says("the cluster cannot store messages");
  for (let count = 0; count < 3; count++) await ping("node a, which leads; 1 online in the cluster");
  rig.members[0]!.start();
  await alice.until((line) => line.includes(" 366 "));

  const ended = node.serve.end();
  await socket.nextOf("STOPPING=1");
  assertEquals(await ended, 0);

  await rig.members[0]!.kill();
  const waiting = Serve.starting(`${home}/b`, flagsOf(rig, "b"), before);
  await ping("node b, which does not lead");
  assertEquals(await waiting.end(), 0);
});
