/**
 * How long the leader of a cluster is missed: from the end of its hub to the next answered line of a client, by nodes as
 * processes and a real etcd of one member. `deno task bench:takeover`
 */
import { delay } from "../../lib/base/delay.ts";
import { EtcdRig } from "../cluster/etcd_rig.ts";
import { NodeProcess, say } from "../cluster/node_process.ts";

const ROUNDS = 5;

/** Milliseconds until clients have the next line, of `nodes` of which one leads and its hub is sent `signal`. */
async function measure(home: string, rig: EtcdRig, nodes: number, signal: string): Promise<number[]> {
  const all: NodeProcess[] = [];
  for (let n = 0; n < nodes; n++) all.push(await NodeProcess.start(home, rig, `n${n}`));
  const clients = await Promise.all(all.map((node, n) => node.enter(`client${n}`)));
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await delay(1_500); // so that the lease is not just renewed, and all nodes follow
    const leaders = await Promise.all(all.map((node) => node.leads()));
    const leader = all[leaders.indexOf(true)]!;
    const from = clients[all.indexOf(leader) === 0 ? nodes - 1 : 0]!;
    await leader.signalHub(signal);
    took.push(await say(from, `round ${round}`, ...clients));
    await leader.nextHub();
  }
  for (const node of all) await node.serve.end();
  return took;
}

const home = await Deno.makeTempDir({ prefix: "chatterbox-bench-" });
try {
  for (const nodes of [1, 2]) {
    for (const signal of ["KILL", "USR2"]) {
      await using rig = await EtcdRig.start();
      const took = await measure(`${home}/${nodes}${signal}`, rig, nodes, signal);
      const list = took.map((ms) => `${Math.round(ms)} ms`).join(", ");
      console.log(`${nodes === 1 ? "1 node " : "2 nodes"}  SIG${signal}: ${list}`);
    }
  }
} finally {
  await Deno.remove(home, { recursive: true });
}
