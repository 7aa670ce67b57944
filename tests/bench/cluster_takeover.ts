/**
 * How long the leader of a cluster is missed: from the end of its hub to the next answered line of a client, by nodes as
 * processes and a real etcd of one member; and, as root, from the cut between its host and two others, each with a member
 * of etcd. `deno task bench:takeover`
 */
import { delay } from "../../lib/base/delay.ts";
import { EtcdRig } from "../cluster/etcd_rig.ts";
import { comesTrue } from "../support/guard.ts";
import { HostsRig } from "../cluster/hosts/hosts_rig.ts";
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
    const leader = await comesTrue("a leader", async () => {
      const leaders = await Promise.all(all.map((node) => node.leads().catch(() => false)));
      return all[leaders.indexOf(true)] ?? false;
    });
    const from = clients[all.indexOf(leader) === 0 ? nodes - 1 : 0]!;
    await leader.signalHub(signal);
    took.push(await say(from, `round ${round}`, ...clients));
    await leader.nextHub();
  }
  for (const node of all) await node.serve.end();
  return took;
}

/** Milliseconds until clients of the other hosts have the next line; etcd is led at the host that is cut off, or elsewhere. */
async function measureCuts(home: string, isEtcdLed: boolean): Promise<number[]> {
  await using rig = await HostsRig.start(home);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await rig.whenWhole();
    const leader = await rig.leader();
    const others = rig.others(leader);
    const clients = await Promise.all(others.map(({ node }, n) => node.enter(`client${round}${n}`)));
    await rig.moveEtcdLeader(isEtcdLed ? leader : others[0]!);
    await delay(3_500); // leases are renewed after an election
    await rig.cut(leader, others);
    took.push(await say(clients[0]!, `round ${round}`, ...clients));
    await rig.heal();
    for (const client of clients) client.close();
  }
  return took;
}

function report(what: string, took: number[]): void {
  console.log(`${what}: ${took.map((ms) => `${Math.round(ms)} ms`).join(", ")}`);
}

const home = await Deno.makeTempDir({ prefix: "chatterbox-bench-" });
try {
  for (const nodes of [1, 2]) {
    for (const signal of ["KILL", "USR2"]) {
      await using rig = await EtcdRig.start();
      const took = await measure(`${home}/${nodes}${signal}`, rig, nodes, signal);
      report(`${nodes === 1 ? "1 node " : "2 nodes"}  SIG${signal}`, took);
    }
  }
  for (const isEtcdLed of Deno.uid() === 0 ? [false, true] : []) {
    const words = isEtcdLed ? "a cut, with etcd's leader" : "a cut";
    report(words, await measureCuts(`${home}/cut${isEtcdLed}`, isEtcdLed));
  }
} finally {
  await Deno.remove(home, { recursive: true });
}
