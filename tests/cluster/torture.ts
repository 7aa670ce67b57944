/**
 * Nodes as processes and a real etcd, in which something fails again and again while clients chat, each with a message
 * that is not acknowledged at a time. Afterwards each client that stayed must have seen each acknowledged message once,
 * all in one order, and without a JOIN or QUIT. `deno task torture:cluster [ROUNDS] [NODES] [SEED] [FRONTS]`
 */
import { delay } from "../../lib/base/delay.ts";
import { kill } from "../front/fronts_process.ts";
import { Random } from "../irc/property.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { NodeProcess } from "./node_process.ts";
import { checkTalkers, Talker } from "./talkers.ts";

const [rounds = 20, nodeCount = 2, seed = Date.now() % 100_000, fronts = 1] = Deno.args.map(Number);

/** Sends the hub of a node a signal. */
async function signal(node: NodeProcess, name: string): Promise<number> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["--ppid", String(node.serve.child.pid), "-o", "pid=,args="],
  }).output();
  const line = new TextDecoder().decode(stdout).split("\n").find((each) => each.includes(" hub {"));
  if (line === undefined) return 0; // it is being started
  const pid = Number(line.trim().split(" ")[0]);
  await kill(pid, name).catch(() => {}); // it has just ended
  return pid;
}

async function failOnce(random: Random, nodes: NodeProcess[], rig: EtcdRig): Promise<string> {
  const leads = await Promise.all(nodes.map((node) => node.leads().catch(() => false)));
  const leader = nodes[leads.indexOf(true)];
  const standby = nodes.find((node) => node !== leader);
  if (leader === undefined) return "no leader yet";
  switch (random.below(6)) {
    case 0:
    case 1:
      await signal(leader, "KILL");
      return `kill -9 of the leader, ${leader.name}`;
    case 2:
      await signal(leader, "USR2");
      return `handover of ${leader.name}`;
    case 3: {
      const pid = await signal(leader, "STOP");
      await delay(random.pick([500, 2_500, 5_000]));
      if (pid !== 0) await kill(pid, "CONT").catch(() => {}); // its keeper has killed it
      return `SIGSTOP of the leader, ${leader.name}`;
    }
    case 4:
      if (standby === undefined) return "nothing";
      await signal(standby, "KILL");
      return `kill -9 of a standby, ${standby.name}`;
    default:
      rig.members[0]!.pause();
      await delay(random.pick([200, 1_500, 4_000]));
      rig.members[0]!.resume();
      return "etcd paused";
  }
}

console.log(`seed ${seed}`);
const random = new Random(seed);
const home = await Deno.makeTempDir({ prefix: "chatterbox-torture-" });
const rig = await EtcdRig.start();
const nodes: NodeProcess[] = [];
for (let n = 0; n < nodeCount; n++) {
  const node = await NodeProcess.start(home, rig, `n${n}`, ["--fronts", String(fronts)]);
  nodes.push(node);
  node.serve.until(({ level, text }) => {
    if (level === "error") console.log(`  ${node.name}: ${text}`);
    return false;
  }).catch(() => {});
}
const clients: [string, SocketClient][] = [];
for (const node of nodes) {
  for (const each of ["x", "y"]) clients.push([node.name + each, await node.enter(node.name + each)]);
}
for (const [, client] of clients) {
  await client.barrier();
  client.take();
}
const talkers = clients.map(([nick, client]) => new Talker(nick, client));
const failed = Promise.all(talkers.map(({ done }) => done)).then(() => undefined);
for (let round = 0; round < rounds; round++) {
  const what = await Promise.race([failOnce(random, nodes, rig), failed]);
  if (what === undefined) break;
  await delay(random.below(2_000));
  const [pause, count] = [
    Math.max(...talkers.map((each) => each.longestMs)),
    talkers.reduce((sum, each) => sum + each.acknowledged, 0),
  ];
  for (const talker of talkers) talker.longestMs = 0;
  console.log(`${round + 1}: ${what}; ${count} messages, longest wait ${(pause / 1000).toFixed(1)} s`);
}
await Talker.stop(talkers);
checkTalkers(talkers);
console.log("all as it should be");
for (const node of nodes) await node.serve.end();
await rig[Symbol.asyncDispose]();
await Deno.remove(home, { recursive: true });
